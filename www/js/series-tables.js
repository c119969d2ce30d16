// The numbers of one series: why the verdict, what pairs say, values, quantiles, what was left out.
import { brief, h } from "./dom.js";
import { codeText } from "./findings-view.js";
import { t } from "./i18n.js";
import { change, digits, grouped, isMedian, pValue, percent, shareText } from "./number.js";
import { planText } from "./report-view.js";

export const section = (id, title, sub, ...kids) => h("section", { class: "sec", id: `s-${id}` }, h("h2", { id: `${id}-title` }, t(title)), sub && h("p", { class: "sub" }, sub), kids);

const pairsTable = (id, rows) => h("table", { class: "t", id }, h("tbody", {}, rows.map(([k, v]) => h("tr", {}, h("th", { scope: "row" }, k), h("td", { class: "num wrap" }, v)))));

const boundsText = (i, log) => {
  const show = (v) => (v === null ? "–" : log ? change(Math.exp(v), 2) : digits(v));
  return `[${show(i.low)}, ${show(i.high)}]`;
};

// Rank methods estimate a chance, all others the difference on its scale.
function companionText(c, log) {
  const isChance = c.method.startsWith("brunner_munzel");
  const estimate = c.estimate !== null && (isChance ? `A ${c.estimate.toFixed(2)}` : log ? change(Math.exp(c.estimate), 2) : digits(c.estimate));
  const bounds = c.interval && (isChance ? `[${c.interval.low.toFixed(2)}, ${c.interval.high.toFixed(2)}]` : boundsText(c.interval, log));
  // Lines break between the parts only.
  return [estimate, bounds, c.p !== null && pValue(c.p)].filter(Boolean).map((part) => part.replaceAll(" ", "\u00a0")).join(" ");
}

export function whyView(comparison) {
  const d = comparison.difference;
  const rows = [
    [t("why.design"), t(`design.${comparison.design}`)],
    [t("why.method"), t(`method.${comparison.method}`)],
    [t("why.n"), grouped(comparison.n)],
    d?.standard_error != null && [t("why.se"), d.log_scale ? percent(d.standard_error, 3) : digits(d.standard_error)],
    // Beyond a thousand degrees t is the normal distribution to three digits.
    d?.df != null && [t("why.df"), d.df > 1000 ? "> 1000" : +d.df.toPrecision(4)],
    comparison.p !== null && [t("why.p"), pValue(comparison.p)],
    comparison.p_margin !== null && [t("why.p_margin"), pValue(comparison.p_margin)],
    comparison.p_margin_adjusted !== null && [t("why.p_adjusted"), pValue(comparison.p_margin_adjusted)],
    comparison.p_equivalence !== null && [t("why.p_equivalence"), pValue(comparison.p_equivalence)],
    comparison.q !== null && [t("why.q"), pValue(comparison.q)],
    comparison.selected_interval && [t("why.selected"), boundsText(comparison.selected_interval, d.log_scale)],
    ...comparison.companions.map((c) => [t("why.companion", { method: t(`method.${c.method}`) }), companionText(c, d.log_scale)]),
    comparison.blocks?.gain && [t("why.gain"), `×${digits(comparison.blocks.gain)}`],
    comparison.blocks?.order_effect_interval && [t("pairs.order"), boundsText(comparison.blocks.order_effect_interval, d.log_scale)],
    comparison.stopping && [t("why.looks"), t(comparison.stopping.any_time || comparison.stopping.signs ? "why.any_time" : "why.looks_text", { n: grouped(comparison.stopping.looks.length || comparison.stopping.ways), look: comparison.stopping.look ?? "–" })],
    comparison.false_alarms && [t("why.alarms"), t("why.alarms_text", { hits: grouped(comparison.false_alarms.called_changed), all: grouped(comparison.false_alarms.comparisons) })],
    comparison.plan && [t("series.plan"), planText(comparison.plan)],
  ].filter(Boolean);
  return section("why", "why.title", t(`why.${comparison.verdict}`),
    comparison.reasons.length > 0 && h("ul", { class: "small dim reasons" }, comparison.reasons.map((r) => h("li", {}, t(`reason.${r}`)))),
    pairsTable("why", rows));
}

// What lockstep pairs say beyond their median; differences are ratios.
export function pairsView(comparison) {
  const p = comparison.pairs;
  if (!p) return null;
  const ratio = (d) => (d === null ? "–" : change(Math.exp(d), 2));
  const spread = (sd) => (sd === null ? "–" : percent(sd, 2));
  const rows = [["n", grouped(p.n)], ["hodges_lehmann", ratio(p.hodges_lehmann)], ["trimmed", ratio(p.trimmed_mean)], ["within", spread(p.within_sd)], ["between", spread(p.between_sd)],
    ["order", ratio(p.order_effect)], ["drift", ratio(p.drift)], ["lag1", p.lag1 === null ? "–" : p.lag1.toFixed(2).replace("-", "\u2212")], ["disturbed", `${grouped(p.disturbed_baseline)} / ${grouped(p.disturbed_candidate)}`]];
  return section("pairs", "pairs.title", t("pairs.sub"), pairsTable("pairs", rows.map(([k, v]) => [t(`pairs.${k}`), v])));
}

// What order, levels and marks say beyond the mean.
export function diagnosisView({ sides, names, scale }) {
  const list = sides.map(({ side }) => side.diagnosis);
  if (list.every((d) => !d)) return null;
  const size = (d, v) => (v === null || v === undefined ? "–" : d.log_scale ? change(Math.exp(v), 2) : digits(v));
  const keys = (get) => [...new Set(list.flatMap((d) => (d ? get(d) : [])))];
  const spread = (d, level) => d.components.find((c) => c.level === level)?.sd;
  const lines = [
    ...keys((d) => d.components.map((c) => c.level)).map((level) => [t("diag.spread", { level: t(`diag.level.${level}`) }), (d) => { const sd = spread(d, level); return sd === null || sd === undefined ? "–" : d.log_scale ? percent(sd, 2) : digits(sd); }]),
    [t("diag.serial"), (d) => d.serial && t("diag.serial_text", { effective: grouped(Math.round(d.serial.effective)), n: grouped(d.serial.n) })],
    [t("diag.course"), (d) => d.steady?.courses.map((c) => `${t(`course.${c.course}`)}${d.steady.forks > 1 ? ` ×${grouped(c.forks)}` : ""}`).join(t("list.comma"))],
    [t("diag.steady_from"), (d) => (d.steady && d.steady.steady_from !== null ? grouped(d.steady.steady_from + 1) : null)],
    [t("diag.drift"), (d) => d.drift && `${size(d, d.drift.total)} [${size(d, d.drift.interval.low)}, ${size(d, d.drift.interval.high)}]`],
    [t("diag.modes"), (d) => d.modes && t("diag.modes_text", { modes: d.modes.modes.map((m) => `${scale.value(m.location)} (${percent(m.weight, 0)})`).join(t("list.comma")), level: t(`mode_level.${d.modes.level}`) })],
    ...keys((d) => d.causes.map((c) => c.cause)).map((name) => [t("diag.cause", { cause: codeText(name) ?? name }), (d) => { const c = d.causes.find((x) => x.cause === name); return c && [c.effect !== null && size(d, c.effect), c.share !== null && `(${percent(c.share)})`].filter(Boolean).join(" "); }]),
  ].map(([label, get]) => [label, list.map((d) => (d ? get(d) : null))]).filter(([, cells]) => cells.some((c) => c && c !== "–"));
  if (!lines.length) return null;
  return section("diagnosis", "series.diagnosis", t("series.diagnosis_sub"), h("table", { class: "t", id: "diagnosis" },
    h("thead", {}, h("tr", {}, h("th", {}), heads(names))),
    h("tbody", {}, lines.map(([label, cells]) => h("tr", {}, h("th", { scope: "row" }, label), cells.map((c) => h("td", { class: "num wrap" }, c || "–")))))));
}

const heads = (names) => names.map((name) => h("th", { class: "num", scope: "col", title: name }, brief(name, 18)));

export function numbersView({ sides, names, scale }) {
  const { value, bounds } = scale;
  const lines = [
    ["mean", (x) => (isMedian(x) ? "–" : value(x.mean.value))], ["interval", (x) => bounds(x.mean.interval)], ["median", (x) => value(x.median.value)],
    ["min", (x) => value(x.min)], ["max", (x) => value(x.max)],
    ["spread", (x) => (x.between_sd_ratio === null ? "–" : percent(x.between_sd_ratio, 2))],
    ["score_error", (x) => (x.score_error ? percent(x.score_error.ratio, 2) : "–")],
    ["used", (x) => grouped(x.counts.used)], ["forks", (x) => grouped(x.counts.forks)], ["warmup", (x) => grouped(x.counts.warmup)], ["excluded", (x) => grouped(x.counts.excluded)],
  ];
  return section("numbers", "series.numbers", null, h("table", { class: "t", id: "numbers" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, scale.unit), heads(names))),
    h("tbody", {}, lines.map(([key, get]) => h("tr", {}, h("th", { scope: "row" }, t(`number.${key}`)), sides.map(({ side }) => h("td", { class: "num" }, get(side))))))));
}

export function quantilesView(report, { sides, names, scale }) {
  const list = sides[0]?.side.quantiles ?? [];
  if (!list.length) return null;
  const cells = (q) => (!q || q.value === null || q.estimable === "no"
    ? h("td", { class: "num noise", colspan: 2 }, q ? t("series.needs", { n: grouped(q.needed) }) : "–")
    : [h("td", { class: "num" }, scale.value(q.value)), h("td", { class: "num dim opt" }, scale.bounds(q.interval))]);
  return section("quantiles", "series.quantiles", t("series.quantiles_sub", { confidence: shareText(report.settings.stats.confidence) }), h("table", { class: "t", id: "quantiles" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, scale.unit), names.map((name) => [h("th", { class: "num", scope: "col", title: name }, brief(name, 24)), h("th", { class: "num opt", scope: "col" }, t("table.bounds"))]))),
    h("tbody", {}, list.map((q, i) => h("tr", {}, h("th", { scope: "row" }, `p${+(q.p * 100).toPrecision(6)}`), sides.map(({ side }) => cells(side.quantiles[i])))))));
}

export function exclusionsView(report, index, { sides, names }) {
  const rows = report.exclusions.filter((e) => e.row === index && sides.some((s) => s.index === e.side));
  if (!rows.length) return null;
  const nameOf = (side) => names[sides.findIndex((s) => s.index === side)];
  return section("excluded", "series.excluded", t("series.excluded_sub"), h("table", { class: "t", id: "excluded" }, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("series.cause")), h("th", { scope: "col" }, t("table.side")), h("th", { class: "num", scope: "col" }, t("table.values")))),
    h("tbody", {}, rows.map((e) => h("tr", {}, h("td", {}, t(`mark.${e.cause}`)), h("td", { class: "dim" }, brief(nameOf(e.side), 24)), h("td", { class: "num" }, grouped(e.values)))))));
}
