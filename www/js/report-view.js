// The report: the answer, the doubts, the verdicts, what would decide the rest.
import { brief, h } from "./dom.js";
import { parts, t } from "./i18n.js";
import { change, digits, grouped, isMedian, pValue, rowScale, seconds, shareText, si } from "./number.js";
import { comparisons, headline, isCompared, ledeView, linkTo, trustView } from "./answer-view.js";
import { labelParts, verdictCell, verdictTable } from "./verdict-table.js";
import { evidenceView } from "./evidence-view.js";
import { filtersView } from "./filters.js";
import { fileList } from "./start-view.js";
import { findingsList } from "./findings-view.js";
import { pieces } from "./rows.js";

const PLANS = 12;

// One side, or several that are not compared: values with their intervals, no verdict.
function healthTable(report) {
  const list = report.rows.flatMap((row, index) => row.sides.map((side, k) => ({ row, index, side, k })).filter(({ side }) => side));
  const several = report.sides.length > 1;
  const columns = several ? 6 : 5;
  const line = ({ row, index, side, k }) => {
    const scale = rowScale(row, [side]), { name, suite } = labelParts(row), i = side.mean.interval;
    return h("tr", {}, h("th", { scope: "row", class: "name", title: row.label }, h("div", { class: "names" }, h("a", { class: "id", href: `#series/${index}`, "aria-label": suite ? row.label : undefined }, brief(name, 160)), suite && h("span", { class: "pkg cut" }, brief(suite, 60)), !row.primary && h("span", { class: "pkg" }, brief(row.metric, 20)))),
      several && h("td", { class: "dim", title: report.sides[k].name }, brief(report.sides[k].name, 32)),
      h("td", { class: "num" }, scale.value(side.mean.value), h("span", { class: "unit" }, scale.unit), isMedian(side) && h("span", { class: "pkg" }, t("number.median"))),
      h("td", { class: "num dim" }, i && i.low !== null && i.high !== null ? scale.bounds(i) : t("table.no_interval")),
      h("td", { class: "num" }, grouped(side.counts.used)), h("td", { class: "num" }, grouped(side.counts.forks)));
  };
  const column = (key, kind) => h("th", { scope: "col", class: kind }, t(key, { confidence: shareText(report.settings.stats.confidence) }));
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  return h("table", { class: "t health", id: "values" },
    h("thead", {}, h("tr", {}, column("table.name"), several && column("table.side"), column("table.mean", "num"), column("table.interval", "num"), column("table.values", "num"), column("table.processes", "num"))),
    pieces(list, line, columns, () => 1.95 * rem).bodies);
}

// What a plan costs, in words.
export function planText(plan) {
  if (plan.needs_interleaving) return t("plan.interleave");
  if (plan.more === null) return t("plan.never");
  const units = t(`plan.${plan.unit}`, { n: grouped(plan.more) });
  const more = plan.iterations ? t("plan.iterations", { more: units, n: grouped(plan.iterations) }) : units;
  return plan.seconds ? `${more}${t("list.comma")}${t("plan.time", { time: seconds(plan.seconds) })}` : more;
}

function planTable(report) {
  const open = comparisons(report).filter(({ row, comparison }) => row.primary && comparison.plan);
  if (!open.length) return null;
  const countable = open.filter(({ comparison: { plan } }) => !plan.needs_interleaving && plan.more !== null);
  const link = (item) => h("a", { class: "id", href: linkTo(item), title: item.row.label }, brief(labelParts(item.row).name, 44));
  const line = (item) => {
    const { row, comparison } = item, { plan } = comparison;
    return h("tr", {}, h("th", { scope: "row" }, link(item), report.sides.length > 2 && h("span", { class: "pkg" }, brief(report.sides[comparison.candidate].name, 30))),
      h("td", {}, verdictCell(comparison.verdict)), h("td", { class: "opt" }, t(`plan.goal.${plan.goal}`)), h("td", { class: "num" }, planText({ ...plan, seconds: null })), h("td", { class: "num" }, plan.seconds ? seconds(plan.seconds) : "–"));
  };
  const table = (list) => h("table", { class: "t price" }, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("table.name")), h("th", { scope: "col" }, t("plan.now")), h("th", { scope: "col", class: "opt" }, t("plan.goal")), h("th", { scope: "col", class: "num" }, t("plan.more")), h("th", { scope: "col", class: "num" }, t("plan.about")))), h("tbody", {}, list.map(line)));
  // Rows for which no number helps are told in a sentence each kind.
  const sentence = (key, list) => list.length > 0 && h("p", { class: "small plan-rest" }, parts(key, { n: grouped(list.length), names: [...list.slice(0, 8).flatMap((item, i) => (i ? [t("list.comma"), link(item)] : [link(item)])), list.length > 8 && " …"] }));
  return h("section", { class: "sec", id: "price" }, h("h2", {}, t("plan.title")),
    countable.length > 0 && [h("p", { class: "sub" }, t("plan.sub", { power: shareText(report.settings.stats.power) })), table(countable.slice(0, PLANS)),
      countable.length > PLANS && h("details", {}, h("summary", { class: "small" }, t("findings.more", { n: grouped(countable.length - PLANS) })), table(countable.slice(PLANS, 500)))],
    sentence("plan.rest.interleave", open.filter(({ comparison }) => comparison.plan.needs_interleaving)),
    sentence("plan.rest.never", open.filter(({ comparison: { plan } }) => !plan.needs_interleaving && plan.more === null)));
}

function measured(report) {
  const facts = {};
  for (const input of report.inputs) for (const [key, value] of Object.entries(input.environment)) facts[key] ??= value;
  const all = comparisons(report).filter(({ row }) => row.primary).map(({ comparison }) => comparison).filter((c) => c.design !== "none");
  const units = all.map((c) => c.n);
  const system = [facts.os ?? facts.goos, facts.kernel, facts.arch ?? facts.goarch].filter(Boolean).join(" ");
  const stats = report.settings.stats;
  const rows = [
    all.length && [t("measured.design"), t(`design.${all[0].design}`)],
    units.length && [t("measured.units"), [...new Set([Math.min(...units), Math.max(...units)])].map(grouped).join("–")],
    all.length && [t("measured.alarms"), t("measured.alarms_text", { share: shareText(1 - stats.confidence) })],
    [t("measured.cpu"), facts.cpu], [t("measured.system"), system], [t("measured.load"), facts.load], [t("measured.tool"), facts.tool ?? facts.jmh ?? facts.jdk],
    [t("measured.files"), grouped(report.inputs.length)],
  ].filter((row) => row && row[1]);
  return h("table", { class: "t" }, h("tbody", {}, rows.map(([k, v]) => h("tr", {}, h("th", { scope: "row" }, k), h("td", { class: "wrap" }, brief(String(v), 120))))));
}

function presence(report) {
  if (!report.presence.length) return null;
  const line = (p) => h("li", {}, h("span", { class: "id" }, brief(p.label)), " ", t(`presence.${p.kind}`), p.renamed_to && [" ", h("span", { class: "id" }, brief(p.renamed_to))]);
  return h("section", { class: "sec", id: "presence" }, h("h2", {}, t("presence.title")),
    h("ul", { class: "small" }, report.presence.slice(0, 100).map(line), report.presence.length > 100 && h("li", {}, t("findings.more", { n: grouped(report.presence.length - 100) }))));
}

// How benchmarks scale with threads: what was measured, and the law behind it.
function sweepsView(report) {
  if (!report.sweeps.length) return null;
  const several = report.sides.length > 1;
  const line = (s) => {
    const model = s.scalability.model, law = model?.chosen;
    const short = (v) => +v.toPrecision(2);
    const within = ({ low, high }) => (low === null ? `≤ ${short(high)}` : high === null ? `≥ ${short(low)}` : `[${short(low)}, ${short(high)}]`);
    const bounded = (p) => `${short(p.value)}${p.interval ? ` ${within(p.interval)}` : ""}`;
    return h("tr", {}, h("th", { scope: "row", class: "id" }, brief(s.label, 44), several && h("span", { class: "pkg" }, brief(report.sides[s.side].name, 24))),
      h("td", { class: "num wrap" }, s.threads.map((n, i) => `${n}: ${si(s.throughput[i])}`).join(t("list.comma"))),
      h("td", { class: "wrap" }, model ? [law && [t(`sweep.law.${law}`), t("list.comma")], `σ ${bounded(model.sigma)}`, t("list.comma"), `κ ${bounded(model.kappa)}`, model.n_max !== null && [t("list.comma"), t("sweep.peak", { n: model.n_max.toFixed(1) })]] : t("sweep.none")));
  };
  return h("section", { class: "sec", id: "sweeps" }, h("h2", {}, t("sweep.title")), h("p", { class: "sub" }, t("sweep.sub")), h("table", { class: "t cmd" }, h("tbody", {}, report.sweeps.slice(0, 100).map(line))));
}

// Which benchmarks depend on what ran before them in their process, or why that cannot be told.
function carryView(report) {
  if (!report.orthogonality.length) return null;
  const line = (side) => {
    const text = side.overall === null ? t(`carry.${side.why_not?.code === "fixed_order" ? "fixed" : "untested"}`)
      : [t(side.carried.length ? "carry.some" : "carry.none", { n: grouped(side.carried.length), all: grouped(side.benchmarks) }), t("list.comma"), pValue(side.overall.p)];
    return [h("tr", {}, h("th", { scope: "rowgroup", colspan: 3, class: "wrap" }, brief(report.sides[side.side].name, 44), t("list.colon"), text)),
      side.carried.slice(0, 20).map((c) => h("tr", {}, h("td", { class: "wrap" }, h("span", { class: "id" }, brief(report.rows[c.row].label, 44)), " ", h("span", { class: "pkg" }, t("carry.after", { name: brief(c.after, 44) }))),
        h("td", { class: "num" }, change(c.ratio)), h("td", { class: "num" }, pValue(c.p))))];
  };
  return h("section", { class: "sec", id: "carry" }, h("h2", {}, t("carry.title")), h("p", { class: "sub" }, t("carry.sub")), h("table", { class: "t" }, h("tbody", {}, report.orthogonality.map(line))));
}

// What was left out, how it was judged, by which engine.
export function footView(report) {
  const sums = { used: 0, excluded: 0 };
  for (const row of report.rows) for (const side of row.sides) { sums.used += side?.counts.used ?? 0; sums.excluded += side?.counts.excluded ?? 0; }
  return h("footer", { class: "foot" }, h("span", {}, t("foot.values", { n: sums.used, used: grouped(sums.used), excluded: grouped(sums.excluded) })),
    report.families.filter((f) => f.primary && f.tests > 1).map((f) => h("span", {}, t("foot.family", { tests: grouped(f.tests), expected: digits(f.expected_false_hits), seen: grouped(f.raw_hits) }))),
    h("span", {}, t("foot.method")), h("span", { class: "id" }, `${report.engine} · ${t("foot.schema", { n: report.schema })}`));
}

// `rebase` makes another side the baseline and judges anew; `excerpt` gives lines of a file.
export function reportView(report, { rebase, excerpt, say }) {
  const compared = isCompared(report);
  const place = h("div", {}), bar = h("div", { class: "bar-place" });
  const root = h("div", {});
  // Draws anew and gives the focus back to the control with this id; the search field stays, since
  // exchanging it would disturb whoever is typing.
  const refresh = (id) => {
    // There may be profiles or traces alone.
    if (!compared) return place.replaceChildren(report.rows.length ? healthTable(report) : "");
    const table = verdictTable(report, refresh);
    root.step = table.step;
    place.replaceChildren(table.element);
    if (id !== "search") bar.replaceChildren(filtersView(report, refresh));
    if (id) say(t("table.shown", { n: grouped(table.shown) }));
    if (id && id !== "search") document.getElementById(id)?.focus();
  };
  root.append(
    h("div", { class: "answer" }, h("h1", { id: "headline" }, headline(report)), ledeView(report, rebase), trustView(report) || ""),
    bar,
    h("div", { class: "cols" },
      h("section", { class: "sec" }, place, compared && planTable(report) || "", fileList(report.inputs, excerpt) ?? "", sweepsView(report) ?? "", carryView(report) ?? "", evidenceView(report) ?? "", presence(report) ?? ""),
      h("aside", { class: "sec" }, h("div", { class: "rail-head" }, h("h2", {}, t("findings.title")), report.findings.length > 0 && h("span", { class: "small dim" }, t("findings.order"))), findingsList(report),
        h("h2", { class: "rail-next" }, t("measured.title")), measured(report))),
    footView(report));
  refresh();
  return root;
}
