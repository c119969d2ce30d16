// One series: the sentence, the interval, the order in which it ran, the distribution, the numbers.
import { brief, h } from "./dom.js";
import { gap, parts, t } from "./i18n.js";
import { amountText, changeText, margin, rowScale, shareText, typical, withUnit } from "./number.js";
import { bigInterval } from "./plots.js";
import { runKey, runPlot } from "./run-plot.js";
import { cumulativePlot, histogramPlot } from "./distribution-plots.js";
import { comparisons, linkTo, phrase } from "./answer-view.js";
import { findingsList } from "./findings-view.js";
import { verdictCell } from "./verdict-table.js";
import { diagnosisView, exclusionsView, numbersView, pairsView, quantilesView, section, whyView } from "./series-tables.js";

// Draws into a figure at its present width, and again when that changes; at once where a width is given.
export function figure(id, draw, fixed = 0) {
  const element = h("figure", { class: "fig", id });
  let width = 0;
  const render = () => {
    const now = fixed || Math.floor(element.clientWidth);
    if (!now || now === width) return;
    width = now;
    // An interval without width is told in words; other plots say that there is nothing to draw.
    element.replaceChildren(draw(now) ?? (/big/.test(id) ? "" : h("p", { class: "small dim" }, t("plot.none"))));
  };
  if (fixed) render(); else new ResizeObserver(render).observe(element);
  return element;
}

// The verdict in one line: shape, word, change in the metric's direction, interval, margin.
export function verdictLine(report, row, comparison, scale) {
  const text = changeText(comparison), confidence = shareText(report.settings.stats.confidence);
  const q = (kid) => h("span", { class: "q" }, kid);
  return h("p", { class: "line", id: "verdict-line" }, verdictCell(comparison.verdict), text.size && h("span", {}, phrase(row, comparison)),
    text.linear && q(`${Object.values(amountText(comparison, scale)).join(" ")} ${scale.unit}`),
    text.interval && q(t("series.interval", { confidence, interval: text.factor ? text.interval : text.interval.replace(/([\d.]+)(?=[,\]])/g, "$1%") })),
    comparison.margin.ratio > 0 && q(`${t("plot.margin")} ${margin(comparison.margin.ratio)}`));
}

// What changed, in the units of the metric, and why that is the verdict.
export function explanation(report, row, comparison, scale) {
  const [a, b] = [row.sides[0], row.sides[comparison.candidate]];
  const values = a && b ? t("series.values", { base: withUnit(scale.value(typical(comparison, a)), scale.unit), other: withUnit(scale.value(typical(comparison, b)), scale.unit) }) : "";
  const names = parts("series.against", { other: h("b", { class: "id" }, brief(report.sides[comparison.candidate].name)), base: h("b", { class: "id" }, brief(report.sides[0].name)) });
  const fragile = comparison.reasons.includes("fragile") ? t("reason.fragile") : "";
  return h("p", { class: "dim explain" }, names, t("list.stop"), values, gap(), t(`why.${comparison.verdict}`), fragile && [gap(), fragile, t("list.stop")]);
}

// With several candidates: which of them is shown.
function candidates(report, row, index, which) {
  if (row.comparisons.length < 2) return null;
  return h("div", { class: "seg several", role: "group", "aria-label": t("series.candidate") }, row.comparisons.map((c, i) =>
    h("a", { href: linkTo({ index, which: i }), "aria-current": i === which ? "true" : false }, brief(report.sides[c.candidate].name, 30))));
}

// Where the time goes: profiles of the sides shown, else all.
function profileLinks(report, wanted) {
  const all = report.profiles.map((profile, i) => ({ profile, i }));
  const own = all.filter(({ profile }) => wanted.includes(profile.side));
  const list = own.length ? own : all;
  if (!list.length) return null;
  const name = ({ profile }) => (profile.side === null ? report.inputs[profile.input].name.split(/[/\\]/).pop() : report.sides[profile.side].name);
  return section("where", "series.where", null, h("p", { class: "acts" }, list.slice(0, 6).map((entry) => h("a", { class: "btn", href: `#flame/${entry.i}`, title: name(entry) }, t("series.flame", { name: brief(name(entry), 30) })))));
}

// What is shown of a row: indices of sides, with the names that columns and plots bear.
export function shownSides(report, row, comparison) {
  const all = row.sides.map((side, i) => (side ? i : -1)).filter((i) => i >= 0);
  const wanted = comparison ? [0, comparison.candidate].filter((i) => row.sides[i]) : all.slice(0, 2);
  const sides = wanted.map((i) => ({ side: row.sides[i], index: i }));
  const names = comparison ? wanted.map((i) => t(i === 0 ? "table.base" : "table.candidate")) : wanted.map((i) => report.sides[i].name);
  return { wanted, sides, names, scale: rowScale(row, sides.map(({ side }) => side)) };
}

export function distributionFigure(row, { wanted, sides, names, scale }, fixed) {
  return figure("distribution", (width) => histogramPlot(row, sides.map(({ side }, k) => ({ side, counts: row.histogram?.counts[wanted[k]], name: names[k] })), scale, width), fixed);
}

// Columns behind the plots arrive later than the rest; `columnsOf(row, side)` gets them.
export function seriesView(report, index, wantedComparison, columnsOf, marks) {
  const row = report.rows[index];
  if (!row) return h("p", {}, t("series.gone"), " ", h("a", { href: "#report" }, t("series.all")));
  const steps = report.rows.length;
  const step = (by) => `#series/${(index + by + steps) % steps}`;
  const which = Math.min(Math.max(0, wantedComparison), Math.max(0, row.comparisons.length - 1));
  const comparison = row.comparisons[which];
  const shown = shownSides(report, row, comparison), { wanted, names, scale } = shown;
  const waiting = () => h("p", { class: "small dim" }, t("files.reading"));
  const runPlace = h("div", { class: "wait" }, waiting()), stepsPlace = h("div", {}, waiting());
  Promise.all(wanted.map((side) => columnsOf(index, side))).then((columns) => {
    const present = wanted.map((side, k) => ({ name: names[k], summary: row.sides[side], columns: columns[k], means: row.sides[side].replicate_means, level: row.sides[side].level, marks })).filter((x) => x.columns);
    const none = () => h("p", { class: "small dim" }, t("plot.none"));
    if (!present.length) { runPlace.replaceChildren(none()); stepsPlace.replaceChildren(none()); return; }
    const titles = present.map(({ name }) => name);
    runPlace.replaceChildren(runKey(present, titles), figure("run", (width) => runPlot(row, present, titles, width)));
    stepsPlace.replaceChildren(figure("cumulative", (width) => cumulativePlot(row, present, present.map(({ summary }) => summary), titles, scale, width)));
  }, (error) => runPlace.replaceChildren(h("p", {}, String(error.message))));
  const used = shown.sides.map(({ side }) => side.counts.used);
  return h("div", {},
    h("nav", { class: "crumb", "aria-label": t("series.nav") }, h("a", { href: "#report" }, t("series.all")), h("span", { class: "sp" }),
      steps > 1 && [h("span", { class: "nw" }, t("series.of", { i: index + 1, n: steps })), h("a", { class: "nw", href: step(-1) }, t("series.previous")), h("a", { class: "nw", href: step(1) }, t("series.next"))]),
    h("h1", { class: "id", id: "series-name", title: row.label }, brief(row.label, 300), !row.primary && h("span", { class: "pkg" }, row.metric)),
    comparison && verdictLine(report, row, comparison, scale), candidates(report, row, index, which),
    h("div", { class: "cols series-cols" },
      h("div", { class: "stack" },
        comparison && h("div", {}, figure("big", (width) => bigInterval(row, comparison, comparison.margin.ratio, width)), explanation(report, row, comparison, scale)),
        section("run", "series.run", t("series.run_sub"), runPlace),
        h("div", { class: "pair" },
          section("distribution", "series.distribution", t("series.distribution_sub"), distributionFigure(row, shown)),
          section("cumulative", "series.cumulative", t("series.cumulative_sub", { n: [...new Set(used)].map(String).join(" / ") }), stepsPlace)),
        quantilesView(report, shown), profileLinks(report, wanted)),
      h("aside", { class: "stack" },
        numbersView(shown), diagnosisView(shown), comparison && whyView(comparison), comparison && pairsView(comparison), exclusionsView(report, index, shown),
        h("section", { class: "sec" }, h("h2", {}, t("findings.title")), findingsList(report, (f) => f.row === index)))),
    h("footer", { class: "foot" }, h("span", {}, withUnit(t("foot.unit"), row.unit)), h("span", {}, t(`better.${row.better}`))));
}

// What prints after the table: each compared series that is not equivalent, on a page of its own.
export function seriesPages(report, most) {
  const width = 660;
  const open = comparisons(report).filter(({ row, comparison }) => row.primary && comparison.verdict !== "equivalent").slice(0, most);
  return open.map(({ row, index, comparison }) => {
    const shown = shownSides(report, row, comparison);
    return h("section", { class: "print-page" }, h("h2", { class: "id" }, brief(row.label, 160)), verdictLine(report, row, comparison, shown.scale),
      figure(`print-big-${index}`, (w) => bigInterval(row, comparison, comparison.margin.ratio, w), width), explanation(report, row, comparison, shown.scale),
      distributionFigure(row, shown, width), h("div", { class: "two" }, numbersView(shown), whyView(comparison)), h("h3", {}, t("findings.title")), findingsList(report, (f) => f.row === index));
  });
}
