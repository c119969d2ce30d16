// The table of verdicts with the forest plot as its last column, and its filters.
import { h, glyph } from "./dom.js";
import { t } from "./i18n.js";
import { change, digits, pShort, scaleOf } from "./number.js";
import { changeText, direction, forestAxis, forestRow, forestScale } from "./plots.js";

export const VERDICTS = ["regressed", "likely_worse", "not_comparable", "inconclusive", "improved", "likely_better", "equivalent"];
// Rows drawn at most; filters reach all.
const ROW_LIMIT = 1000;
// From so many rows on, those that are equivalent fold into one.
const FOLD_FROM = 200;
const filter = { verdict: null, text: "", sort: "verdict", reverse: false, unfolded: false, others: null };

export const comparisons = (report) =>
  report.rows.flatMap((row, index) => row.comparisons.map((comparison, which) => ({ row, index, comparison, which })));

export const linkTo = ({ index, which }) => (which ? `#series/${index}/${which}` : `#series/${index}`);

export function verdictCell(verdict) {
  return h("span", { class: `verdict v-${verdict}` }, glyph(verdict), h("b", {}, t(`verdict.${verdict}`)));
}

// What a column sorts by; undefined goes last.
const worse = ({ row, comparison }) => {
  const ratio = comparison.difference?.ratio;
  return ratio > 0 ? -direction(row) * Math.log(ratio) : undefined;
};
const SORTS = {
  verdict: (item) => VERDICTS.indexOf(item.comparison.verdict) * 1e6 + (worse(item) ?? 0),
  name: ({ row }) => row.label,
  change: worse,
  p: ({ comparison }) => comparison.p ?? undefined,
};

function sorted(list) {
  const by = SORTS[filter.sort];
  const keyed = list.map((item) => ({ item, key: by(item) }));
  keyed.sort((a, b) => {
    if (a.key === undefined || b.key === undefined) return (a.key === undefined) - (b.key === undefined);
    return (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) * (filter.reverse ? -1 : 1);
  });
  return keyed.map(({ item }) => item);
}

function nameCell(report, item) {
  const { row, index, comparison } = item;
  const side = report.sides.length > 2 ? ` ${report.sides[comparison.candidate].name}` : "";
  const doubts = report.findings.filter((f) => f.row === index && f.severity !== "note");
  const worst = doubts.some((f) => f.severity === "error") ? "error" : "warning";
  return h("th", { scope: "row", class: "name" }, h("a", { class: "id", href: linkTo(item) }, row.label),
    !row.primary && h("span", { class: "pkg" }, row.metric), side && h("span", { class: "pkg" }, side),
    doubts.length > 0 && h("span", { class: "flag", title: t("table.doubts", { n: doubts.length }) }, glyph(worst), h("span", { class: "vh" }, t("table.doubts", { n: doubts.length }))));
}

function bodyRow(report, item, scale) {
  const { row, comparison } = item;
  const values = [row.sides[0], row.sides[comparison.candidate]].map((s) => s?.mean.value);
  const unit = scaleOf(row, values[0] ?? values[1] ?? 0);
  const text = changeText(comparison);
  const none = comparison.verdict === "not_comparable";
  const strong = !none && comparison.verdict !== "inconclusive" && comparison.verdict !== "equivalent";
  const cell = (v) => h("td", { class: "num raw" }, v === undefined ? "–" : [digits(v / unit.factor), h("span", { class: "unit" }, unit.unit)]);
  const open = (event) => { if (!event.target.closest("a, button") && !String(getSelection())) location.hash = linkTo(item); };
  return h("tr", { class: none ? "nc" : strong ? "strong" : "", onclick: open },
    h("td", { class: "verd" }, verdictCell(comparison.verdict)), nameCell(report, item), cell(values[0]), cell(values[1]),
    h("td", { class: "num chg" }, text.value), h("td", { class: "num ci" }, text.interval),
    h("td", { class: "num p" }, comparison.p === null ? "" : pShort(comparison.p)),
    none ? h("td", { class: "plot why" }, comparison.reasons.map((r) => t(`reason.${r}`)).join(t("list.semicolon")))
      : h("td", { class: "plot" }, forestRow(row, comparison, scale, comparison.margin.ratio)));
}

function head(scale, refresh) {
  const sort = (key) => { filter.reverse = filter.sort === key && !filter.reverse; filter.sort = key; refresh(`sort-${key}`); };
  const column = (key, name, kind = "") => {
    const active = filter.sort === key;
    return h("th", { scope: "col", class: kind, "aria-sort": active && (filter.reverse ? "descending" : "ascending") },
      h("button", { type: "button", id: `sort-${key}`, onclick: () => sort(key) }, t(name), active ? (filter.reverse ? " ↑" : " ↓") : ""));
  };
  const plain = (name, kind) => h("th", { scope: "col", class: kind }, t(name));
  return h("thead", {}, h("tr", {}, column("verdict", "table.verdict"), column("name", "table.name"), plain("table.base", "num raw"), plain("table.candidate", "num raw"),
    column("change", "table.change", "num"), plain("table.interval", "num ci"), column("p", "table.p", "num p"), h("th", { scope: "col", class: "plot axis" }, forestAxis(scale))));
}

// A row over the whole width with a button in it.
const wideRow = (kids) => h("tr", { class: "group" }, h("td", { colspan: 8 }, kids));

function geometricMeans(report) {
  const means = report.families.filter((f) => f.primary && f.geometric_mean);
  return means.map((f) => h("tr", {},
    h("td", { colspan: 2 }, t("table.geomean", { n: f.geometric_mean.rows }), report.sides.length > 2 && h("span", { class: "pkg" }, report.sides[f.candidate].name)),
    h("td", { class: "raw" }), h("td", { class: "raw" }), h("td", { class: "num chg" }, change(f.geometric_mean.ratio, 1)), h("td", { class: "ci" }), h("td", { class: "p" }), h("td", { class: "plot" })));
}

export function verdictTable(report, refresh) {
  const all = comparisons(report);
  const wanted = all.filter(({ row, comparison }) =>
    (!filter.verdict || comparison.verdict === filter.verdict) && row.label.toLowerCase().includes(filter.text.toLowerCase()));
  const clear = () => { filter.verdict = null; filter.text = ""; refresh(); };
  if (!wanted.length) return h("p", { class: "dim", style: { margin: "var(--s-4) 0" } }, t("table.nothing"), " ", h("button", { class: "link", type: "button", onclick: clear }, t("table.clear")));
  const primary = sorted(wanted.filter(({ row }) => row.primary)), others = sorted(wanted.filter(({ row }) => !row.primary));
  const shownMargin = report.settings.stats.margin;
  const ranged = all.filter(({ row }) => row.primary);
  const scale = forestScale(ranged.length ? ranged : all, shownMargin);
  const folding = !filter.verdict && !filter.text && !filter.unfolded && primary.length > FOLD_FROM;
  const folded = folding ? primary.filter(({ comparison }) => comparison.verdict === "equivalent") : [];
  const listed = folding ? primary.filter(({ comparison }) => comparison.verdict !== "equivalent") : primary;
  const body = (list) => list.slice(0, ROW_LIMIT).map((item) => bodyRow(report, item, scale));
  const openOthers = filter.others ?? (primary.length === 0 || others.length <= 8);
  const toggle = () => { filter.others = !openOthers; refresh("others"); };
  return h("div", {},
    h("table", { class: "v", id: "verdicts" }, h("caption", { class: "vh" }, t("table.caption")), head(scale, refresh),
      h("tbody", {}, body(listed), folded.length > 0 && wideRow([t("table.folded", { n: folded.length }), " ",
        h("button", { class: "link", type: "button", onclick: () => { filter.unfolded = true; refresh(); } }, t("table.show"))])),
      others.length > 0 && h("tbody", {}, wideRow(h("button", { class: "link", type: "button", id: "others", "aria-expanded": String(openOthers), onclick: toggle }, `${openOthers ? "▾" : "▸"} ${t("table.secondary", { n: others.length })}`)), openOthers && body(others)),
      h("tfoot", {}, geometricMeans(report))),
    listed.length > ROW_LIMIT && h("p", { class: "small dim" }, t("table.limit", { n: ROW_LIMIT, all: listed.length })));
}

export function filters(report, refresh) {
  const all = comparisons(report).filter(({ row }) => row.primary);
  const count = (v) => all.filter(({ comparison }) => comparison.verdict === v).length;
  const present = VERDICTS.filter(count);
  const pick = (v, id) => { filter.verdict = filter.verdict === v ? null : v; refresh(id); };
  const select = h("select", { class: "field pick", id: "pick", "aria-label": t("table.filter"), onchange: (e) => { filter.verdict = e.target.value || null; refresh("pick"); } },
    h("option", { value: "" }, t("table.all", { n: all.length })), present.map((v) => h("option", { value: v, selected: filter.verdict === v }, `${t(`verdict.${v}`)} ${count(v)}`)));
  return h("div", { class: "tools" },
    h("div", { class: "chips", role: "group", "aria-label": t("table.filter") },
      h("button", { class: "chip", type: "button", id: "chip-all", "aria-pressed": String(!filter.verdict), onclick: () => pick(null, "chip-all") }, h("b", {}, all.length), h("span", {}, t("table.any"))),
      present.map((v) => h("button", { class: `chip v-${v}`, type: "button", id: `chip-${v}`, "aria-pressed": String(filter.verdict === v), onclick: () => pick(v, `chip-${v}`) }, glyph(v), h("b", {}, count(v)), h("span", {}, t(`verdict.${v}`))))),
    select,
    h("input", { class: "field", id: "search", type: "search", placeholder: t("table.search"), "aria-label": t("table.search"), value: filter.text, oninput: (e) => { filter.text = e.target.value; refresh("search"); } }));
}
