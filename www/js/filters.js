// The tally of verdicts, which is the filter as well.
import { h, glyph } from "./dom.js";
import { t } from "./i18n.js";
import { grouped } from "./number.js";
import { comparisons } from "./answer-view.js";
import { VERDICTS, tableFilter } from "./verdict-table.js";

export function filtersView(report, refresh) {
  const all = comparisons(report).filter(({ row }) => row.primary);
  const count = (verdict) => all.filter(({ comparison }) => comparison.verdict === verdict).length;
  const present = VERDICTS.map((verdict) => [verdict, count(verdict)]).filter(([, n]) => n);
  const pick = (verdict, id) => { tableFilter.verdict = tableFilter.verdict === verdict ? null : verdict; refresh(id); };
  const chip = (id, kind, verdict, n, words, icon) => h("button", { class: kind, type: "button", id, "aria-pressed": String(tableFilter.verdict === verdict), onclick: () => pick(verdict, id) }, icon, h("b", {}, grouped(n)), h("span", {}, words));
  const select = h("select", { class: "field pick", id: "pick", "aria-label": t("table.filter"), onchange: (e) => { tableFilter.verdict = e.target.value || null; refresh("pick"); } },
    h("option", { value: "" }, t("table.all", { n: grouped(all.length) })), present.map(([verdict, n]) => h("option", { value: verdict, selected: tableFilter.verdict === verdict }, `${t(`verdict.${verdict}`)} ${grouped(n)}`)));
  return h("div", { class: "tools" },
    h("div", { class: "chips", role: "group", "aria-label": t("table.filter") },
      chip("chip-all", "chip", null, all.length, t("table.any")), present.map(([verdict, n]) => chip(`chip-${verdict}`, `chip v-${verdict}`, verdict, n, t(`verdict.${verdict}`), glyph(verdict)))),
    select,
    h("input", { class: "field", id: "search", type: "search", placeholder: t("table.search"), "aria-label": t("table.search"), value: tableFilter.text, oninput: (e) => { tableFilter.text = e.target.value; refresh("search"); } }));
}
