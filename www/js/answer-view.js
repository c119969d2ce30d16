// The answer: a sentence that could stand in a pull request, who against whom, and what weakens it.
import { brief, h, glyph } from "./dom.js";
import { parts, t } from "./i18n.js";
import { changeText, grouped, margin, shareText } from "./number.js";
import { doubtsByRow } from "./findings-view.js";
import { app } from "./session.js";

export const comparisons = (report) =>
  report.rows.flatMap((row, index) => row.comparisons.map((comparison, which) => ({ row, index, comparison, which })));

export const linkTo = ({ index, which }) => (which ? `#series/${index}/${which}` : `#series/${index}`);

// Whether the sides are compared at all.
export const isCompared = (report) => report.settings.compare && report.sides.length > 1;

// "6.1% slower": a change in the words of its metric.
export function phrase(row, comparison) {
  const text = changeText(comparison);
  const ratio = comparison.difference?.ratio;
  if (!text.size || ratio === undefined || ratio === null) return "";
  if (text.factor) return t("phrase.factor", { value: text.size });
  if (ratio === 1) return t("phrase.same");
  const kind = row.quantity === "time" ? "time" : row.quantity === "rate" ? "rate" : "other";
  return t(`phrase.${kind}.${ratio > 1 ? "up" : "down"}`, { value: text.size, unit: row.unit });
}

// Whether the values of one side are known as well as the margin asks.
function isKnown(report, row) {
  const limit = report.settings.stats.margin;
  return row.sides.filter(Boolean).every(({ mean }) => {
    const i = mean.interval;
    return i && i.low !== null && i.high !== null && (i.high - i.low) / 2 <= limit * Math.abs(mean.value);
  });
}

function health(report) {
  const rows = report.rows.filter((row) => row.primary);
  const known = rows.filter((row) => isKnown(report, row)).length;
  const values = { n: grouped(known), all: grouped(rows.length), rest: grouped(rows.length - known), margin: margin(report.settings.stats.margin) };
  if (!rows.length) return t("headline.none");
  if (!known) return t("headline.unhealthy", { ...values, n: values.all });
  return t(known === rows.length ? "headline.healthy" : "headline.health", values);
}

export function headline(report) {
  const all = comparisons(report).filter(({ row }) => row.primary);
  if (!isCompared(report)) return health(report);
  if (!all.length) return t("headline.nothing");
  if (all.length === 1) {
    const [{ row, comparison }] = all;
    const words = comparison.verdict === "not_comparable" ? "" : phrase(row, comparison);
    return [`${brief(row.label)}${t("list.colon")}${t(`verdict.${comparison.verdict}`)}`, words].filter(Boolean).join(t("list.comma"));
  }
  const counts = {};
  for (const { comparison } of all) counts[comparison.verdict] = (counts[comparison.verdict] ?? 0) + 1;
  if (counts.equivalent === all.length) return t("headline.equivalent", { n: grouped(all.length), margin: margin(report.settings.stats.margin) });
  const noun = t(report.sides.length > 2 ? "count.comparisons" : "count.benchmarks", { n: grouped(all.length) });
  let lead = true;
  const clause = (verdict) => {
    const n = counts[verdict];
    if (!n) return null;
    const text = t(lead ? `headline.first.${verdict}` : `headline.${verdict}`, { n: grouped(n), all: noun });
    lead = false;
    return text;
  };
  const group = (...verdicts) => verdicts.map(clause).filter(Boolean).join(t("list.and"));
  counts.open = (counts.inconclusive ?? 0) + (counts.not_comparable ?? 0);
  return [group("regressed", "likely_worse"), group("improved", "likely_better"), group("open")].filter(Boolean).join(t("list.semicolon"));
}

const named = (name) => h("b", { class: "id", title: name }, brief(name));
const listed = (nodes) => nodes.flatMap((node, i) => (i ? [t("list.comma"), node] : [node]));

// Who against whom, and the way to choose another baseline.
export function ledeView(report, rebase) {
  const { sides, settings } = report;
  if (!isCompared(report)) return h("p", { class: "lede" }, t("lede.one"));
  const tests = report.families.filter((f) => f.primary).reduce((n, f) => Math.max(n, f.tests), 0);
  const sentence = parts("lede.compare", { others: listed(sides.slice(1, 9).map((s) => named(s.name))), base: named(sides[0].name) });
  const rule = t("lede.rule", { margin: margin(settings.stats.margin), confidence: shareText(settings.stats.confidence) });
  const holm = tests > 1 ? t("lede.holm", { n: grouped(tests) }) : "";
  const choice = sides.length === 2
    ? h("button", { class: "link", type: "button", id: "swap", onclick: () => rebase(sides[1].name) }, t("lede.swap"))
    : h("label", { class: "nw" }, t("lede.baseline"), " ", h("select", { class: "field", id: "swap", onchange: (e) => rebase(sides[+e.target.value].name) },
      sides.map((side, i) => h("option", { value: i, selected: i === 0 }, brief(side.name)))));
  return h("p", { class: "lede" }, sentence, t("list.stop"), rule, holm, t("list.stop"), choice);
}

// Lines that weaken the answer; absent when there are none.
export function trustView(report) {
  const doubts = doubtsByRow(report);
  const serious = report.findings.filter((f) => f.severity !== "note" && f.profile === null).length;
  const unread = [...app.problems, ...report.inputs.filter((i) => i.status === "not_read")];
  const all = comparisons(report);
  const fragile = all.filter(({ row, comparison }) => row.primary && comparison.reasons.includes("fragile"));
  const link = (item) => h("a", { class: "id", href: linkTo(item), title: item.row.label }, brief(item.row.label, 40));
  const few = (nodes, count) => [...listed(nodes), count > nodes.length && " …"];
  const touched = [...doubts.keys()].slice(0, 3).map((index) => link({ row: report.rows[index], index, which: 0 }));
  const stats = report.settings.stats;
  const lines = [
    serious && (touched.length ? parts("trust.findings", { n: serious, names: few(touched, doubts.size) }) : t("trust.general", { n: serious })),
    fragile.length > 0 && parts("trust.fragile", { n: fragile.length, names: few(fragile.slice(0, 3).map(link), fragile.length) }),
    unread.length > 0 && parts("trust.unread", { n: unread.length, all: report.inputs.length + app.problems.length, names: few(unread.slice(0, 3).map((i) => h("a", { class: "id", href: "#report", title: i.name, onclick: toFiles }, brief(i.name, 40))), unread.length) }),
    all.some(({ comparison }) => comparison.reasons.includes("assumed_between_run_sd")) && t("trust.assumed", { fork: shareText(stats.assumed_fork_sd), block: shareText(stats.assumed_block_sd) }),
  ].filter(Boolean);
  return lines.length > 0 && h("ul", { class: "trust" }, lines.map((line) => h("li", {}, glyph("error"), h("span", {}, line))));
}

function toFiles(event) {
  event.preventDefault();
  document.getElementById("file-errors")?.scrollIntoView();
}
