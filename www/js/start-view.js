// The first screen: what it is for, how to get files, and what became of those that could not be read.
import { brief, h, glyph } from "./dom.js";
import { engine } from "./engine.js";
import { gap, t } from "./i18n.js";
import { fileSize, grouped } from "./number.js";
import { selfTestView } from "./self-test.js";
import { app, completed } from "./session.js";

const COMMANDS = [
  ["noisefloor", "noisefloor run --arm old=… --arm new=… -o run.jsonl"],
  ["Go", "go test -bench . -count 10 > before.txt"],
  ["hyperfine", "hyperfine --export-json after.json …"],
  ["Criterion.rs", "cargo bench  →  target/criterion/…/sample.json"],
  ["JMH", "java -jar bench.jar -rf json"],
];
const PROFILES = [
  ["noisefloor", "noisefloor run --profile …"],
  ["Go", "go test -bench . -cpuprofile cpu.pb.gz"],
  ["pprof", "*.pb.gz, *.pprof"],
  ["perf", "perf script > perf.txt"],
  ["Node", "node --cpu-prof app.js"],
  ["speedscope", "*.speedscope.json"],
  [null, "main;parse;read 42"],
];

// Every format by name; the whole engine knows them, and starts for it when somebody looks.
function formatList() {
  const place = h("p", { class: "small", id: "formats" }, t("files.reading"));
  const details = h("details", { ontoggle: show }, h("summary", { class: "small" }, t("start.formats")), place);
  async function show() {
    if (!details.open) return;
    const all = await completed();
    place.replaceChildren(await engine.call("formats").then((names) => names.join(t("list.comma")) + (all ? "" : t("list.stop") + t("engine.small")), (error) => String(error.message)));
  }
  return details;
}

export function startView({ choose, example, files }) {
  const table = (rows) => h("table", { class: "t cmd" }, h("tbody", {},
    rows.map(([name, command]) => h("tr", {}, h("th", { scope: "row" }, name ?? t("start.folded")), h("td", {}, h("code", {}, command))))));
  return h("div", { class: "start" },
    h("h1", { id: "start-title" }, t("start.title")),
    h("p", { class: "lede" }, t("start.lede")),
    files,
    h("div", { class: "drop", id: "drop" },
      h("h2", {}, t("start.drop")),
      h("div", { class: "acts" },
        h("button", { class: "btn primary", type: "button", onclick: choose }, t("action.choose")),
        h("button", { class: "btn", type: "button", "data-act": "example", onclick: example }, t("action.example"))),
      h("p", { class: "small dim" }, t("start.private"))),
    h("div", { class: "pair start-how" },
      h("section", { class: "sec" }, h("h2", {}, t("start.results")), table(COMMANDS), h("p", { class: "small dim after" }, t("start.content")), formatList()),
      h("section", { class: "sec" }, h("h2", {}, t("start.profiles")), table(PROFILES), h("p", { class: "small dim after" }, t("start.profiles_note")))),
    selfTestView());
}

// Where an error is, what it is, and what to do.
function errorLines(place, what, message, remedy) {
  return [h("p", { class: "msg" }, [place, what].filter(Boolean).join(t("list.colon")), t("list.stop"), h("span", { lang: "en", class: "raw-error" }, message)),
    h("p", { class: "msg" }, h("b", {}, t("finding.do")), gap(), remedy)];
}

const nameOf = (name, rest) => h("span", { class: "id", title: name }, brief(name, 120), rest);

// An archive, or a member of one, that could not be opened.
function archiveLine({ name, code, message }) {
  const remedy = t(["damaged", "trailing"].includes(code) ? "remedy.checksum-mismatch" : "remedy.archive");
  return h("li", {}, h("span", { class: "bad" }, glyph("error")), nameOf(name), h("span", { class: "bad" }, t("files.not_read")), errorLines("", t(`archive.${code}`), message, remedy));
}

// What lies in folders and archives and is no result, a line for each reason; nobody named it, so that it is only
// counted. Where nothing else lies there, that is an error.
function asideLines() {
  const lines = [];
  for (const group of new Set(app.aside.map((entry) => entry.group))) {
    const inside = app.aside.filter((entry) => entry.group === group);
    const nothing = !app.judged.some((file) => file.group === group);
    const texts = [...new Set(inside.map(({ why }) => why))].map((why) => {
      const names = inside.filter((entry) => entry.why === why).map(({ name }) => brief(name.slice(group.path.length + 1), 60));
      const listed = names.slice(0, 3).join(t("list.comma")) + (names.length > 3 ? " …" : "");
      return h("p", { class: "msg" }, t("files.aside", { n: grouped(names.length), names: listed, why: t(why) }));
    });
    lines.push(h("li", {}, h("span", { class: nothing ? "bad" : "dim" }, glyph(nothing ? "error" : "note")), nameOf(group.path), nothing ? h("span", { class: "bad" }, t("files.nothing")) : h("span", {}), texts));
  }
  return lines;
}

// One entry a file that could not be read, or was read in part: state, place, reason, what to do, and
// the line itself where it is text. `excerpt(i, line)` gives that line of input i, or null.
export function fileList(inputs, excerpt) {
  const listed = inputs.map((input, i) => ({ input, i })).filter(({ input }) => input.status !== "read");
  const line = ({ input, i }) => {
    const { error } = input;
    const place = error?.at ? t(`place.${error.at.kind}`, { at: grouped(error.at.at) }) : "";
    const text = error?.at?.kind === "line" ? excerpt?.(i, error.at.at) : null;
    return h("li", {}, h("span", { class: "bad" }, glyph(input.status === "not_read" ? "error" : "warning")),
      nameOf(input.name, h("span", { class: "pkg" }, fileSize(input.bytes))), h("span", { class: "bad" }, t(`files.${input.status}`)),
      error
        ? [errorLines(place, t(`error.${error.code}`), error.message, t(`remedy.${error.code}`)), text && h("pre", {}, `${error.at.at} | ${text}`)]
        : h("p", { class: "msg" }, input.notices.map((n) => `${t(`notice.${n.code}`)} ×${grouped(n.count)}`).join(t("list.semicolon"))));
  };
  const lines = [...app.problems.map((problem) => () => archiveLine(problem)), ...listed.map((entry) => () => line(entry))];
  const aside = asideLines();
  if (!lines.length && !aside.length) return null;
  return h("section", { class: "sec", id: "file-errors" }, h("h2", {}, t("files.title")), h("ul", { class: "files" }, lines.slice(0, 200).map((make) => make()),
    lines.length > 200 && h("li", {}, t("findings.more", { n: grouped(lines.length - 200) })), aside));
}
