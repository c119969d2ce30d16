// One series: the sentence, the interval, the order in which it ran, the distribution, the numbers.
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { change, digits, margin, pValue, percent, scaleOf, withUnit } from "./number.js";
import { bigInterval, changeText } from "./plots.js";
import { distribution, runKey, runOrder } from "./series-plots.js";
import { findingsList } from "./findings-view.js";
import { verdictCell } from "./verdict-table.js";
import { planText } from "./report-view.js";

// Draws into a figure at its present width, and again when that changes.
function figure(id, draw) {
  const element = h("figure", { class: "fig", id });
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

const section = (id, title, sub, ...kids) => h("section", { class: "sec" }, h("h2", { id: `${id}-title` }, t(title)), sub && h("p", { class: "sub" }, sub), kids);

function sentence(report, comparison) {
  const text = changeText(comparison);
  const base = report.sides[0].name, other = report.sides[comparison.candidate].name;
  return h("p", { class: "line" }, verdictCell(comparison.verdict), h("b", {}, text.value), h("span", { class: "q" }, text.interval),
    h("span", { class: "q" }, t("series.against", { other, base })), h("span", { class: "q" }, `${t("plot.margin")} ${margin(comparison.margin.ratio)}`));
}

function why(comparison) {
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
    comparison.plan && [t("series.plan"), planText(comparison.plan)],
  ].filter(Boolean);
  return section("why", "why.title", t(`why.${comparison.verdict}`),
    comparison.reasons.length > 0 && h("ul", { class: "small dim" }, comparison.reasons.map((r) => h("li", {}, t(`reason.${r}`)))),
    h("table", { class: "t", id: "why" }, h("tbody", {}, rows.map(([k, v]) => h("tr", {}, h("th", { scope: "row" }, k), h("td", { class: "num wrap" }, v))))));
}

// What lockstep pairs say beyond their median; differences are ratios.
function pairs(comparison) {
  const p = comparison.pairs;
  if (!p) return null;
  const places = 3;
  const ratio = (d) => (d === null ? "–" : change(Math.exp(d), places));
  const spread = (sd) => (sd === null ? "–" : percent(sd, places));
  const rows = [["n", p.n], ["hodges_lehmann", ratio(p.hodges_lehmann)], ["trimmed", ratio(p.trimmed_mean)], ["within", spread(p.within_sd)], ["between", spread(p.between_sd)],
    ["order", ratio(p.order_effect)], ["drift", ratio(p.drift)], ["lag1", p.lag1 === null ? "–" : p.lag1.toFixed(2).replace("-", "\u2212")], ["disturbed", `${p.disturbed_baseline} / ${p.disturbed_candidate}`]];
  return section("pairs", "pairs.title", t("pairs.sub"), h("table", { class: "t", id: "pairs" }, h("tbody", {}, rows.map(([k, v]) => h("tr", {}, h("th", { scope: "row" }, t(`pairs.${k}`)), h("td", { class: "num" }, v))))));
}

// The sides shown, with what turns base units into text.
function shown(report, row, wanted) {
  const sides = wanted.map((i) => ({ side: row.sides[i], name: report.sides[i].name, index: i }));
  const scale = scaleOf(row, sides[0]?.side.mean.value ?? 0);
  const value = (v) => (v === null || v === undefined ? "–" : digits(v / scale.factor));
  const bounds = (i) => (i && (i.low !== null || i.high !== null) ? `[${value(i.low)}, ${value(i.high)}]` : "–");
  return { sides, scale, value, bounds };
}

function numbers({ sides, scale, value, bounds }) {
  const lines = [
    [t("number.mean"), (x) => value(x.mean.value)],
    [t("number.interval"), (x) => bounds(x.mean.interval)],
    [t("number.median"), (x) => value(x.median.value)],
    [t("number.min"), (x) => value(x.min)],
    [t("number.max"), (x) => value(x.max)],
    [t("number.spread"), (x) => (x.between_sd_ratio === null ? "–" : percent(x.between_sd_ratio, 2))],
    [t("number.score_error"), (x) => (x.score_error ? percent(x.score_error.ratio, 2) : "–")],
    [t("number.used"), (x) => x.counts.used],
    [t("number.forks"), (x) => x.counts.forks],
    [t("number.warmup"), (x) => x.counts.warmup],
    [t("number.excluded"), (x) => x.counts.excluded],
  ];
  return section("numbers", "series.numbers", null, h("div", { class: "scroll" }, h("table", { class: "t", id: "numbers" },
    h("thead", {}, h("tr", {}, h("th", {}, scale.unit), sides.map(({ name }) => h("th", { class: "num", scope: "col" }, name)))),
    h("tbody", {}, lines.map(([label, get]) => h("tr", {}, h("th", { scope: "row" }, label), sides.map(({ side }) => h("td", { class: "num" }, get(side)))))))));
}

function quantiles(report, { sides, scale, value, bounds }) {
  const list = sides[0]?.side.quantiles ?? [];
  if (!list.length) return null;
  const confidence = `${+(report.settings.stats.confidence * 100).toPrecision(4)}%`;
  const cells = (q) => (!q || q.value === null || q.estimable === "no"
    ? h("td", { class: "num noise", colspan: 2 }, q ? t("series.needs", { n: q.needed }) : "–")
    : [h("td", { class: "num" }, value(q.value)), h("td", { class: "num dim" }, bounds(q.interval))]);
  return section("quantiles", "series.quantiles", t("series.quantiles_sub", { confidence }), h("div", { class: "scroll" }, h("table", { class: "t", id: "quantiles" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("series.quantile")), sides.map(({ name }) => [h("th", { class: "num", scope: "col" }, withUnit(name, scale.unit)), h("th", { class: "num", scope: "col" }, t("table.interval"))]))),
    h("tbody", {}, list.map((q, i) => h("tr", {}, h("th", { scope: "row" }, `p${+(q.p * 100).toPrecision(6)}`), sides.map(({ side }) => cells(side.quantiles[i]))))))));
}

function exclusions(report, index, { sides }) {
  const rows = report.exclusions.filter((e) => e.row === index && sides.some((s) => s.index === e.side));
  if (!rows.length) return null;
  return section("excluded", "series.excluded", t("series.excluded_sub"), h("table", { class: "t", id: "excluded" }, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("series.cause")), h("th", { scope: "col" }, t("table.side")), h("th", { class: "num", scope: "col" }, t("table.values")))),
    h("tbody", {}, rows.map((e) => h("tr", {}, h("td", {}, t(`mark.${e.cause}`)), h("td", { class: "dim" }, report.sides[e.side].name), h("td", { class: "num" }, e.values))))));
}

// Which candidate is shown, where there are several.
function candidates(report, row, index, which) {
  if (row.comparisons.length < 2) return null;
  return h("nav", { class: "seg", "aria-label": t("series.candidate") }, row.comparisons.map((c, i) =>
    h("a", { href: `#series/${index}/${i}`, "aria-current": i === which && "true" }, report.sides[c.candidate].name)));
}

// `columnsOf(row, side)` gives the values behind a cell; `marks` says which marks leave a value out.
export function seriesView(report, index, wantedComparison, columnsOf, marks) {
  const row = report.rows[index];
  if (!row) return h("p", {}, t("series.gone"));
  const step = (by) => `#series/${(index + by + report.rows.length) % report.rows.length}`;
  const which = Math.min(Math.max(0, wantedComparison), Math.max(0, row.comparisons.length - 1));
  const comparison = row.comparisons[which];
  const all = row.sides.map((side, i) => (side ? i : -1)).filter((i) => i >= 0);
  const wanted = comparison ? [0, comparison.candidate].filter((i) => row.sides[i]) : all.slice(0, 2);
  const tables = shown(report, row, comparison ? wanted : all);
  const runPlace = h("div", {}, h("p", { class: "small dim" }, t("files.reading")));
  Promise.all(wanted.map((side) => columnsOf(index, side))).then((columns) => {
    const sides = wanted.map((side, k) => ({ name: report.sides[side].name, columns: columns[k], means: row.sides[side].replicate_means, level: row.sides[side].level, marks })).filter((x) => x.columns);
    if (!sides.length) return runPlace.replaceChildren(h("p", { class: "small dim" }, t("plot.none")));
    runPlace.replaceChildren(runKey(sides), figure("run", (width) => runOrder(row, sides, width)));
  }, (error) => runPlace.replaceChildren(h("p", {}, String(error.message))));
  return h("div", {},
    h("nav", { class: "crumb", "aria-label": t("series.nav") }, h("a", { href: "#report" }, t("series.all")), h("span", { class: "sp" }),
      h("span", { class: "hide-n nw" }, t("series.of", { i: index + 1, n: report.rows.length })), h("a", { class: "nw", href: step(-1) }, t("series.previous")), h("a", { class: "nw", href: step(1) }, t("series.next"))),
    h("h1", { class: "id", id: "series-name" }, row.label, !row.primary && h("span", { class: "pkg" }, row.metric)),
    comparison && sentence(report, comparison), candidates(report, row, index, which),
    h("div", { class: "cols", style: { marginTop: "var(--s-4)" } },
      h("div", { class: "stack" },
        comparison && h("div", { class: "big" }, figure("big", (width) => bigInterval(row, comparison, comparison.margin.ratio, width))),
        section("run", "series.run", t("series.run_sub"), runPlace),
        section("distribution", "series.distribution", t("series.distribution_sub"),
          figure("distribution", (width) => distribution(row, wanted.map((i) => ({ side: row.sides[i], counts: row.histogram?.counts[i], name: report.sides[i].name })), width))),
        quantiles(report, tables)),
      h("aside", { class: "stack" },
        comparison && why(comparison), comparison && pairs(comparison), numbers(tables), exclusions(report, index, tables),
        h("section", { class: "sec" }, h("div", { class: "rail-head" }, h("h2", {}, t("findings.title"))), findingsList(report, (f) => f.row === index)))),
    h("footer", { class: "foot" }, h("span", {}, withUnit(t("foot.unit"), row.unit)), h("span", {}, t(`better.${row.better}`))));
}
