// What to distrust, in words.
import { h, glyph } from "./dom.js";
import { has, t } from "./i18n.js";

const ORDER = { error: 0, warning: 1, note: 2 };

// Evidence as a short text: numbers that are shares or ratios read better with few digits.
function evidence(finding) {
  const values = {};
  for (const [name, value] of Object.entries(finding.evidence)) {
    // Seconds, and far below one.
    if (finding.rule === "ignores-iteration-count") values[name] = value.toExponential(1);
    else values[name] = Math.abs(value) < 1 && value !== 0 ? `${+(value * 100).toPrecision(3)}%` : String(+value.toPrecision(4));
  }
  return values;
}

export function findingItem(report, finding, open) {
  const values = evidence(finding);
  const row = finding.row === null ? null : report.rows[finding.row];
  const where = [
    row && h("a", { href: `#series/${finding.row}`, onclick: open }, row.label),
    finding.side !== null && report.sides[finding.side]?.name,
    finding.input !== null && report.inputs[finding.input]?.name,
    ...finding.names,
  ].filter(Boolean);
  const key = `finding.${finding.rule}`;
  return h("li", {},
    h("h3", {}, glyph(finding.severity), h("span", {}, has(`${key}.title`) ? t(`${key}.title`, values) : finding.rule),
      h("span", { class: "sev" }, t(`severity.${finding.severity}`))),
    has(`${key}.body`) && h("p", {}, t(`${key}.body`, values)),
    has(`${key}.remedy`) && h("p", {}, h("b", {}, t("finding.do")), " ", t(`${key}.remedy`, values)),
    where.length > 0 && h("p", { class: "where id" }, where.map((w) => h("span", {}, w))));
}

export function findingsList(report, filter = () => true) {
  const list = report.findings.filter(filter).sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);
  if (!list.length) return h("p", { class: "small dim" }, t("findings.none"));
  const first = list.slice(0, 12);
  const rest = list.slice(12);
  return h("div", {}, h("ul", { class: "findings" }, first.map((f) => findingItem(report, f))),
    rest.length > 0 && h("details", {}, h("summary", { class: "small" }, t("findings.more", { n: rest.length })),
      h("ul", { class: "findings" }, rest.map((f) => findingItem(report, f)))));
}
