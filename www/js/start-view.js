// The first screen: what it is for, how to get files, and what became of those that could not be read.
import { h, glyph } from "./dom.js";
import { t } from "./i18n.js";

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
  [null, "a;b;c 42"],
];

export function startView({ choose, example, files }) {
  const table = (rows) => h("div", { class: "scroll" }, h("table", { class: "t cmd" }, h("tbody", {},
    rows.map(([name, command]) => h("tr", {}, h("th", { scope: "row" }, name ?? t("start.folded")), h("td", {}, h("code", {}, command)))))));
  return h("div", { class: "start" },
    h("h1", {}, t("start.title")),
    h("p", { class: "lede" }, t("start.lede")),
    h("div", { class: "drop", id: "drop" },
      h("h2", {}, t("start.drop")),
      h("div", { class: "acts" },
        h("button", { class: "btn primary", type: "button", onclick: choose }, t("action.choose")),
        h("button", { class: "btn", type: "button", "data-act": "example", onclick: example }, t("action.example"))),
      h("p", { class: "small dim" }, t("start.private"))),
    files,
    h("div", { class: "pair", style: { marginTop: "var(--s-6)" } },
      h("section", { class: "sec" }, h("h2", {}, t("start.results")), table(COMMANDS), h("p", { class: "small dim", style: { marginTop: "var(--s-2)" } }, t("start.content"))),
      h("section", { class: "sec" }, h("h2", {}, t("start.profiles")), table(PROFILES))));
}

// One line a file that could not be read, or was read in part.
export function fileList(inputs) {
  const listed = inputs.filter((i) => i.status !== "read");
  if (!listed.length) return null;
  return h("section", { class: "sec", id: "file-errors", style: { marginTop: "var(--s-5)" } }, h("h2", {}, t("files.title")), h("ul", { class: "files" }, listed.map((input) => {
    const at = input.error?.at;
    const place = at ? `${t(`place.${at.kind}`, { at: at.at })}: ` : "";
    return h("li", {}, glyph(input.status === "not_read" ? "error" : "warning"),
      h("span", { class: "id" }, input.name), h("span", { class: "bad" }, t(`files.${input.status}`)),
      h("p", { class: "msg" }, input.error
        ? `${place}${t(`error.${input.error.code}`)} (${input.error.message})`
        : input.notices.map((n) => `${t(`notice.${n.code}`)} ×${n.count}`).join("; ")));
  })));
}
