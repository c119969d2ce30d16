// The table of verdicts with the forest plot as its last column.
import { brief, h, glyph } from "./dom.js";
import { t } from "./i18n.js";
import { amountText, changeText, grouped, pShort, rowScale, shareText, typical } from "./number.js";
import { direction, forestAxis, forestRow, forestScale } from "./plots.js";
import { comparisons, linkTo } from "./answer-view.js";
import { doubtsByRow } from "./findings-view.js";
import { pieces } from "./rows.js";

export const VERDICTS = ["regressed", "likely_worse", "not_comparable", "inconclusive", "improved", "likely_better", "equivalent"];
// From so many rows on, those that are equivalent fold into one.
const FOLD_FROM = 200;
const COLUMNS = 8;
export const tableFilter = { verdict: null, text: "", sort: "verdict", reverse: false, unfolded: false, others: null };

export function verdictCell(verdict) {
  return h("span", { class: `verdict v-${verdict}` }, glyph(verdict), h("b", {}, t(`verdict.${verdict}`)));
}

// What a column sorts by; undefined goes last.
const worseFirst = ({ row, comparison }) => {
  const ratio = comparison.difference?.ratio;
  return ratio > 0 ? -direction(row) * Math.log(ratio) : undefined;
};
const SORTS = {
  verdict: (item) => VERDICTS.indexOf(item.comparison.verdict) * 1e6 + (worseFirst(item) ?? 0),
  name: ({ row }) => row.label,
  change: worseFirst,
  p: ({ comparison }) => comparison.p ?? undefined,
};

function sorted(list) {
  const by = SORTS[tableFilter.sort];
  const keyed = list.map((item) => ({ item, key: by(item) }));
  keyed.sort((a, b) => {
    if (a.key === undefined || b.key === undefined) return (a.key === undefined) - (b.key === undefined);
    return (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) * (tableFilter.reverse ? -1 : 1);
  });
  return keyed.map(({ item }) => item);
}

// The name first and its package after it, so that a cut falls on the package.
export function labelParts(row) {
  const inside = row.suite && row.label.length > row.suite.length + 1 && row.label.startsWith(row.suite);
  const name = inside ? row.label.slice(row.suite.length).replace(/^(::|[./ ])/, "") : row.label;
  return { name: name || row.label, suite: inside && name ? row.suite : "" };
}

function nameCell(report, item, doubts) {
  const { row, comparison } = item;
  const { name, suite } = labelParts(row);
  const side = report.sides.length > 2 ? report.sides[comparison.candidate].name : "";
  const worst = doubts.some((f) => f.severity === "error") ? "error" : "warning";
  return h("th", { scope: "row", role: "rowheader", class: "name", title: row.label }, h("div", { class: "names" }, h("a", { class: "id", href: linkTo(item), "aria-label": suite ? row.label : undefined }, brief(name, 160)),
    doubts.length > 0 && h("span", { class: "flag", title: t("table.doubts", { n: doubts.length }) }, glyph(worst), h("span", { class: "vh" }, t("table.doubts", { n: doubts.length }))),
    suite && h("span", { class: "pkg cut" }, brief(suite, 60)), !row.primary && h("span", { class: "pkg" }, brief(row.metric, 20)), side && h("span", { class: "pkg" }, brief(side, 20))));
}

function bodyRow(report, item, scale, doubts, at) {
  const { row, comparison } = item;
  const pair = [row.sides[0], row.sides[comparison.candidate]];
  const unit = rowScale(row, pair);
  const ratio = changeText(comparison), text = ratio.linear ? { ...ratio, ...amountText(comparison, unit) } : ratio;
  const none = comparison.verdict === "not_comparable";
  const strong = !none && comparison.verdict !== "inconclusive" && comparison.verdict !== "equivalent";
  const cell = (kind, ...kids) => h("td", { role: "cell", class: kind }, kids);
  const value = (side) => cell("num raw", side ? [unit.value(typical(comparison, side)), h("span", { class: "unit", title: unit.unit }, unit.unit)] : "–");
  const open = (event) => { if (!event.target.closest("a, button") && !String(getSelection())) location.hash = linkTo(item); };
  return h("tr", { role: "row", "data-at": at, class: none ? "nc" : strong ? "strong" : "", onclick: open },
    cell("verd", verdictCell(comparison.verdict)), nameCell(report, item, doubts.get(item.index) ?? []), value(pair[0]), value(pair[1]),
    cell("num chg", none && !text.size ? "–" : [text.value, text.linear && h("span", { class: "unit" }, unit.unit)]), cell("num ci", text.interval), cell("num p", comparison.p === null ? "" : pShort(comparison.p)),
    none ? cell("plot why", comparison.reasons.map((r) => t(`reason.${r}`)).join(t("list.semicolon"))) : cell("plot", forestRow(row, comparison, scale, comparison.margin.ratio)));
}

function head(report, scale, refresh) {
  const sort = (key) => { tableFilter.reverse = tableFilter.sort === key && !tableFilter.reverse; tableFilter.sort = key; refresh(`sort-${key}`); };
  const column = (key, name, kind = "") => {
    const active = tableFilter.sort === key;
    return h("th", { scope: "col", role: "columnheader", class: kind, "aria-sort": active && (tableFilter.reverse ? "descending" : "ascending") },
      h("button", { type: "button", id: `sort-${key}`, onclick: () => sort(key) }, t(name), active ? (tableFilter.reverse ? " ↑" : " ↓") : ""));
  };
  const plain = (text, kind) => h("th", { scope: "col", role: "columnheader", class: kind }, text);
  return h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, column("verdict", "table.verdict"), column("name", "table.name"), plain(t("table.base"), "num raw"), plain(t("table.candidate"), "num raw"),
    column("change", "table.change", "num"), plain(t("table.interval", { confidence: shareText(report.settings.stats.confidence) }), "num ci"), column("p", "table.p", "num p"),
    h("th", { scope: "col", role: "columnheader", class: "plot" }, h("div", { class: "axis" }, forestAxis(scale)))));
}

// A row over the whole width with a button in it.
const wideBody = (kids) => h("tbody", { role: "rowgroup" }, h("tr", { role: "row", class: "group" }, h("td", { role: "cell", colspan: COLUMNS }, kids)));

function geometricMeans(report) {
  const means = report.families.filter((f) => f.primary && f.geometric_mean);
  const empty = (kind) => h("td", { role: "cell", class: kind });
  const text = ({ ratio, interval }) => changeText({ difference: { ratio, ratio_interval: interval, log_scale: true } });
  return h("tfoot", { role: "rowgroup" }, means.map((f) => h("tr", { role: "row" },
    h("td", { role: "cell", colspan: 2 }, t("table.geomean", { n: grouped(f.geometric_mean.rows) }), report.sides.length > 2 && h("span", { class: "pkg" }, brief(report.sides[f.candidate].name, 40))),
    empty("raw"), empty("raw"), h("td", { role: "cell", class: "num chg" }, text(f.geometric_mean).value),
    h("td", { role: "cell", class: "num ci" }, text(f.geometric_mean).interval), empty("p"), empty("plot"))));
}

// The equivalent rows in one, with the largest of their changes.
function foldedText(folded) {
  const size = ({ comparison }) => Math.abs(Math.log(comparison.difference?.ratio || 1));
  const most = folded.reduce((a, b) => (size(b) > size(a) ? b : a));
  return t("table.folded", { n: grouped(folded.length), change: changeText(most.comparison).value });
}

export function verdictTable(report, refresh) {
  const all = comparisons(report);
  const wantedText = tableFilter.text.toLowerCase();
  const wanted = all.filter(({ row, comparison }) => (!tableFilter.verdict || comparison.verdict === tableFilter.verdict) && row.label.toLowerCase().includes(wantedText));
  const clear = () => { tableFilter.verdict = null; tableFilter.text = ""; refresh(); };
  if (!wanted.length) return { element: h("p", { class: "dim", style: { margin: "var(--s-4) 0" } }, t("table.nothing"), " ", h("button", { class: "link", type: "button", onclick: clear }, t("table.clear"))), shown: 0, step: () => {} };
  const primary = sorted(wanted.filter(({ row }) => row.primary)), others = sorted(wanted.filter(({ row }) => !row.primary));
  const ranged = all.filter(({ row }) => row.primary);
  const scale = forestScale(ranged.length ? ranged : all, report.settings.stats.margin);
  const folding = !tableFilter.verdict && !wantedText && !tableFilter.unfolded && primary.length > FOLD_FROM;
  const folded = folding ? primary.filter(({ comparison }) => comparison.verdict === "equivalent") : [];
  const listed = folded.length ? primary.filter(({ comparison }) => comparison.verdict !== "equivalent") : primary;
  const openOthers = tableFilter.others ?? (primary.length === 0 || others.length <= 8);
  const doubts = doubtsByRow(report);
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const height = () => (matchMedia("(max-width: 45rem)").matches ? 5.5 : 2.15) * rem;
  const draw = (from) => (item, i) => bodyRow(report, item, scale, doubts, from + i);
  const first = pieces(listed, draw(0), COLUMNS, height), second = openOthers ? pieces(others, draw(listed.length), COLUMNS, height) : null;
  const element = h("table", { class: "v", id: "verdicts", role: "table", "aria-rowcount": String(listed.length + 1) }, h("caption", { class: "vh" }, t("table.caption")), head(report, scale, refresh),
    first.bodies, folded.length > 0 && wideBody([foldedText(folded), " ", h("button", { class: "link", type: "button", id: "unfold", onclick: () => { tableFilter.unfolded = true; refresh(); } }, t("table.show"))]),
    others.length > 0 && wideBody(h("button", { class: "link", type: "button", id: "others", "aria-expanded": String(openOthers), onclick: () => { tableFilter.others = !openOthers; refresh("others"); } }, `${openOthers ? "▾" : "▸"} ${t("table.secondary", { n: grouped(others.length) })}`)),
    second?.bodies, geometricMeans(report));
  const total = listed.length + (second ? others.length : 0);
  let at = -1;
  element.addEventListener("focusin", (event) => { at = +(event.target.closest("tr")?.dataset.at ?? at); });
  // Moves the focus by rows, also to rows that were not drawn yet.
  const step = (by) => {
    at = Math.min(total - 1, Math.max(0, at + by));
    const row = at < listed.length ? first.reach(at) : second.reach(at - listed.length);
    row?.querySelector("a")?.focus();
  };
  return { element, shown: wanted.length, step };
}
