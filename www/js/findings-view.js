// What to distrust, in words: one item for each rule, with the weightiest case told and all named.
import { brief, h, glyph } from "./dom.js";
import { gap, has, t } from "./i18n.js";
import { grouped } from "./number.js";

const ORDER = { error: 0, warning: 1, note: 2 };
const NAMED = 6;

// Rules whose observation is a ratio, so that 2.58 is 258%; the terminal has the same list.
const RATIOS = ["score-error", "high-dispersion", "pair-ratio-skewed", "drift", "history-change", "history-alarm", "noise-cause", "freq-scaling", "order-effect", "not-orthogonal", "no-steady-state", "warmup-insufficient", "cyclic"];

// Evidence as short texts: numbers that are shares or ratios read better with few digits.
function evidence(finding) {
  const values = {};
  for (const [name, value] of Object.entries(finding.evidence)) {
    // Seconds, and far below one.
    if (finding.rule === "ignores-iteration-count") values[name] = value.toExponential(1);
    else values[name] = value !== 0 && (Math.abs(value) < 1 || (name === "observed" && RATIOS.includes(finding.rule))) ? `${+(value * 100).toPrecision(3)}%`.replace("-", "\u2212") : grouped(+value.toPrecision(4));
  }
  return values;
}

// Codes of the engine among the names: marks, counters, verdicts.
export function codeText(name) {
  const key = [`mark.${name}`, `counter.${name}`, `verdict.${name}`].find(has);
  return key ? t(key) : null;
}

// What a finding touches: a benchmark, else a side, a profile or a file, and names that belong to it.
function touches(report, finding) {
  const row = finding.row === null ? null : report.rows[finding.row];
  const side = finding.side === null || report.sides.length < 2 ? null : report.sides[finding.side]?.name;
  const profile = finding.profile === null ? null : report.inputs[report.profiles[finding.profile]?.input]?.name;
  const file = row || side || profile || finding.input === null ? null : report.inputs[finding.input]?.name;
  return [
    row && h("a", { class: "id", href: `#series/${finding.row}`, title: row.label }, brief(row.label, 44)),
    side && h("span", { title: side }, brief(side, 32)), profile && h("a", { class: "id", href: `#flame/${finding.profile}`, title: profile }, brief(profile, 32)),
    file && h("span", { class: "id", title: file }, brief(file, 32)),
    ...finding.names.map((name) => h("span", { class: "id", title: name }, codeText(name) ?? brief(name, 44))),
  ].filter(Boolean);
}

function item(report, cases) {
  const [first] = cases;
  const values = evidence(first), key = `finding.${first.rule}`;
  const where = cases.map((f) => touches(report, f)).filter((w) => w.length);
  return h("li", {},
    h("h3", {}, glyph(first.severity), h("span", {}, has(`${key}.title`) ? t(`${key}.title`, values) : first.rule, " ",
      h("span", { class: "sev" }, t(`severity.${first.severity}`), cases.length > 1 && ` ×${grouped(cases.length)}`))),
    has(`${key}.body`) && h("p", {}, cases.length > 1 && t("findings.first"), t(`${key}.body`, values)),
    has(`${key}.remedy`) && h("p", {}, h("b", {}, t("finding.do")), gap(), t(`${key}.remedy`, values)),
    where.length > 0 && h("ul", { class: "where" }, where.slice(0, NAMED).map((w) => h("li", {}, w.map((part) => [part, " "])))),
    where.length > NAMED && h("details", {}, h("summary", { class: "small" }, t("findings.more", { n: grouped(where.length - NAMED) })),
      h("ul", { class: "where" }, where.slice(NAMED, 200).map((w) => h("li", {}, w.map((part) => [part, " "]))))));
}

export function findingsList(report, filter = () => true) {
  const cases = new Map();
  for (const finding of report.findings.filter(filter)) {
    const key = `${ORDER[finding.severity]} ${finding.rule}`;
    if (!cases.has(key)) cases.set(key, []);
    cases.get(key).push(finding);
  }
  if (!cases.size) return h("p", { class: "small dim" }, t("findings.none"));
  const sorted = [...cases].sort(([a], [b]) => a[0] - b[0]);
  return h("ul", { class: "findings" }, sorted.map(([, list]) => item(report, list)));
}

// The findings of each row that could change its verdict.
export function doubtsByRow(report) {
  const rows = new Map();
  for (const finding of report.findings) {
    if (finding.row === null || finding.severity === "note") continue;
    if (!rows.has(finding.row)) rows.set(finding.row, []);
    rows.get(finding.row).push(finding);
  }
  return rows;
}
