// Plots as SVG at the real pixel width, so that text never scales. Pixels only: every number comes
// from the report or from the columns behind it.
import { s, shape } from "./dom.js";
import { t } from "./i18n.js";
import { changeText, margin } from "./number.js";

export const css = (name) => `var(--${name})`;

// +1 where a larger value is worse; forest plots have worse on the right whatever the metric.
export const direction = (row) => (row.better === "higher" ? -1 : 1);

export const hueOf = (verdict) =>
  /worse|regressed/.test(verdict) ? "worse" : /better|improved/.test(verdict) ? "better" : "ink-2";

// The range that all rows of a table share: the 90th percentile of interval ends, at least 4 margins.
export function forestScale(items, marginRatio) {
  const ends = items
    .flatMap(({ comparison }) => {
      const i = comparison.difference?.ratio_interval;
      return i && i.low > 0 && i.high > 0 ? [Math.max(Math.abs(Math.log(i.low)), Math.abs(Math.log(i.high)))] : [];
    })
    .sort((a, b) => a - b);
  const wide = ends.length ? ends[Math.floor((ends.length - 1) * 0.9)] : 0;
  const limit = Math.max(wide * 1.15, 4 * Math.log1p(marginRatio));
  return { limit, x: (log) => 50 + (50 * log) / limit };
}

const bandOf = (scale, marginRatio) => {
  const left = Math.max(0, scale.x(-Math.log1p(marginRatio)));
  return [
    s("rect", { x: `${left}%`, y: 0, width: `${100 - 2 * left}%`, height: "100%", fill: css("band") }),
    s("line", { x1: "50%", x2: "50%", y1: 0, y2: "100%", stroke: css("line-2") }),
  ];
};

export function forestAxis(scale) {
  const percentOf = (log) => (Math.exp(log) - 1) * 100;
  const far = percentOf(scale.limit * 0.8);
  const step = [500, 200, 100, 50, 20, 10, 5, 2, 1, 0.5, 0.2].find((s) => s <= far) ?? 0.1;
  // Half-way ticks only where there is room; −100% and below has no logarithm.
  const ticks = [-step, -step / 2, 0, step / 2, step].filter((p) => p > -100 && Math.abs(Math.log1p(p / 100)) < scale.limit);
  const label = (p) => (p === 0 ? "0" : `${p < 0 ? "\u2212" : "+"}${Math.abs(p)}${Math.abs(p) === step ? "%" : ""}`);
  return s("svg", { height: 34, role: "img", "aria-label": t("plot.forest_axis") },
    s("text", { class: "ax", x: 0, y: 10 }, `\u2190 ${t("plot.better")}`),
    s("text", { class: "ax", x: "100%", y: 10, "text-anchor": "end" }, `${t("plot.worse")} \u2192`),
    ticks.map((p) => s("text", { class: `ax${Math.abs(p) === step / 2 ? " t5" : ""}`, x: `${scale.x(Math.log1p(p / 100))}%`, y: 28, "text-anchor": "middle" }, label(p))));
}

// The point of an estimate: the shape of its verdict, a plain bar where nothing is decided.
const pointMark = (verdict, hue, size = 1) => (hueOf(verdict) === "ink-2"
  ? s("rect", { x: -1.5 * size, y: -5 * size, width: 3 * size, height: 10 * size, fill: hue })
  : s("g", { transform: `scale(${size}) translate(-6 -6.5)`, style: { color: hue } }, shape(verdict)));

export function forestRow(row, comparison, scale, marginRatio) {
  const d = comparison.difference;
  const text = changeText(comparison);
  const picture = s("svg", { class: "fr", role: "img", "aria-label": `${text.value} ${text.interval}` }, bandOf(scale, marginRatio));
  if (!d || d.ratio === null || !(d.ratio > 0)) return picture;
  const sign = direction(row);
  const hue = css(hueOf(comparison.verdict));
  const decided = comparison.verdict === "regressed" || comparison.verdict === "improved";
  const at = (x, ...kids) => s("svg", { x: `${x}%`, y: "50%", overflow: "visible" }, kids);
  const point = scale.x(sign * Math.log(d.ratio));
  if (point < 0 || point > 100) {
    const side = point < 0 ? -1 : 1;
    picture.append(at(side < 0 ? 0 : 100,
      s("path", { d: `M${-14 * side} -6 ${-2 * side} 0 ${-14 * side} 6z`, fill: hue }),
      s("text", { class: "ax", x: -20 * side, y: 4, "text-anchor": side < 0 ? "start" : "end", style: { fill: hue } }, text.value)));
    return picture;
  }
  const i = d.ratio_interval;
  if (i && i.low > 0 && i.high > 0) {
    const ends = [scale.x(sign * Math.log(i.low)), scale.x(sign * Math.log(i.high))].sort((a, b) => a - b);
    const [low, high] = [Math.max(0, ends[0]), Math.min(100, ends[1])];
    picture.append(s("line", { x1: `${low}%`, x2: `${high}%`, y1: "50%", y2: "50%", stroke: hue, "stroke-width": decided ? 2.25 : 1.5 }));
    for (const [x, end] of [[low, ends[0]], [high, ends[1]]]) {
      if (x === end) picture.append(at(x, s("path", { d: "M0-3V3", stroke: hue, "stroke-width": 1.5 })));
    }
  }
  picture.append(at(point, pointMark(comparison.verdict, hue)));
  return picture;
}

// Round steps between two values.
export function niceTicks(low, high, count) {
  const raw = (high - low) / Math.max(1, count);
  if (!(raw > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((k) => k * power).find((k) => k >= raw * 0.999);
  const out = [];
  for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-9; v += step) out.push(+v.toPrecision(12));
  return out;
}

// One large interval against the margin.
export function bigInterval(row, comparison, marginRatio, width) {
  const d = comparison.difference;
  const i = d?.ratio_interval;
  const text = changeText(comparison);
  if (!d || !i || !text.ends.length || !(i.low > 0) || !(i.high > 0)) return null;
  const sign = direction(row);
  const logs = [sign * Math.log(i.low), sign * Math.log(i.high)].sort((a, b) => a - b);
  const edge = Math.log1p(marginRatio);
  const low = Math.min(logs[0], -edge * 1.6), high = Math.max(logs[1], edge * 1.6);
  const span = high - low;
  const x = (log) => 14 + ((width - 28) * (log - low + span * 0.06)) / (span * 1.12);
  const hue = css(hueOf(comparison.verdict));
  // Ticks are changes as they are read; on a logarithmic scale they crowd at the far end.
  const bounds = [Math.expm1(sign * low) * 100, Math.expm1(sign * high) * 100].sort((a, b) => a - b);
  const placed = [];
  for (const p of niceTicks(...bounds, width < 500 ? 4 : 8)) {
    const at = p > -100 ? x(sign * Math.log1p(p / 100)) : -1;
    if (at > 8 && at < width - 8 && placed.every((other) => Math.abs(other.at - at) > 40)) placed.push({ p, at });
  }
  const label = (p) => (p === 0 ? "0" : `${p < 0 ? "\u2212" : "+"}${+Math.abs(p).toPrecision(3)}%`);
  const mid = x(sign * Math.log(d.ratio));
  // The numbers at the ends of a short interval would run into each other.
  const near = x(logs[1]) - x(logs[0]) < 56;
  const ends = sign > 0 ? text.ends : [...text.ends].reverse();
  return s("svg", { height: 78, viewBox: `0 0 ${width} 78`, role: "img", "aria-label": t("plot.big", { value: text.value, interval: text.interval, margin: margin(marginRatio) }) },
    s("rect", { x: x(-edge), y: 16, width: x(edge) - x(-edge), height: 40, fill: css("band") }),
    s("line", { x1: x(0), x2: x(0), y1: 16, y2: 56, stroke: css("line-2") }),
    s("text", { class: "ax", x: x(0), y: 10, "text-anchor": "middle" }, `${t("plot.margin")} ${margin(marginRatio)}`),
    s("line", { x1: 14, x2: width - 14, y1: 56.5, y2: 56.5, stroke: css("line-2") }),
    placed.map(({ p, at }) => [
      s("line", { x1: at, x2: at, y1: 57, y2: 61, stroke: css("line-2") }),
      s("text", { class: "ax", x: at, y: 74, "text-anchor": "middle" }, label(p)),
    ]),
    s("line", { x1: x(logs[0]), x2: x(logs[1]), y1: 36, y2: 36, stroke: hue, "stroke-width": 3 }),
    logs.map((l) => s("line", { x1: x(l), x2: x(l), y1: 30, y2: 42, stroke: hue, "stroke-width": 1.5 })),
    logs.map((l, k) => s("text", { class: "ax", x: x(l) + (near ? (k ? 4 : -4) : 0), y: 25, "text-anchor": near ? (k ? "start" : "end") : "middle", style: { fill: hue } }, ends[k])),
    s("g", { transform: `translate(${mid} 36)` }, pointMark(comparison.verdict, hue, 1.35)));
}
