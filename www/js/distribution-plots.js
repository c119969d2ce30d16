// How values are distributed: histograms with the means that tests use, and cumulative steps. No
// density curve: it invents shape.
import { brief, s } from "./dom.js";
import { t } from "./i18n.js";
import { grouped } from "./number.js";
import { css, niceTicks } from "./plots.js";
import { armOf, isUsed, nth, tickText } from "./run-plot.js";

const HEIGHT = 264, BOTTOM = 30;

// Grid and numbers of the horizontal axis; those that would meet the unit or the edge are left out.
function axis(low, high, x, scale, width, top, left) {
  const from = Math.max(left, 14 + 7.5 * scale.unit.length);
  return niceTicks(low / scale.factor, high / scale.factor, width < 420 ? 3 : 6).map((v) => {
    const at = x(v * scale.factor);
    if (at < left - 0.5 || at > width + 0.5) return null;
    return [s("line", { x1: at, x2: at, y1: top, y2: HEIGHT - BOTTOM, stroke: css("line") }),
      at > from + 12 && at < width - 18 && s("text", { x: at, y: HEIGHT - 10, "text-anchor": "middle" }, tickText(v))];
  });
}

// Histograms on one axis. `sides`: [{ side, counts, name }], at most two.
export function histogramPlot(row, sides, scale, width) {
  const { histogram } = row;
  if (!histogram || !sides.some(({ side }) => side)) return null;
  const edges = histogram.edges, part = (HEIGHT - BOTTOM) / sides.length;
  const [low, high] = [edges[0], edges[edges.length - 1]];
  const x = (v) => (width * (Math.min(high, Math.max(low, v)) - low)) / (high - low || 1);
  const label = sides.map(({ side, name }) => `${name} ${scale.value(side?.mean.value)}`).join(t("list.comma"));
  return s("svg", { height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": `${t("plot.distribution")}: ${label}` },
    axis(low, high, x, scale, width, 0, 0),
    sides.map((item, k) => item.side && oneSide(item, k, { x, base: (k + 1) * part - 34, size: Math.min(96, part - 58), edges, width, scale, top: k * part + 13 })),
    s("text", { x: 0, y: HEIGHT - 10 }, scale.unit));
}

function oneSide({ side, counts, name }, k, { x, base, size, edges, width, scale, top }) {
  const colour = armOf(k), most = Math.max(1, ...(counts ?? [])), i = side.mean.interval;
  const columns = (counts ?? []).map((count, n) => {
    if (!count) return null;
    const tall = Math.max(1, (count / most) * size);
    return s("rect", { x: x(edges[n]) + 0.5, y: base - tall, width: Math.max(0.5, x(edges[n + 1]) - x(edges[n]) - 1), height: tall, fill: colour, opacity: k === 0 ? 0.4 : 0.32 });
  });
  const dot = (mean) => s("circle", { cx: +x(mean).toFixed(1), cy: base + 11, r: 3, fill: k === 0 ? css("bg") : colour, stroke: colour, "stroke-width": 1.2 });
  const means = side.level === "single" ? [] : side.replicate_means;
  const bounded = i && i.low !== null && i.high !== null;
  const half = bounded ? ` ± ${scale.value((i.high - i.low) / 2)}` : "";
  return s("g", {}, columns, s("line", { x1: 0, x2: width, y1: base + 0.5, y2: base + 0.5, stroke: css("line-2") }),
    means.length <= 400 ? means.map(dot) : s("path", { d: means.slice(0, 4000).map((m) => `M${x(m).toFixed(1)} ${base + 7}v8`).join(""), stroke: colour, opacity: 0.5 }),
    bounded && s("line", { x1: x(i.low), x2: Math.max(x(i.low) + 1, x(i.high)), y1: base + 24, y2: base + 24, stroke: colour, "stroke-width": 4 }),
    s("line", { x1: x(side.mean.value), x2: x(side.mean.value), y1: base + 19, y2: base + 29, stroke: colour, "stroke-width": 2 }),
    s("text", { x: width, y: top, "text-anchor": "end", style: { fill: css("ink") } }, `${brief(name, Math.max(8, Math.floor(width / 14)))} ${scale.value(side.mean.value)}${half}`));
}

// The largest quantile of all sides that has an upper bound, and what the next one needs.
function lastEstimable(summaries) {
  let last = 1, needs = null;
  for (const { quantiles } of summaries) {
    const missing = quantiles.find((q) => q.estimable !== "two_sided");
    if (!missing) continue;
    const before = quantiles.filter((q) => q.p < missing.p).pop();
    if (before && before.p < last) [last, needs] = [before.p, missing];
  }
  return { last, needs };
}

// Cumulative steps of used values. Where no quantile can be bounded any more, the plot is shaded.
export function cumulativePlot(row, sides, summaries, names, scale, width) {
  const left = 34, top = 22;
  const lists = sides.map((side) => Float64Array.from(side.columns.values.filter((_, i) => isUsed(side, i))).sort());
  const all = Float64Array.from(lists.flatMap((list) => [...list])).sort();
  if (all.length < 2) return null;
  const spread = nth(all, 0.99) - nth(all, 0.01) || Math.abs(all[0]) * 0.01 || 1;
  const low = Math.max(all[0], nth(all, 0.01) - 0.3 * spread), high = Math.min(all[all.length - 1], nth(all, 0.99) + 0.3 * spread);
  const x = (v) => left + ((width - left) * (Math.min(high, Math.max(low, v)) - low)) / (high - low || 1);
  const y = (p) => top + (HEIGHT - BOTTOM - top) * (1 - p);
  const { last, needs } = lastEstimable(summaries);
  const steps = (list) => {
    let d = `M${left} ${y(0)}`, drawn = -1;
    list.forEach((v, i) => {
      const at = x(v);
      // Steps of less than half a pixel are one.
      if (i < list.length - 1 && at - drawn < 0.5 && i % Math.ceil(list.length / 400)) return;
      drawn = at;
      d += `H${at.toFixed(1)}V${y((i + 1) / list.length).toFixed(1)}`;
    });
    return `${d}H${width}`;
  };
  const middles = lists.map((list) => x(nth(list, 0.5)));
  const tag = (k) => {
    const onLeft = lists.length > 1 ? middles[k] <= middles[1 - k] === (k === 0 || middles[0] !== middles[1]) : middles[k] > width / 2;
    const short = brief(names[k], 16), room = onLeft ? middles[k] - left : width - middles[k];
    return room > 8 * short.length && s("text", { x: middles[k] + (onLeft ? -10 : 10), y: y(onLeft ? 0.62 : 0.4), "text-anchor": onLeft ? "end" : "start", style: { fill: css(k ? "ink" : "ink-2") } }, short);
  };
  return s("svg", { height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": t("plot.cumulative", { sides: names.join(t("list.comma")) }) },
    axis(low, high, x, scale, width, top, left),
    [0, 0.25, 0.5, 0.75, 0.9].map((p) => [s("line", { x1: left, x2: width, y1: y(p), y2: y(p), stroke: css("line") }), s("text", { x: left - 6, y: y(p) + 4, "text-anchor": "end" }, p ? `p${p * 100}` : "0")]),
    needs && s("rect", { x: left, y: y(1), width: width - left, height: y(last) - y(1), fill: css("caution"), opacity: 0.22 }),
    needs && s("text", { x: width, y: 12, "text-anchor": "end", style: { fill: css("caution") } }, t("plot.needs", { quantile: `p${+(needs.p * 100).toPrecision(6)}`, n: grouped(needs.needed) })),
    lists.map((list, k) => list.length > 0 && s("path", { d: steps(list), fill: "none", stroke: armOf(k), "stroke-width": k === 0 ? 1.5 : 2 })),
    lists.map((list, k) => list.length > 0 && tag(k)),
    s("text", { x: 0, y: HEIGHT - 10 }, scale.unit));
}
