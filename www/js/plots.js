// Plots as SVG at the real pixel width, so that text never scales. Pixels only: every number comes
// from the report or from the columns behind it.
import { s, shape } from "./dom.js";
import { t } from "./i18n.js";
import { change, digits, margin, placesFor, scaleOf } from "./number.js";

const css = (name) => `var(--${name})`;

// +1 where a larger value is worse; forest plots have worse on the right whatever the metric.
export const direction = (row) => (row.better === "higher" ? -1 : 1);

export const hueOf = (verdict) =>
  /worse|regressed/.test(verdict) ? "worse" : /better|improved/.test(verdict) ? "better" : "ink-2";

// The change of a comparison as text: value, interval, and the places that both have.
export function changeText(comparison) {
  const d = comparison.difference;
  if (!d || d.ratio === null) return { value: "–", interval: "" };
  const i = d.ratio_interval;
  if (!i || i.low === null || i.high === null) return { value: change(d.ratio, 1), interval: "" };
  const places = placesFor((i.high - i.low) * 50);
  const same = i.low === i.high;
  return { value: change(d.ratio, places), interval: same ? "" : `[${change(i.low, places)}, ${change(i.high, places)}]` };
}

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
  const step = far > 100 ? 100 : far > 50 ? 50 : far > 20 ? 20 : far > 10 ? 10 : far > 5 ? 5 : far > 2 ? 2 : far > 1 ? 1 : 0.5;
  const ticks = [-step, 0, step].filter((p) => Math.abs(Math.log1p(p / 100)) < scale.limit);
  const label = (p) => (p === 0 ? "0" : `${p < 0 ? "\u2212" : "+"}${Math.abs(p)}%`);
  return s("svg", { height: 34, role: "img", "aria-label": t("plot.forest_axis") },
    s("text", { class: "ax", x: 0, y: 10 }, `\u2190 ${t("plot.better")}`),
    s("text", { class: "ax", x: "100%", y: 10, "text-anchor": "end" }, `${t("plot.worse")} \u2192`),
    ticks.map((p) => s("text", { class: "ax", x: `${scale.x(Math.log1p(p / 100))}%`, y: 28, "text-anchor": "middle" }, label(p))));
}

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
      s("text", { class: "ax", x: -20 * side, y: 4, "text-anchor": side < 0 ? "start" : "end" }, text.value)));
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
  picture.append(at(point, decided
    ? s("circle", { r: 3.5, fill: hue })
    : s("circle", { r: 3, fill: css("bg"), stroke: hue, "stroke-width": 1.5 })));
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
  if (!d || !i || !(i.low > 0) || !(i.high > 0)) return null;
  const sign = direction(row);
  const logs = [sign * Math.log(i.low), sign * Math.log(i.high)].sort((a, b) => a - b);
  const edge = Math.log1p(marginRatio);
  const low = Math.min(logs[0], -edge * 1.6), high = Math.max(logs[1], edge * 1.6);
  const span = high - low;
  const x = (log) => 14 + ((width - 28) * (log - low + span * 0.06)) / (span * 1.12);
  const hue = css(hueOf(comparison.verdict));
  const text = changeText(comparison);
  const ticks = niceTicks((Math.exp(low) - 1) * 100, (Math.exp(high) - 1) * 100, width < 500 ? 4 : 8);
  const label = (p) => (p === 0 ? "0" : `${sign * p < 0 ? "\u2212" : "+"}${+Math.abs(p).toPrecision(3)}%`);
  const mid = x(sign * Math.log(d.ratio));
  return s("svg", { height: 78, viewBox: `0 0 ${width} 78`, role: "img", "aria-label": t("plot.big", { value: text.value, interval: text.interval, margin: margin(marginRatio) }) },
    s("rect", { x: x(-edge), y: 16, width: x(edge) - x(-edge), height: 40, fill: css("band") }),
    s("line", { x1: x(0), x2: x(0), y1: 16, y2: 56, stroke: css("line-2") }),
    s("text", { class: "ax", x: x(0), y: 10, "text-anchor": "middle" }, `${t("plot.margin")} ${margin(marginRatio)}`),
    s("line", { x1: 14, x2: width - 14, y1: 56.5, y2: 56.5, stroke: css("line-2") }),
    ticks.map((p) => [
      s("line", { x1: x(Math.log1p(p / 100)), x2: x(Math.log1p(p / 100)), y1: 57, y2: 61, stroke: css("line-2") }),
      s("text", { class: "ax", x: x(Math.log1p(p / 100)), y: 74, "text-anchor": "middle" }, label(p)),
    ]),
    s("line", { x1: x(logs[0]), x2: x(logs[1]), y1: 36, y2: 36, stroke: hue, "stroke-width": 3 }),
    logs.map((l) => s("line", { x1: x(l), x2: x(l), y1: 30, y2: 42, stroke: hue, "stroke-width": 1.5 })),
    s("g", { transform: `translate(${mid - 8} 28) scale(1.35)`, style: { color: hue } }, shape(comparison.verdict)));
}

const quantile = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))];

// Values in the order in which they ran. More than fit become a range per pixel column.
export function runOrder(row, sides, width) {
  const height = width < 560 ? 230 : 300, left = 56, right = 6, top = 8, bottom = 30;
  const total = Math.max(...sides.map((side) => side.columns.values.length));
  const used = sides.flatMap((side) => Array.from(side.columns.values).filter((_, i) => (side.columns.marks[i] & side.excluding) === 0)).sort((a, b) => a - b);
  if (!used.length || !total) return null;
  // A few wild values must not flatten the rest; they are drawn at the edge, as triangles.
  const spread = quantile(used, 0.98) - quantile(used, 0.02) || used[0] * 0.01 || 1;
  const low = Math.max(used[0], quantile(used, 0.02) - spread), high = Math.min(used[used.length - 1], quantile(used, 0.98) + spread);
  const pad = (high - low || Math.abs(high) || 1) * 0.05;
  const scale = scaleOf(row, quantile(used, 0.5));
  const y = (v) => top + (height - top - bottom) * (1 - (v - low + pad) / (high - low + 2 * pad));
  const x = (i) => left + ((width - left - right) * (i + 0.5)) / total;
  const clampY = (v) => Math.min(height - bottom, Math.max(top, y(v)));
  const picture = s("svg", { height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": t("plot.run") });
  stripes(picture, sides[0].columns, total, x, top, height - bottom);
  for (const v of niceTicks(low / scale.factor, high / scale.factor, 5)) {
    const at = y(v * scale.factor);
    if (at < top - 1 || at > height - bottom + 1) continue;
    picture.append(s("line", { x1: left, x2: width - right, y1: at, y2: at, stroke: css("line") }),
      s("text", { x: left - 6, y: at + 4, "text-anchor": "end" }, digits(v)));
  }
  sides.forEach((side, k) => picture.append(points(side, k, x, clampY, (width - left - right) / total)));
  picture.append(s("text", { x: 0, y: height - 8 }, scale.unit), s("text", { x: width, y: height - 8, "text-anchor": "end" }, t("plot.order")));
  return picture;
}

// Every other block is shaded, as far as there are few enough to be seen.
function stripes(picture, columns, total, x, top, bottom) {
  const starts = [];
  for (let i = 0; i < columns.block.length; i++) {
    if (columns.block[i] >= 0 && columns.block[i] !== columns.block[i - 1]) starts.push(i);
  }
  if (starts.length > 120) return;
  starts.forEach((start, k) => {
    if (k % 2) return;
    const end = starts[k + 1] ?? columns.block.length;
    picture.append(s("rect", { x: x(start - 0.5), y: top, width: Math.max(0, x(end - 0.5) - x(start - 0.5)), height: bottom - top, fill: css("stripe") }));
  });
}

function points(side, k, x, y, step) {
  const { values, marks } = side.columns;
  const colour = css(k === 0 ? "arm-a" : "arm-b");
  const group = s("g", {});
  if (step >= 3) {
    for (let i = 0; i < values.length; i++) {
      const out = (marks[i] & side.excluding) !== 0;
      const at = { cx: x(i).toFixed(1), cy: y(values[i]).toFixed(1) };
      if (out) group.append(s("path", { d: `M${at.cx - 2.5} ${at.cy - 2.5}l5 5m0-5l-5 5`, stroke: css("caution"), "stroke-width": 1.2, fill: "none" }));
      else group.append(s("circle", { ...at, r: 2.3, fill: k === 0 ? css("bg") : colour, stroke: colour, "stroke-width": 1.1 }));
    }
    return group;
  }
  // A line from the smallest to the largest and a dot at the median, for each two pixels.
  const bins = new Map();
  for (let i = 0; i < values.length; i++) {
    if ((marks[i] & side.excluding) !== 0) continue;
    const bin = Math.round(x(i) / 2);
    if (!bins.has(bin)) bins.set(bin, []);
    bins.get(bin).push(values[i]);
  }
  let lines = "", dots = "";
  for (const [bin, list] of bins) {
    list.sort((a, b) => a - b);
    const at = bin * 2 + (k === 0 ? 0 : 0.8);
    lines += `M${at} ${y(quantile(list, 0.1)).toFixed(1)}V${y(quantile(list, 0.9)).toFixed(1)}`;
    dots += `M${at - 1} ${y(quantile(list, 0.5)).toFixed(1)}h2`;
  }
  group.append(s("path", { d: lines, stroke: colour, "stroke-width": 1, opacity: 0.4, fill: "none" }),
    s("path", { d: dots, stroke: colour, "stroke-width": 2.4, fill: "none" }));
  return group;
}

// Histograms of all sides on one axis, with the means that tests use as dots and the interval as bar.
export function distribution(row, sides, names, width) {
  const { histogram } = row;
  if (!histogram) return null;
  const part = 92, bottom = 28, height = part * sides.length + bottom;
  const [low, high] = [histogram.edges[0], histogram.edges[histogram.edges.length - 1]];
  const middle = sides.find(Boolean)?.mean.value ?? low;
  const scale = scaleOf(row, middle);
  const x = (v) => (width * (Math.min(high, Math.max(low, v)) - low)) / (high - low || 1);
  const picture = s("svg", { height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": t("plot.distribution") });
  for (const v of niceTicks(low / scale.factor, high / scale.factor, width < 420 ? 3 : 6)) {
    const at = x(v * scale.factor);
    picture.append(s("line", { x1: at, x2: at, y1: 0, y2: height - bottom, stroke: css("line") }));
    if (at > 60 && at < width - 24) picture.append(s("text", { x: at, y: height - 10, "text-anchor": "middle" }, digits(v)));
  }
  sides.forEach((side, k) => {
    if (!side) return;
    const counts = histogram.counts[k] ?? [];
    const top = Math.max(1, ...counts), base = k * part + 60;
    const colour = css(k === 0 ? "arm-a" : "arm-b");
    counts.forEach((count, i) => {
      if (!count) return;
      const [from, to] = [x(histogram.edges[i]), x(histogram.edges[i + 1])];
      const size = (count / top) * 40;
      picture.append(s("rect", { x: from + 0.3, y: base - size, width: Math.max(0.5, to - from - 0.6), height: size, fill: colour, opacity: 0.35 }));
    });
    picture.append(s("line", { x1: 0, x2: width, y1: base + 0.5, y2: base + 0.5, stroke: css("line-2") }));
    let dots = "";
    for (const mean of side.replicate_means.slice(0, 4000)) dots += `M${x(mean).toFixed(1)} ${base + 6}v7`;
    picture.append(s("path", { d: dots, stroke: colour, "stroke-width": 1.4, opacity: 0.7 }));
    const interval = side.mean.interval;
    if (interval && interval.low !== null && interval.high !== null) {
      picture.append(s("line", { x1: x(interval.low), x2: Math.max(x(interval.low) + 1, x(interval.high)), y1: base + 20, y2: base + 20, stroke: colour, "stroke-width": 4 }));
    }
    picture.append(s("line", { x1: x(side.mean.value), x2: x(side.mean.value), y1: base + 15, y2: base + 25, stroke: colour, "stroke-width": 1.5 }));
    picture.append(s("text", { x: width, y: k * part + 13, "text-anchor": "end", style: { fill: css("ink") } }, `${names[k]} ${digits(side.mean.value / scale.factor)}`));
  });
  picture.append(s("text", { x: 0, y: height - 10 }, scale.unit));
  return picture;
}
