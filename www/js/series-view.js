// One series: the sentence, the interval, the order in which it ran, the distribution, the numbers.
import { h, s } from "./dom.js";
import { t } from "./i18n.js";
import { digits, margin, pValue, percent, scaleOf, withUnit } from "./number.js";
import { bigInterval, changeText, distribution, runOrder } from "./plots.js";
import { findingsList } from "./findings-view.js";
import { verdictCell } from "./report-view.js";

// Draws into a figure at its present width, and again when that changes.
function figure(draw) {
  const element = h("figure", { class: "fig" });
  let width = 0;
  const render = () => {
    const now = Math.floor(element.clientWidth);
    if (!now || now === width) return;
    width = now;
    element.replaceChildren(draw(now) ?? h("p", { class: "small dim" }, t("plot.none")));
  };
  new ResizeObserver(render).observe(element);
  return element;
}

function sentence(report, row, comparison) {
  const text = changeText(comparison);
  const base = report.sides[0].name, other = report.sides[comparison.candidate].name;
  return h("p", { class: "line" }, verdictCell(comparison.verdict), h("b", {}, text.value), h("span", { class: "q" }, text.interval),
    h("span", { class: "q" }, t("series.against", { other, base })), h("span", { class: "q" }, `${t("plot.margin")} ${margin(comparison.margin.ratio)}`));
}

function why(report, row, comparison) {
  const d = comparison.difference;
  const rows = [
    [t("why.design"), t(`design.${comparison.design}`)],
    [t("why.method"), t(`method.${comparison.method}`)],
    [t("why.n"), comparison.n],
    d?.standard_error != null && [t("why.se"), d.log_scale ? percent(d.standard_error, 3) : digits(d.standard_error)],
    d?.df != null && [t("why.df"), +d.df.toPrecision(4)],
    comparison.p !== null && [t("why.p"), pValue(comparison.p)],
    comparison.p_margin !== null && [t("why.p_margin"), pValue(comparison.p_margin)],
    comparison.p_margin_adjusted !== null && [t("why.p_adjusted"), pValue(comparison.p_margin_adjusted)],
    comparison.p_equivalence !== null && [t("why.p_equivalence"), pValue(comparison.p_equivalence)],
    ...comparison.companions.map((c) => [t(`method.${c.method}`), pValue(c.p)]),
  ].filter(Boolean);
  return h("section", { class: "sec" }, h("h2", {}, t("why.title"), row.comparisons.length > 1 && h("span", { class: "pkg" }, report.sides[comparison.candidate].name)), h("p", { class: "sub" }, t(`why.${comparison.verdict}`)),
    comparison.reasons.length > 0 && h("ul", { class: "small dim" }, comparison.reasons.map((r) => h("li", {}, t(`reason.${r}`)))),
    h("table", { class: "t" }, h("tbody", {}, rows.map(([k, v]) => h("tr", {}, h("th", { scope: "row" }, k), h("td", { class: "num" }, v))))));
}

function numbers(report, row) {
  const sides = row.sides.map((side, i) => ({ side, name: report.sides[i]?.name ?? "" })).filter(({ side }) => side);
  const scale = scaleOf(row, sides[0]?.side.mean.value ?? 0);
  const value = (v) => (v === null || v === undefined ? "–" : digits(v / scale.factor));
  const bounds = (i) => (i && i.low !== null && i.high !== null ? `[${value(i.low)}, ${value(i.high)}]` : "–");
  const quantile = (p) => (side) => {
    const q = side.quantiles.find((x) => x.p === p);
    if (!q || q.value === null) return t("series.needs", { n: q?.needed ?? "–" });
    return value(q.value);
  };
  const lines = [
    [t("number.mean"), (x) => value(x.mean.value)],
    [t("number.interval"), (x) => bounds(x.mean.interval)],
    [t("number.median"), (x) => value(x.median.value)],
    [t("number.min"), (x) => value(x.min)],
    [t("number.max"), (x) => value(x.max)],
    ["p90", quantile(0.9)],
    ["p99", quantile(0.99)],
    ["p99.9", quantile(0.999)],
    [t("number.spread"), (x) => (x.between_sd_ratio === null ? "–" : percent(x.between_sd_ratio, 2))],
    [t("number.score_error"), (x) => (x.score_error ? percent(x.score_error.ratio, 2) : "–")],
    [t("number.used"), (x) => x.counts.used],
    [t("number.forks"), (x) => x.counts.forks],
    [t("number.warmup"), (x) => x.counts.warmup],
    [t("number.excluded"), (x) => x.counts.excluded],
  ];
  return h("section", { class: "sec" }, h("h2", {}, t("series.numbers")), h("div", { class: "scroll" }, h("table", { class: "t", id: "numbers" },
    h("thead", {}, h("tr", {}, h("th", {}, scale.unit), sides.map(({ name }) => h("th", { class: "num" }, name)))),
    h("tbody", {}, lines.map(([label, get]) => h("tr", {}, h("th", { scope: "row" }, label), sides.map(({ side }) => h("td", { class: "num" }, get(side)))))))));
}

function runKey(report, sides) {
  const mark = (k) => s("svg", { viewBox: "0 0 16 12", "aria-hidden": "true" }, k === 0
    ? s("circle", { cx: 8, cy: 6, r: 3, fill: "var(--bg)", stroke: "var(--arm-a)", "stroke-width": 1.4 })
    : s("circle", { cx: 8, cy: 6, r: 3.2, fill: "var(--arm-b)" }));
  return h("div", { class: "key" }, sides.map((side, k) => h("span", {}, mark(k), side.name)),
    h("span", {}, s("svg", { viewBox: "0 0 16 12", "aria-hidden": "true" }, s("path", { d: "M5 3l6 6m0-6l-6 6", stroke: "var(--caution)", "stroke-width": 1.5 })), t("plot.excluded")));
}

export function seriesView(report, index, columnsOf, excluding) {
  const row = report.rows[index];
  if (!row) return h("p", {}, t("series.gone"));
  const step = (by) => `#series/${(index + by + report.rows.length) % report.rows.length}`;
  const runPlace = h("div", {}, h("p", { class: "small dim" }, t("files.reading")));
  // At most two sides in one plot: more would hide each other.
  const wanted = row.sides.map((side, i) => (side ? i : -1)).filter((i) => i >= 0).slice(0, 2);
  Promise.all(wanted.map((side) => columnsOf(index, side))).then((columns) => {
    const sides = wanted.map((side, k) => ({ name: report.sides[side].name, columns: columns[k], excluding })).filter((x) => x.columns);
    if (!sides.length) return runPlace.replaceChildren(h("p", { class: "small dim" }, t("plot.none")));
    runPlace.replaceChildren(runKey(report, sides), figure((width) => runOrder(row, sides, width)));
  }, (error) => runPlace.replaceChildren(h("p", {}, String(error.message))));
  return h("div", {},
    h("nav", { class: "crumb", "aria-label": t("series.nav") }, h("a", { href: "#report" }, t("series.all")), h("span", { class: "sp" }),
      h("span", { class: "hide-n nw" }, t("series.of", { i: index + 1, n: report.rows.length })), h("a", { class: "nw", href: step(-1) }, t("series.previous")), h("a", { class: "nw", href: step(1) }, t("series.next"))),
    h("h1", { class: "id" }, row.label, h("span", { class: "pkg" }, row.primary ? "" : `[${row.metric}]`)),
    row.comparisons.map((c) => sentence(report, row, c)),
    h("div", { class: "cols", style: { marginTop: "var(--s-4)" } },
      h("div", { class: "stack" },
        row.comparisons.map((c) => h("div", { class: "big" }, figure((width) => bigInterval(row, c, c.margin.ratio, width)))),
        h("section", { class: "sec" }, h("h2", {}, t("series.run")), h("p", { class: "sub" }, t("series.run_sub")), runPlace),
        h("section", { class: "sec" }, h("h2", {}, t("series.distribution")), h("p", { class: "sub" }, t("series.distribution_sub")),
          figure((width) => distribution(row, row.sides, report.sides.map((x) => x.name), width))),
        numbers(report, row)),
      h("aside", { class: "stack" },
        row.comparisons.map((c) => why(report, row, c)),
        h("section", { class: "sec" }, h("div", { class: "rail-head" }, h("h2", {}, t("findings.title"))), findingsList(report, (f) => f.row === index)))),
    h("footer", { class: "foot" }, h("span", {}, withUnit(t("foot.unit"), row.unit)), h("span", {}, t(`better.${row.better}`))));
}
