// What runtimes and compilers wrote beside the results: collections, notes, schedules.
import { brief, h } from "./dom.js";
import { t } from "./i18n.js";
import { amount, digits, grouped, percent } from "./number.js";

const MOST_PIECES = 60;
const MOST_SITES = 8;

const span = (seconds) => amount(seconds * 1e9, "nanoseconds");
const bytes = (value) => amount(value, "bytes");
const spaced = (kind) => kind.replaceAll("_", " ");
const counts = (kinds) => kinds.map((k) => `${grouped(k.count)} ${spaced(k.kind)}`).join(t("list.comma"));
const between = (i, show) => (i ? ` [${i.low === null ? "–" : show(i.low)}, ${i.high === null ? "–" : show(i.high)}]` : "");
const quantiles = (list, show) => list.filter((q) => q.value !== null).map((q) => `p${+(q.p * 100).toPrecision(4)} ${show(q.value)}${between(q.interval, show)}`).join(t("list.comma"));

function collections(c) {
  const heap = c.heap, most = heap && Math.max(heap.largest_after ?? 0, heap.first_after, heap.last_after);
  return [
    ["cycles", c.cycles > 0 ? t("evidence.cycles_text", { n: grouped(c.cycles), kinds: counts(c.kinds), processes: grouped(c.processes) }) + (c.span_seconds === null ? "" : `${t("list.comma")}${span(c.span_seconds)}`) : "0"],
    c.other_cycles > 0 && ["others", grouped(c.other_cycles)],
    c.pauses > 0 && ["pauses", t("evidence.pauses_text", { n: grouped(c.pauses), time: span(c.pause_seconds), longest: span(c.longest_pause ?? 0) }) + (c.pause_share === null ? "" : `${t("list.comma")}${t("evidence.share", { share: percent(c.pause_share) })}`)],
    c.pause_quantiles.some((q) => q.value !== null) && ["quantiles", quantiles(c.pause_quantiles, span)],
    c.stops && ["stops", `${grouped(c.stops.count)}${t("list.comma")}${span(c.stops.seconds)}`],
    c.stalls && ["stalls", `${grouped(c.stalls.count)}${t("list.comma")}${span(c.stalls.seconds)}`],
    c.cpu_seconds !== null && ["cpu", span(c.cpu_seconds)],
    c.allocation_rate !== null && ["rate", t("evidence.rate_text", { rate: bytes(c.allocation_rate) })],
    heap && ["heap", t("evidence.course", { first: bytes(heap.first_after), last: bytes(heap.last_after), most: bytes(most) }) + (heap.growth_per_cycle === null ? "" : `${t("list.semicolon")}${t("evidence.growth", { growth: bytes(heap.growth_per_cycle) })}${between(heap.growth_interval, bytes)}`)],
  ];
}

function notes(n) {
  const sites = n.sites.filter((site) => ["moved_to_heap", "escapes_to_heap"].includes(site.kind)).slice(0, MOST_SITES);
  return [
    ["notes", counts(n.kinds)],
    n.reasons.length > 0 && ["reasons", h("ul", {}, n.reasons.slice(0, MOST_SITES).map((r) => h("li", {}, `${spaced(r.kind)}${t("list.colon")}${brief(r.reason, 100)} ×${grouped(r.count)}`)))],
    sites.length > 0 && ["sites", h("ul", {}, sites.map((site) => h("li", { title: site.chain.join("\n") || undefined }, h("span", { class: "id" }, brief(`${site.file}:${site.line}:${site.column}`, 60)), ` ${brief(site.subject, 60)}${t("list.comma")}${spaced(site.kind)}`)))],
  ];
}

function schedule(s) {
  return [
    ["processors", s.idle_share === null ? grouped(s.procs) : t("evidence.processors_text", { n: grouped(s.procs), idle: percent(s.idle_share) })],
    ["queue", [t("evidence.queue_text", { mean: digits(s.queue_mean ?? 0), most: grouped(s.queue_longest) }), quantiles(s.queue_quantiles, digits)].filter(Boolean).join(t("list.semicolon"))],
    ["threads", t("evidence.course", { first: grouped(s.threads_first), last: grouped(s.threads_last), most: grouped(s.threads_most) })],
  ];
}

// What collections did to the iterations of each side.
function biases(report, piece) {
  return report.sides.map((side, at) => {
    const own = piece.biases.filter((b) => b.side === at);
    const sum = (of) => own.reduce((n, b) => n + of(b), 0);
    return own.length > 0 && ["bias", `${brief(side.name, 44)}${t("list.colon")}${t("evidence.bias_text", { biased: grouped(sum((b) => b.biased)), n: grouped(sum((b) => b.iterations)), left: grouped(sum((b) => (b.gc_bound ? 0 : b.biased))) })}`];
  });
}

function piece(report, evidence) {
  const name = report.inputs[evidence.input]?.name ?? "";
  const side = report.sides[evidence.side]?.name;
  const of = side !== undefined ? t("evidence.of", { side: brief(side, 44) }) : report.sides.length > 0 && t(evidence.attached_by ? "evidence.several" : "evidence.untied");
  const collector = evidence.collections?.collector;
  const rows = [evidence.collections && collections(evidence.collections), evidence.notes && notes(evidence.notes), evidence.schedule && schedule(evidence.schedule), biases(report, evidence)];
  return h("table", { class: "t cmd" },
    h("thead", {}, h("tr", {}, h("th", { scope: "colgroup", colspan: 2, class: "wrap" }, h("span", { class: "id", title: name }, brief(name)), t("list.colon"), [collector, t(`evidence.kind.${evidence.kind}`)].filter(Boolean).join(" "), of && [t("list.comma"), of]))),
    h("tbody", {}, rows.flat().filter(Boolean).map(([key, value]) => h("tr", {}, h("th", { scope: "row" }, t(`evidence.${key}`)), h("td", { class: "wrap" }, value)))));
}

export function evidenceView(report) {
  const list = report.evidence ?? [];
  if (!list.length) return null;
  return h("section", { class: "sec", id: "evidence" }, h("h2", {}, t("evidence.title")), h("p", { class: "sub" }, t("evidence.sub")),
    list.slice(0, MOST_PIECES).map((one) => piece(report, one)), list.length > MOST_PIECES && h("p", { class: "small" }, t("findings.more", { n: grouped(list.length - MOST_PIECES) })));
}
