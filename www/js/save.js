// A saved report: this page with the files inside. It computes everything again when it is opened.
import { h, visible } from "./dom.js";
import { t } from "./i18n.js";
import { changeText } from "./number.js";
import { engine, pack, wholePage } from "./engine.js";
import { withSides } from "./judge.js";
import { comparisons, headline } from "./answer-view.js";
import { findingsList } from "./findings-view.js";

// As it came, before anything was drawn.
const pristine = `<!doctype html>\n${document.documentElement.outerHTML}`;

// For readers without scripts: headline, table and findings.
function plainReport(report) {
  const cells = (tag, list) => h("tr", {}, list.map((text) => h(tag, {}, text)));
  const findings = findingsList(report);
  for (const drawing of findings.querySelectorAll("svg")) drawing.remove();
  for (const link of findings.querySelectorAll("a")) link.removeAttribute("href");
  return h("div", {}, h("p", {}, headline(report)), h("table", {}, cells("th", [t("table.verdict"), t("table.name"), t("table.change"), t("table.bounds")]),
    comparisons(report).map(({ row, comparison }) => { const text = changeText(comparison); return cells("td", [t(`verdict.${comparison.verdict}`), row.label, text.value, text.interval]); })),
    h("h2", {}, t("findings.title")), findings);
}

export async function savedPage(app) {
  // A report is to be opened anywhere: it carries the whole engine, where that can be had.
  const template = await wholePage() ?? pristine;
  const files = await Promise.all(withSides(app.judged).map(async (file) => ({ name: file.name, side: file.side, gzip_base64: await pack(file.bytes) })));
  const title = app.title || visible(headline(app.report));
  const data = JSON.stringify({ schema: 1, title, files, config: app.report.settings, report_json: await engine.call("text") });
  const page = new DOMParser().parseFromString(template, "text/html");
  // No `<` may stand in the data: it could end the element that holds them.
  page.getElementById("noisefloor-data").textContent = data.replace(/</g, "\\u003c");
  page.querySelector("noscript").innerHTML = plainReport(app.report).innerHTML;
  return `<!doctype html>\n${page.documentElement.outerHTML}`;
}

export async function saveReport(app) {
  const url = URL.createObjectURL(new Blob([await savedPage(app)], { type: "text/html" }));
  const link = h("a", { href: url, download: "noisefloor-report.html" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
