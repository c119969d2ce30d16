// The report: the answer, the doubts, the verdicts, what would decide the rest.
import { h, glyph } from "./dom.js";
import { t } from "./i18n.js";
import { digits, margin, scaleOf, withUnit } from "./number.js";
import { comparisons, filters, linkTo, verdictTable } from "./verdict-table.js";
import { fileList } from "./start-view.js";
import { findingsList } from "./findings-view.js";

export function headline(report) {
  const all = comparisons(report).filter(({ row }) => row.primary);
  const count = (...names) => all.filter(({ comparison }) => names.includes(comparison.verdict)).length;
  if (!all.length) return report.sides.length < 2 ? t("headline.one", { n: report.rows.filter((r) => r.primary).length }) : t("headline.nothing");
  const parts = ["regressed", "likely_worse", "improved", "likely_better"].filter((v) => count(v)).map((v) => t(`headline.${v}`, { n: count(v) }));
  const open = count("inconclusive", "not_comparable");
  if (parts.length && open) parts.push(t("headline.open", { n: open }));
  if (!parts.length) {
    return count("equivalent") === all.length
      ? t("headline.equivalent", { n: all.length, margin: margin(report.settings.stats.margin) })
      : t("headline.undecided", { n: count("inconclusive", "not_comparable"), all: all.length });
  }
  return t("headline.changed", { parts: parts.join(t("list.comma")), all: all.length });
}

const share = (ratio) => `${+(ratio * 100).toPrecision(4)}%`;

// Who against whom, and the way to choose another baseline.
function lede(report, rebase) {
  const { sides, settings } = report;
  if (sides.length < 2 || !settings.compare) return h("p", { class: "lede" }, t("lede.one"));
  const sentence = t("lede.compare", {
    others: sides.slice(1).map((s) => s.name).join(t("list.comma")), base: sides[0].name,
    margin: margin(settings.stats.margin), confidence: share(settings.stats.confidence),
  });
  const choice = sides.length === 2
    ? h("button", { class: "link", type: "button", id: "swap", onclick: () => rebase(sides[1].name) }, t("lede.swap"))
    : h("label", { class: "nw" }, t("lede.baseline"), " ", h("select", { class: "field", id: "swap", onchange: (e) => rebase(sides[+e.target.value].name) },
      sides.map((side, i) => h("option", { value: i, selected: i === 0 }, side.name))));
  return h("p", { class: "lede" }, sentence, " ", choice);
}

function trust(report) {
  const serious = report.findings.filter((f) => f.severity !== "note").length;
  const unread = report.inputs.filter((i) => i.status === "not_read").length;
  const assumed = comparisons(report).some(({ comparison }) => comparison.reasons.includes("assumed_between_run_sd"));
  const lines = [
    serious && t("trust.findings", { n: serious }),
    unread && t("trust.unread", { n: unread, all: report.inputs.length }),
    assumed && t("trust.assumed", { fork: share(report.settings.stats.assumed_fork_sd), block: share(report.settings.stats.assumed_block_sd) }),
  ].filter(Boolean);
  return lines.length > 0 && h("ul", { class: "trust" }, lines.map((line) => h("li", {}, glyph("warning"), h("span", {}, line))));
}

// One side: values with their intervals, no verdict.
function healthTable(report) {
  return h("div", { class: "scroll" }, h("table", { class: "t", id: "values" },
    h("thead", {}, h("tr", {}, h("th", {}, t("table.name")), h("th", {}, t("table.side")), h("th", { class: "num" }, t("table.mean")), h("th", { class: "num" }, t("table.interval")), h("th", { class: "num" }, t("table.values")), h("th", { class: "num" }, t("table.processes")))),
    h("tbody", {}, report.rows.slice(0, 1000).flatMap((row, index) => row.sides.map((side, k) => {
      if (!side) return null;
      const unit = scaleOf(row, side.mean.value), i = side.mean.interval;
      const bounds = i && i.low !== null && i.high !== null ? `[${digits(i.low / unit.factor)}, ${digits(i.high / unit.factor)}]` : t("table.no_interval");
      return h("tr", {}, h("td", {}, h("a", { class: "id", href: `#series/${index}` }, row.label), h("span", { class: "pkg" }, row.primary ? "" : `[${row.metric}]`)),
        h("td", { class: "dim" }, report.sides[k]?.name ?? ""), h("td", { class: "num" }, withUnit(digits(side.mean.value / unit.factor), unit.unit)),
        h("td", { class: "num dim" }, bounds), h("td", { class: "num" }, side.counts.used), h("td", { class: "num" }, side.counts.forks));
    })))));
}

// What a plan costs.
export function planText(plan) {
  if (plan.needs_interleaving) return t("plan.interleave");
  if (plan.more === null) return t("plan.never");
  const time = plan.seconds ? t("plan.time", { time: plan.seconds < 90 ? `${Math.ceil(plan.seconds)} s` : `${Math.ceil(plan.seconds / 60)} min` }) : "";
  return t(`plan.${plan.unit}`, { n: plan.more }) + time;
}

function planTable(report) {
  const open = comparisons(report).filter(({ row, comparison }) => row.primary && comparison.plan);
  if (!open.length) return null;
  return h("section", { class: "sec", style: { marginTop: "var(--s-6)", maxWidth: "44rem" } }, h("h2", {}, t("plan.title")), h("p", { class: "sub" }, t("plan.sub", { power: share(report.settings.stats.power) })),
    h("table", { class: "t" }, h("tbody", {}, open.slice(0, 50).map((item) => [item, item.row, item.comparison]).map(([item, row, comparison]) => h("tr", {},
      h("td", {}, h("a", { class: "id", href: linkTo(item) }, row.label), report.sides.length > 2 && h("span", { class: "pkg" }, report.sides[comparison.candidate].name)), h("td", {}, t(`plan.goal.${comparison.plan.goal}`)), h("td", { class: "wrap" }, planText(comparison.plan)))))));
}

function measured(report) {
  const environment = report.inputs.find((i) => Object.keys(i.environment).length)?.environment ?? {};
  const design = comparisons(report)[0]?.comparison.design;
  const rows = [
    design && [t("measured.design"), t(`design.${design}`)],
    environment.cpu && [t("measured.cpu"), environment.cpu],
    environment.tool && [t("measured.tool"), environment.tool],
    [t("measured.engine"), report.engine],
    [t("measured.files"), report.inputs.length],
  ].filter(Boolean);
  return h("table", { class: "t" }, h("tbody", {}, rows.map(([k, v]) => h("tr", {}, h("th", { scope: "row" }, k), h("td", {}, v)))));
}

function presence(report) {
  if (!report.presence.length) return null;
  const line = (p) => h("li", {}, h("span", { class: "id" }, p.label), " ", t(`presence.${p.kind}`), p.renamed_to && [" ", h("span", { class: "id" }, p.renamed_to)]);
  return h("section", { class: "sec", id: "presence", style: { marginTop: "var(--s-5)" } }, h("h2", {}, t("presence.title")),
    h("ul", { class: "small" }, report.presence.slice(0, 100).map(line), report.presence.length > 100 && h("li", {}, t("findings.more", { n: report.presence.length - 100 }))));
}

// `rebase` makes another side the baseline and judges anew.
export function reportView(report, rebase) {
  const compared = report.settings.compare && report.sides.length > 1;
  const place = h("div", {}), bar = h("div", {});
  // Draws anew and gives the focus back to the control with this id.
  const refresh = (id) => {
    place.replaceChildren(compared ? verdictTable(report, refresh) : healthTable(report));
    bar.replaceChildren(compared ? filters(report, refresh) : "");
    const control = id && document.getElementById(id);
    control?.focus();
    if (id === "search") control.setSelectionRange(control.value.length, control.value.length);
  };
  refresh();
  const families = report.families.filter((f) => f.primary && f.tests > 1);
  return h("div", {},
    h("div", { class: "answer" }, h("h1", { id: "headline" }, headline(report)), lede(report, rebase), trust(report)),
    bar,
    h("div", { class: "cols" },
      h("section", { class: "sec" }, place, compared && planTable(report), fileList(report.inputs), presence(report)),
      h("aside", { class: "sec" }, h("div", { class: "rail-head" }, h("h2", {}, t("findings.title"))), findingsList(report),
        h("h2", { style: { margin: "var(--s-6) 0 var(--s-2)" } }, t("measured.title")), measured(report))),
    h("footer", { class: "foot" }, families.map((f) => h("span", {}, t("foot.family", { tests: f.tests, expected: digits(f.expected_false_hits), seen: f.raw_hits }))), h("span", {}, t("foot.method"))));
}
