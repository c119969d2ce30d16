// Values in the order in which they ran. The unit of replication is drawn heavily and single values
// faintly: the eye must not count iterations as evidence.
import { brief, h, s } from "./dom.js";
import { t } from "./i18n.js";
import { digits, scaleOf } from "./number.js";
import { css, niceTicks } from "./plots.js";

export const nth = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))];
export const armOf = (k) => css(k === 0 ? "arm-a" : "arm-b");
export const tickText = (v) => digits(v).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
const WARMUP = "warmup";
// Steps narrower than this many pixels become ranges.
const DOTS_FROM = 2.2;

export const isUsed = (side, i) => (side.columns.marks[i] & side.marks.excluding) === 0;
const isWarm = (side, i) => (side.columns.marks[i] & (1 << side.marks.names.indexOf(WARMUP))) !== 0;

// Where each value lies, in steps: `at[k][i]` of value i of side k. Rounds of lockstep lie above each
// other; processes of one file lie in the order in which they started; sides of different files lie
// one after the other, since nobody knows more.
function placesOf(sides) {
  const at = sides.map(({ columns }) => new Float64Array(columns.values.length));
  if (sides.some(({ columns }) => columns.round.some((r) => r >= 0))) {
    at.forEach((list) => list.forEach((_, i) => { list[i] = i + 0.5; }));
    return { at, total: Math.max(...at.map((list) => list.length)), processes: [] };
  }
  const processes = [];
  sides.forEach(({ columns }, k) => {
    const known = new Map();
    columns.values.forEach((_, i) => {
      const fork = columns.fork[i];
      if (!known.has(fork)) {
        known.set(fork, { k, block: columns.block[i], start: columns.start[fork], values: [] });
        processes.push(known.get(fork));
      }
      known.get(fork).values.push(i);
    });
  });
  const blocks = sides.map(({ columns }) => new Set(columns.block));
  const together = sides.length < 2 || [...blocks[0]].some((b) => b >= 0 && blocks[1].has(b));
  if (together && processes.every((p) => Number.isFinite(p.start))) processes.sort((a, b) => a.start - b.start);
  let place = 0;
  processes.forEach((process, n) => {
    const gap = n === 0 ? 0 : !together && process.k !== processes[n - 1].k ? place * 0.04 : processes.length > 60 ? 0 : 0.12 * process.values.length;
    process.from = place + gap;
    process.values.forEach((i, j) => { at[process.k][i] = process.from + j + 0.5; });
    place = process.from + process.values.length;
    process.to = place;
  });
  return { at, total: place, processes, together };
}

// The units of replication of a side with their places and means; empty when they cannot be told.
function unitsOf(side, at) {
  const { values, fork, block } = side.columns;
  const of = side.level === "block" ? block : side.level === "fork" ? fork : null;
  if (!of) return [];
  const found = new Map();
  for (let i = 0; i < values.length; i++) {
    if (!isUsed(side, i)) continue;
    const unit = found.get(of[i]) ?? { from: at[i], to: at[i], low: values[i], high: values[i] };
    found.set(of[i], { from: Math.min(unit.from, at[i]), to: Math.max(unit.to, at[i]), low: Math.min(unit.low, values[i]), high: Math.max(unit.high, values[i]) });
  }
  const list = [...found].sort(([a], [b]) => a - b).map(([, unit], i) => ({ ...unit, mean: side.means[i] }));
  const sound = list.length === side.means.length && list.every((u) => u.mean >= u.low * (1 - 1e-9) && u.mean <= u.high * (1 + 1e-9));
  return sound ? list : [];
}

const cross = (x, y) => s("path", { d: `M${x - 2.5} ${y - 2.5}l5 5m0-5l-5 5`, stroke: css("caution"), "stroke-width": 1.5, fill: "none" });

function dots(side, k, x, y) {
  const colour = armOf(k);
  return s("g", {}, Array.from(side.columns.values, (value, i) => {
    const [cx, cy] = [+x(k, i).toFixed(1), +y(value).toFixed(1)];
    if (isWarm(side, i)) return s("circle", { cx, cy, r: 1.1, fill: colour, opacity: 0.7 });
    if (!isUsed(side, i)) return cross(cx, cy);
    return s("circle", { cx, cy, r: side.columns.values.length < 60 ? 2.8 : 2.1, fill: k === 0 ? css("bg") : colour, stroke: colour, "stroke-width": 1 });
  }));
}

// For each two pixels a line over the middle 80% and a dash at the median; marked values stay visible.
function ranges(side, k, x, y) {
  const bins = new Map(), marked = [];
  side.columns.values.forEach((value, i) => {
    if (isUsed(side, i)) {
      const bin = Math.round(x(k, i) / 2);
      if (!bins.has(bin)) bins.set(bin, []);
      bins.get(bin).push(value);
    } else if (!isWarm(side, i) && marked.length < 500) marked.push(cross(+x(k, i).toFixed(1), +y(value).toFixed(1)));
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

function bars(side, k, at, px, y) {
  const list = unitsOf(side, at);
  if (list.length < 2 || list.length > 400) return null;
  let d = "";
  for (const { from, to, mean } of list) {
    const middle = (px(from) + px(to)) / 2, half = Math.max(3, (px(to) - px(from)) / 2);
    d += `M${(middle - half).toFixed(1)} ${y(mean).toFixed(1)}H${(middle + half).toFixed(1)}`;
  }
  return s("g", {}, s("path", { d, stroke: css("bg"), "stroke-width": 5, opacity: 0.8 }), s("path", { d, stroke: armOf(k), "stroke-width": 2.6 }));
}

// The blocks with the places that they span, in order.
function blocksOf(sides, at) {
  const spans = new Map();
  sides.forEach(({ columns }, k) => columns.block.forEach((block, i) => {
    if (block < 0) return;
    const span = spans.get(block) ?? { from: at[k][i], to: at[k][i] };
    spans.set(block, { from: Math.min(span.from, at[k][i] - 0.5), to: Math.max(span.to, at[k][i] + 0.5) });
  }));
  return [...spans.values()].sort((a, b) => a.from - b.from);
}

export function runKey(sides, names) {
  const icon = (...kids) => s("svg", { viewBox: "0 0 16 12", "aria-hidden": "true" }, kids);
  const dot = (k) => s("circle", { cx: 8, cy: 6, r: 3, fill: k === 0 ? css("bg") : armOf(1), stroke: armOf(k), "stroke-width": 1.4 });
  const any = (test) => sides.some((side) => side.columns.values.some((_, i) => test(side, i)));
  const { at } = placesOf(sides);
  return h("div", { class: "key" }, sides.map((side, k) => h("span", {}, icon(s("line", { x1: 0, x2: 16, y1: 6, y2: 6, stroke: armOf(k), "stroke-width": 2.5 }), dot(k)), names[k])),
    sides.some((side, k) => unitsOf(side, at[k]).length > 1) && h("span", {}, icon(s("line", { x1: 0, x2: 16, y1: 6, y2: 6, stroke: armOf(1), "stroke-width": 2.5 })), t("plot.mean")),
    any(isWarm) && h("span", {}, icon(s("circle", { cx: 8, cy: 6, r: 1.6, fill: armOf(0) })), t("plot.warmup")),
    any((side, i) => !isUsed(side, i) && !isWarm(side, i)) && h("span", {}, icon(cross(8, 6)), t("plot.marked")));
}

// Who ran where, under the plot: letters under processes, numbers under blocks, or names of sides.
function underline({ processes, together }, blocks, names, px, width, height) {
  const text = (x, row, kid, style) => s("text", { x, y: height - 22 + row * 15, "text-anchor": "middle", style }, kid);
  const letters = names.length > 1 && processes.length > 1 && px(processes[0].to) - px(processes[0].from) >= 11;
  const out = [];
  if (letters && together) out.push(...processes.map((p) => text((px(p.from) + px(p.to)) / 2, 0, t(p.k ? "plot.c" : "plot.b"), { fill: p.k ? css("ink") : css("ink-2") })));
  if (blocks.length > 1 && px(blocks[0].to) - px(blocks[0].from) >= 16) out.push(...blocks.map((b, i) => text((px(b.from) + px(b.to)) / 2, 1, String(i + 1))));
  if (!together && names.length > 1 && processes.length) {
    names.forEach((name, k) => {
      const own = processes.filter((p) => p.k === k);
      if (own.length) out.push(text((px(own[0].from) + px(own[own.length - 1].to)) / 2, 0, brief(name, Math.max(9, Math.floor(width / 16)))));
    });
  }
  return out;
}

export function runPlot(row, sides, names, width) {
  const height = width < 560 ? 250 : 320, left = 48, right = 6, top = 8, bottom = 42;
  const used = sides.flatMap((side) => Array.from(side.columns.values).filter((_, i) => isUsed(side, i))).sort((a, b) => a - b);
  if (!used.length) return null;
  // A few wild values must not flatten the rest; they are drawn at the edge.
  const spread = nth(used, 0.98) - nth(used, 0.02) || Math.abs(used[0]) * 0.01 || 1;
  const low = Math.max(used[0], nth(used, 0.02) - spread), high = Math.min(used[used.length - 1], nth(used, 0.98) + spread);
  const pad = (high - low || Math.abs(high) || 1) * 0.05;
  const scale = scaleOf(row, nth(used, 0.02));
  const inside = (v) => top + (height - top - bottom) * (1 - (v - low + pad) / (high - low + 2 * pad));
  const y = (v) => Math.min(height - bottom, Math.max(top, inside(v)));
  const places = placesOf(sides), { at, total } = places;
  const px = (place) => left + ((width - left - right) * place) / Math.max(1, total);
  const x = (k, i) => px(at[k][i]);
  const draw = (width - left - right) / total >= DOTS_FROM ? dots : ranges;
  const blocks = blocksOf(sides, at);
  const ticks = niceTicks((low - pad) / scale.factor, (high + pad) / scale.factor, 5).map((v) => v * scale.factor).filter((v) => inside(v) > top && inside(v) < height - bottom);
  return s("svg", { height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": t("plot.run_label", { sides: names.join(t("list.comma")), n: Math.max(...sides.map((side) => side.columns.values.length)) }) },
    blocks.filter((_, i) => i % 2 === 0 && blocks.length > 1).map((b) => s("rect", { x: px(b.from), y: top, width: Math.max(0.5, px(b.to) - px(b.from)), height: height - bottom - top, fill: css("stripe") })),
    ticks.map((v) => [s("line", { x1: left, x2: width - right, y1: y(v), y2: y(v), stroke: css("line") }), s("text", { x: left - 6, y: y(v) + 4, "text-anchor": "end" }, tickText(v / scale.factor))]),
    sides.map((side, k) => draw(side, k, x, y)), sides.map((side, k) => bars(side, k, at[k], px, y)),
    underline(places, blocks, names, px, width, height),
    s("text", { x: 0, y: height - 22 }, scale.unit), blocks.length > 1 ? s("text", { x: 0, y: height - 7 }, t("plot.block")) : s("text", { x: width, y: height - 7, "text-anchor": "end" }, t("plot.order")));
}
