// The engine's test of itself, on demand: certified answers, the digits reached, and the digest of all bits.
import { h, glyph } from "./dom.js";
import { t } from "./i18n.js";
import { engine } from "./engine.js";
import { grouped } from "./number.js";
import { completed } from "./session.js";

const places = (value) => (value === 15 ? "15" : value.toFixed(1));

// The engine names its checks in English; the catalogue knows the words of those names, longer ones first.
function worded(text) {
  return t("selftest.words").split("|").map((pair) => pair.split("=")).reduce((out, [word, ...own]) => ` ${out} `.replaceAll(` ${word} `, ` ${own.join("=")} `).trim(), text);
}

function table(result) {
  const line = (check) => h("tr", {}, h("td", {}, glyph(check.passed ? "equivalent" : "error")), h("th", { scope: "row" }, worded(check.group)), h("td", {}, worded(check.id)),
    h("td", { class: "num" }, check.got === null ? "–" : String(+check.got.toPrecision(12))), h("td", { class: "num" }, `${places(check.digits)} / ${places(check.needed)}`));
  const column = (key, kind) => h("th", { scope: "col", class: kind }, key && t(key));
  return h("table", { class: "t", id: "self-test-table" },
    h("thead", {}, h("tr", {}, column(""), column("selftest.group"), column("selftest.check"), column("selftest.got", "num"), column("selftest.digits", "num"))),
    h("tbody", {}, [...result.checks].sort((a, b) => a.passed - b.passed).map(line)));
}

export function selfTestView() {
  const place = h("div", { id: "self-test", role: "status" });
  const button = h("button", { class: "link", type: "button", "data-act": "selftest", onclick: run }, t("selftest.run"));
  async function run() {
    place.replaceChildren(h("p", { class: "small dim" }, t("files.reading")));
    try {
      if (!await completed()) throw new Error(t("engine.small"));
      const result = await engine.call("selftest");
      const good = result.checks.filter((c) => c.passed).length;
      place.replaceChildren(h("p", {}, glyph(result.passed ? "equivalent" : "error"), " ", t(result.passed ? "selftest.passed" : "selftest.failed", { good: grouped(good), all: grouped(result.checks.length) })),
        h("p", { class: "small dim" }, t("selftest.digest"), " ", h("code", { id: "self-test-digest" }, result.digest), t("list.stop"), t("selftest.same")),
        h("details", {}, h("summary", { class: "small" }, t("selftest.show")), h("div", { class: "scroll" }, table(result))));
    } catch (error) {
      place.replaceChildren(h("p", {}, glyph("error"), " ", String(error.message)));
    }
  }
  return h("section", { class: "sec self-test" }, h("p", { class: "small dim" }, t("selftest.what"), " ", button), place);
}
