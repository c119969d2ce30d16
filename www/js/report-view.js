// The report: the answer, the doubts, the table with the forest plot.
import { h, glyph } from "./dom.js";
import { t } from "./i18n.js";
import { digits, margin, scaleOf, withUnit } from "./number.js";
import { changeText, forestAxis, forestRow, forestScale } from "./plots.js";
import { fileList } from "./start-view.js";
import { findingsList } from "./findings-view.js";

const VERDICTS = ["regressed", "likely_worse", "not_comparable", "inconclusive", "improved", "likely_better", "equivalent"];
const state = { verdict: null, text: "" };

export const comparisons = (report) =>
  report.rows.flatMap((row, index) => row.comparisons.map((comparison) => ({ row, index, comparison })));

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

export function verdictCell(verdict) {
  return h("span", { class: `verdict v-${verdict}` }, glyph(verdict), h("b", {}, t(`verdict.${verdict}`)));
}

function lede(report) {
  if (report.sides.length < 2 || !report.settings.compare) return t("lede.one");
  const others = report.sides.slice(1).map((s) => s.name).join(t("list.comma"));
  return t("lede.compare", {
    others, base: report.sides[0].name, margin: margin(report.settings.stats.margin),
    confidence: `${+(report.settings.stats.confidence * 100).toPrecision(4)}%`,
  });
}

function trust(report) {
  const serious = report.findings.filter((f) => f.severity !== "note").length;
  const unread = report.inputs.filter((i) => i.status === "not_read").length;
  const assumed = comparisons(report).some(({ comparison }) => comparison.reasons.includes("assumed_between_run_sd"));
  const lines = [
    serious && t("trust.findings", { n: serious }),
    unread && t("trust.unread", { n: unread, all: report.inputs.length }),
    assumed && t("trust.assumed", { fork: `${report.settings.stats.assumed_fork_sd * 100}%`, block: `${report.settings.stats.assumed_block_sd * 100}%` }),
  ].filter(Boolean);
  return lines.length > 0 && h("ul", { class: "trust" }, lines.map((line) => h("li", {}, glyph("warning"), h("span", {}, line))));
}

function nameCell(report, item) {
  const { row, index, comparison } = item;
  const side = report.sides.length > 2 ? ` (${report.sides[comparison.candidate].name})` : "";
  const metric = row.primary ? "" : ` [${row.metric}]`;
  return h("td", { class: "name" }, h("a", { class: "id", href: `#series/${index}` }, row.label), h("span", { class: "pkg" }, metric + side));
}

function verdictRow(report, item, scale) {
  const { row, index, comparison } = item;
  const values = [row.sides[0], row.sides[comparison.candidate]].map((s) => s?.mean.value);
  const unit = scaleOf(row, values[0] ?? values[1] ?? 0);
  const text = changeText(comparison);
  const strong = comparison.verdict !== "inconclusive" && comparison.verdict !== "equivalent";
  const cell = (v) => h("td", { class: "num raw" }, v === undefined ? "–" : [digits(v / unit.factor), h("span", { class: "unit" }, unit.unit)]);
  const none = comparison.verdict === "not_comparable";
  return h("tr", { class: `${strong ? "strong" : ""} ${none ? "nc" : ""}`, onclick: (e) => { if (!e.target.closest("a")) location.hash = `#series/${index}`; } },
    h("td", { class: "verd" }, verdictCell(comparison.verdict)),
    nameCell(report, item), cell(values[0]), cell(values[1]),
    h("td", { class: "num chg" }, text.value), h("td", { class: "num ci" }, text.interval),
    none ? h("td", { class: "plot dim" }, comparison.reasons.map((r) => t(`reason.${r}`)).join(t("list.semicolon")))
      : h("td", { class: "plot" }, forestRow(row, comparison, scale, comparison.margin.ratio)));
}

function verdictTable(report) {
  const all = comparisons(report);
  const wanted = all.filter(({ row, comparison }) =>
    (!state.verdict || comparison.verdict === state.verdict) && row.label.toLowerCase().includes(state.text.toLowerCase()));
  if (!wanted.length) return h("p", { class: "dim", style: { margin: "var(--s-4) 0" } }, t("table.nothing"));
  const primary = wanted.filter(({ row }) => row.primary), rest = wanted.filter(({ row }) => !row.primary);
  const scale = forestScale(all.filter(({ row }) => row.primary), report.settings.stats.margin);
  const order = (list) => [...list].sort((a, b) => VERDICTS.indexOf(a.comparison.verdict) - VERDICTS.indexOf(b.comparison.verdict));
  const head = h("thead", {}, h("tr", {},
    h("th", {}, t("table.verdict")), h("th", {}, t("table.name")), h("th", { class: "num raw" }, t("table.base")), h("th", { class: "num raw" }, t("table.candidate")),
    h("th", { class: "num" }, t("table.change")), h("th", { class: "num" }, t("table.interval")), h("th", { class: "plot axis" }, forestAxis(scale))));
  const limit = 1000;
  const body = (list) => h("tbody", {}, order(list).slice(0, limit).map((item) => verdictRow(report, item, scale)));
  return h("div", {},
    primary.length > 0 && h("table", { class: "v", id: "verdicts" }, head, body(primary)),
    primary.length > limit && h("p", { class: "small dim" }, t("table.limit", { n: limit, all: primary.length })),
    rest.length > 0 && h("details", { style: { marginTop: "var(--s-4)" }, open: primary.length === 0 || rest.length <= 8 },
      h("summary", { class: "small" }, t("table.secondary", { n: rest.length })), h("table", { class: "v" }, body(rest))));
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

function planTable(report) {
  const open = comparisons(report).filter(({ row, comparison }) => row.primary && comparison.plan);
  if (!open.length) return null;
  const cost = (plan) => {
    if (plan.needs_interleaving) return t("plan.interleave");
    if (plan.more === null) return t("plan.never");
    const time = plan.seconds ? t("plan.time", { time: plan.seconds < 90 ? `${Math.ceil(plan.seconds)} s` : `${Math.ceil(plan.seconds / 60)} min` }) : "";
    return t(`plan.${plan.unit}`, { n: plan.more }) + time;
  };
  return h("section", { class: "sec", style: { marginTop: "var(--s-6)", maxWidth: "44rem" } }, h("h2", {}, t("plan.title")), h("p", { class: "sub" }, t("plan.sub", { power: `${report.settings.stats.power * 100}%` })),
    h("table", { class: "t" }, h("tbody", {}, open.slice(0, 50).map(({ row, index, comparison }) => h("tr", {},
      h("td", {}, h("a", { class: "id", href: `#series/${index}` }, row.label)), h("td", {}, t(`plan.goal.${comparison.plan.goal}`)), h("td", {}, cost(comparison.plan)))))));
}

function tools(report, refresh) {
  const all = comparisons(report).filter(({ row }) => row.primary);
  const present = VERDICTS.filter((v) => all.some(({ comparison }) => comparison.verdict === v));
  const count = (v) => all.filter(({ comparison }) => comparison.verdict === v).length;
  const pick = (v) => { state.verdict = state.verdict === v ? null : v; refresh(); };
  const select = h("select", { class: "field pick", "aria-label": t("table.filter"), onchange: (e) => { state.verdict = e.target.value || null; refresh(); } },
    h("option", { value: "" }, t("table.all", { n: all.length })), present.map((v) => h("option", { value: v, selected: state.verdict === v }, `${t(`verdict.${v}`)} ${count(v)}`)));
  return h("div", { class: "tools" },
    h("div", { class: "chips", role: "group", "aria-label": t("table.filter") }, present.map((v) =>
      h("button", { class: `chip v-${v}`, type: "button", "aria-pressed": String(state.verdict === v), onclick: () => pick(v) }, glyph(v), h("span", {}, t(`verdict.${v}`)), h("b", {}, count(v))))),
    select,
    h("input", { class: "field", id: "search", type: "search", placeholder: t("table.search"), "aria-label": t("table.search"), value: state.text, oninput: (e) => { state.text = e.target.value; refresh(); } }));
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

export function reportView(report) {
  const compared = report.settings.compare && report.sides.length > 1;
  const place = h("div", {});
  const bar = h("div", {});
  const refresh = () => {
    place.replaceChildren(compared ? verdictTable(report) : healthTable(report));
    const focused = document.activeElement?.id === "search";
    bar.replaceChildren(compared ? tools(report, refresh) : "");
    if (focused) { const field = document.getElementById("search"); field.focus(); field.setSelectionRange(state.text.length, state.text.length); }
  };
  refresh();
  const families = report.families.filter((f) => f.primary && f.tests > 1);
  return h("div", {},
    h("div", { class: "answer" }, h("h1", { id: "headline" }, headline(report)), h("p", { class: "lede" }, lede(report)), trust(report)),
    bar,
    h("div", { class: "cols" },
      h("section", { class: "sec" }, place, compared && planTable(report), fileList(report.inputs),
        report.presence.length > 0 && h("section", { class: "sec", style: { marginTop: "var(--s-5)" } }, h("h2", {}, t("presence.title")), h("ul", { class: "small" },
          report.presence.slice(0, 100).map((p) => h("li", {}, `${p.label}: ${t(`presence.${typeof p.kind === "string" ? p.kind : Object.keys(p.kind)[0]}`)}`))))),
      h("aside", { class: "sec" }, h("div", { class: "rail-head" }, h("h2", {}, t("findings.title"))), findingsList(report),
        h("h2", { style: { margin: "var(--s-6) 0 var(--s-2)" } }, t("measured.title")), measured(report))),
    h("footer", { class: "foot" }, families.map((f) => h("span", {}, t("foot.family", { tests: f.tests, expected: digits(f.expected_false_hits), seen: f.raw_hits }))), h("span", {}, t("foot.method"))));
}
