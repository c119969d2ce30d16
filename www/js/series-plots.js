// The plots of one series. Both draw the unit of replication heavily and single values faintly: the
// eye must not count iterations as evidence.
import { h, s } from "./dom.js";
import { t } from "./i18n.js";
import { digits, scaleOf } from "./number.js";
import { css, niceTicks } from "./plots.js";

const nth = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))];
const WARMUP = "warmup";
// Steps narrower than this many pixels become ranges.
const DOTS_FROM = 3;
const armOf = (k) => css(k === 0 ? "arm-a" : "arm-b");
const tickText = (v) => digits(v).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");

const isUsed = (side, i) => (side.columns.marks[i] & side.marks.excluding) === 0;
const isWarm = (side, i) => (side.columns.marks[i] & (1 << side.marks.names.indexOf(WARMUP))) !== 0;

// Where the units of replication of a side lie, with their means; empty when they cannot be told.
function units(side) {
  const { values, fork, block } = side.columns;
  const of = side.level === "block" ? block : side.level === "fork" ? fork : null;
  if (!of) return [];
  const found = new Map();
  for (let i = 0; i < values.length; i++) {
    if (!isUsed(side, i)) continue;
    const unit = found.get(of[i]) ?? { from: i, to: i, low: values[i], high: values[i] };
    found.set(of[i], { from: unit.from, to: i, low: Math.min(unit.low, values[i]), high: Math.max(unit.high, values[i]) });
  }
  const list = [...found].sort(([a], [b]) => a - b).map(([, unit], i) => ({ ...unit, mean: side.means[i] }));
  const sound = list.length === side.means.length && list.every((u) => u.mean >= u.low * (1 - 1e-9) && u.mean <= u.high * (1 + 1e-9));
  return sound ? list : [];
}

function cross(x, y) {
  return s("path", { d: `M${x - 2.5} ${y - 2.5}l5 5m0-5l-5 5`, stroke: css("caution"), "stroke-width": 1.5, fill: "none" });
}

function dots(side, k, x, y) {
  const colour = armOf(k);
  return s("g", {}, Array.from(side.columns.values, (value, i) => {
    const [cx, cy] = [+x(i).toFixed(1), +y(value).toFixed(1)];
    if (isWarm(side, i)) return s("circle", { cx, cy, r: 1.1, fill: colour, opacity: 0.7 });
    if (!isUsed(side, i)) return cross(cx, cy);
    return s("circle", { cx, cy, r: 2.2, fill: k === 0 ? css("bg") : colour, stroke: colour, "stroke-width": 1 });
  }));
}

// For each two pixels a line over the middle 80% and a dash at the median; marked values stay visible.
function ranges(side, k, x, y) {
  const bins = new Map();
  const marked = [];
  side.columns.values.forEach((value, i) => {
    if (isUsed(side, i)) {
      const bin = Math.round(x(i) / 2);
      if (!bins.has(bin)) bins.set(bin, []);
      bins.get(bin).push(value);
    } else if (!isWarm(side, i) && marked.length < 500) marked.push(cross(+x(i).toFixed(1), +y(value).toFixed(1)));
  });
  let lines = "", dashes = "";
  for (const [bin, list] of bins) {
    list.sort((a, b) => a - b);
    const at = bin * 2 + (k === 0 ? 0 : 0.8);
    lines += `M${at} ${y(nth(list, 0.1)).toFixed(1)}V${y(nth(list, 0.9)).toFixed(1)}`;
    dashes += `M${at - 1} ${y(nth(list, 0.5)).toFixed(1)}h2`;
  }
  const colour = armOf(k);
  return s("g", {}, s("path", { d: lines, stroke: colour, "stroke-width": 1, opacity: 0.35, fill: "none" }),
    s("path", { d: dashes, stroke: colour, "stroke-width": 1.6, opacity: 0.8, fill: "none" }), marked);
}

function bars(side, k, x, y) {
  const list = units(side);
  if (list.length < 2 || list.length > 400) return null;
  let d = "";
  for (const { from, to, mean } of list) {
    const middle = (x(from) + x(to)) / 2, half = Math.max(3, (x(to) - x(from)) / 2);
    d += `M${(middle - half).toFixed(1)} ${y(mean).toFixed(1)}H${(middle + half).toFixed(1)}`;
  }
  return s("g", {}, s("path", { d, stroke: css("bg"), "stroke-width": 5, opacity: 0.8 }), s("path", { d, stroke: armOf(k), "stroke-width": 2.6 }));
}

// Every other block is shaded, where the file has blocks.
function stripes(columns, x, top, bottom) {
  const out = [];
  let start = 0, odd = false;
  for (let i = 1; i <= columns.block.length; i++) {
    if (i < columns.block.length && columns.block[i] === columns.block[start]) continue;
    if (odd && columns.block[start] >= 0) out.push(s("rect", { x: x(start - 0.5), y: top, width: Math.max(0.5, x(i - 0.5) - x(start - 0.5)), height: bottom - top, fill: css("stripe") }));
    odd = !odd;
    start = i;
  }
  return out;
}

export function runKey(sides) {
  const icon = (...kids) => s("svg", { viewBox: "0 0 16 12", "aria-hidden": "true" }, kids);
  const bar = (k) => s("line", { x1: 0, x2: 16, y1: 6, y2: 6, stroke: armOf(k), "stroke-width": 2.5 });
  const dot = (k) => s("circle", { cx: 8, cy: 6, r: 3, fill: k === 0 ? css("bg") : armOf(1), stroke: armOf(k), "stroke-width": 1.4 });
  const any = (test) => sides.some((side) => side.columns.values.some((_, i) => test(side, i)));
  return h("div", { class: "key" }, sides.map((side, k) => h("span", {}, icon(bar(k), dot(k)), side.name)),
    sides.some((side) => units(side).length > 1) && h("span", {}, icon(bar(1)), t("plot.mean")),
    any(isWarm) && h("span", {}, icon(s("circle", { cx: 8, cy: 6, r: 1.6, fill: armOf(0) })), t("plot.warmup")),
    any((side, i) => !isUsed(side, i) && !isWarm(side, i)) && h("span", {}, icon(cross(8, 6)), t("plot.marked")));
}

// Values in the order in which they ran.
export function runOrder(row, sides, width) {
  const height = width < 560 ? 230 : 300, left = 48, right = 6, top = 8, bottom = 30;
  const total = Math.max(...sides.map((side) => side.columns.values.length));
  const used = sides.flatMap((side) => Array.from(side.columns.values).filter((_, i) => isUsed(side, i))).sort((a, b) => a - b);
  if (!used.length) return null;
  // A few wild values must not flatten the rest; they are drawn at the edge.
  const spread = nth(used, 0.98) - nth(used, 0.02) || Math.abs(used[0]) * 0.01 || 1;
  const low = Math.max(used[0], nth(used, 0.02) - spread), high = Math.min(used[used.length - 1], nth(used, 0.98) + spread);
  const pad = (high - low || Math.abs(high) || 1) * 0.05;
  const scale = scaleOf(row, nth(used, 0.5));
  const inside = (v) => top + (height - top - bottom) * (1 - (v - low + pad) / (high - low + 2 * pad));
  const y = (v) => Math.min(height - bottom, Math.max(top, inside(v)));
  const x = (i) => left + ((width - left - right) * (i + 0.5)) / total;
  const draw = (width - left - right) / total >= DOTS_FROM ? dots : ranges;
  const ticks = niceTicks(low / scale.factor, high / scale.factor, 5).filter((v) => inside(v * scale.factor) > top && inside(v * scale.factor) < height - bottom);
  return s("svg", { height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": t("plot.run_label", { sides: sides.map((side) => side.name).join(t("list.comma")), n: total }) },
    stripes(sides[0].columns, x, top, height - bottom),
    ticks.map((v) => [s("line", { x1: left, x2: width - right, y1: y(v * scale.factor), y2: y(v * scale.factor), stroke: css("line") }),
      s("text", { x: left - 6, y: y(v * scale.factor) + 4, "text-anchor": "end" }, tickText(v))]),
    sides.map((side, k) => draw(side, k, x, y)), sides.map((side, k) => bars(side, k, x, y)),
    s("text", { x: 0, y: height - 8 }, scale.unit), s("text", { x: width, y: height - 8, "text-anchor": "end" }, t("plot.order")));
}

// Histograms of the sides on one axis, with the means that tests use as ticks and the interval as bar.
export function distribution(row, sides, width) {
  const { histogram } = row;
  const present = sides.filter(({ side }) => side);
  if (!histogram || !present.length) return null;
  const part = 96, bottom = 28, height = part * sides.length + bottom, edges = histogram.edges;
  const [low, high] = [edges[0], edges[edges.length - 1]];
  const scale = scaleOf(row, present[0].side.mean.value);
  const x = (v) => (width * (Math.min(high, Math.max(low, v)) - low)) / (high - low || 1);
  const unitWidth = 12 + 8 * scale.unit.length;
  const ticks = niceTicks(low / scale.factor, high / scale.factor, width < 420 ? 3 : 6);
  const label = present.map(({ side, name }) => `${name} ${digits(side.mean.value / scale.factor)} ${scale.unit}`).join(t("list.comma"));
  return s("svg", { height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${t("plot.distribution")}: ${label}` },
    ticks.map((v) => {
      const at = x(v * scale.factor);
      return [s("line", { x1: at, x2: at, y1: 0, y2: height - bottom, stroke: css("line") }),
        at > unitWidth + 12 && at < width - 16 && s("text", { x: at, y: height - 10, "text-anchor": "middle" }, tickText(v))];
    }),
    sides.map((item, k) => item.side && oneSide(item, k, { x, base: k * part + 64, edges, width, scale, top: k * part + 13 })),
    s("text", { x: 0, y: height - 10 }, scale.unit));
}

function oneSide({ side, counts, name }, k, { x, base, edges, width, scale, top }) {
  const colour = armOf(k), most = Math.max(1, ...(counts ?? [])), i = side.mean.interval;
  const columns = (counts ?? []).map((count, n) => {
    if (!count) return null;
    const size = (count / most) * 42;
    return s("rect", { x: x(edges[n]) + 0.3, y: base - size, width: Math.max(0.5, x(edges[n + 1]) - x(edges[n]) - 0.6), height: size, fill: colour, opacity: 0.35 });
  });
  const means = side.replicate_means.slice(0, 4000).map((mean) => `M${x(mean).toFixed(1)} ${base + 6}v7`).join("");
  return s("g", {}, columns, s("line", { x1: 0, x2: width, y1: base + 0.5, y2: base + 0.5, stroke: css("line-2") }),
    s("path", { d: means, stroke: colour, "stroke-width": 1.4, opacity: 0.75 }),
    i && i.low !== null && i.high !== null && s("line", { x1: x(i.low), x2: Math.max(x(i.low) + 1, x(i.high)), y1: base + 20, y2: base + 20, stroke: colour, "stroke-width": 4 }),
    s("line", { x1: x(side.mean.value), x2: x(side.mean.value), y1: base + 15, y2: base + 25, stroke: colour, "stroke-width": 1.5 }),
    s("text", { x: width, y: top, "text-anchor": "end", style: { fill: css("ink") } }, `${name}  ${digits(side.mean.value / scale.factor)}`));
}
