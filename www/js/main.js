// Wiring: files in, screens out.
import { h } from "./dom.js";
import { engine, unpackExample } from "./engine.js";
import { language, preferredLanguage, setLanguage, t } from "./i18n.js";
import { analyze, app, excerpt, filesOfDrop, forget, openSaved, readFiles } from "./session.js";
import { saveReport } from "./save.js";
import { onKey, showKeys } from "./keys.js";
import { fileSize } from "./number.js";
import { fileList, startView } from "./start-view.js";
import { headline } from "./answer-view.js";
import { reportView } from "./report-view.js";
import { seriesPages, seriesView } from "./series-view.js";
import { flameView } from "./flame-view.js";
import { fillAllRows } from "./rows.js";
import { tableFilter } from "./verdict-table.js";

const MOST_PAGES = 40;
const get = (id) => document.getElementById(id);
const say = (text) => { get("live").textContent = text; };
// The page is a file for some: storage may be missing.
const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* not kept */ } };
const recall = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
let view = null;

function bestScreen() {
  const { report } = app;
  return !report ? "#start" : report.rows.length ? "#report" : report.profiles.length ? "#flame" : report.evidence?.length ? "#report" : "#start";
}

// Takes files in, judges all there are, and shows what came of it.
async function take(files, target) {
  app.files.push(...files);
  app.parity = null;
  tableFilter.verdict = null;
  tableFilter.text = "";
  await analyze(render);
  const to = target ?? bestScreen();
  if (location.hash === to) render(); else location.hash = to;
  if (app.report) say(headline(app.report));
}

async function addFiles(list) {
  const files = await readFiles(list);
  if (files.length) await take(files); else render();
}

async function example() {
  const files = await unpackExample();
  forget();
  await take(files, "#report");
}

function clear() {
  forget();
  if (location.hash === "#start") render(); else location.hash = "#start";
}

// Makes another side the baseline.
async function rebase(name) {
  const others = app.report.sides.map((side) => side.name).filter((other) => other !== name);
  app.config = JSON.stringify({ ...JSON.parse(app.config || "{}"), sides: [name, ...others] });
  app.parity = null;
  await analyze(render);
  render();
  get("swap")?.focus();
}

function showParity() {
  const place = get("parity");
  const bad = app.notice || app.parity?.same === false;
  place.hidden = !app.parity && !app.notice;
  place.className = bad ? "banner bad" : "banner";
  place.setAttribute("role", bad ? "alert" : "status");
  const lines = [app.notice, app.parity && (app.parity.same ? t("saved.same") : t("saved.differs", app.parity))].filter(Boolean);
  place.replaceChildren(h("span", {}, lines.join(" ")), app.notice ? h("button", { class: "link", type: "button", onclick: () => { app.notice = ""; showParity(); } }, t("action.close")) : "");
}

function screenNow() {
  const [name, part, which] = (location.hash.slice(1) || "start").split("/");
  if (!app.report) return ["start"];
  return ["report", "series", "flame"].includes(name) ? [name, +part || 0, +which || 0] : ["start"];
}

// What is being read, and a way to stop; only when it takes long.
function progress() {
  const stop = () => { app.stopping = true; engine.restart().catch(() => {}); };
  return h("div", { class: "reading", role: "status" }, h("h1", {}, t("files.reading")),
    h("ul", { class: "files" }, app.files.slice(0, 12).map((f) => h("li", {}, h("span", {}), h("span", { class: "id" }, f.name), h("span", { class: "dim" }, fileSize(f.bytes.byteLength)))), app.files.length > 12 && h("li", {}, h("span", {}), t("findings.more", { n: app.files.length - 12 }))),
    h("p", { class: "after" }, h("button", { class: "btn", type: "button", onclick: stop }, t("files.stop"))));
}

function screenView(screen, part, which) {
  if (app.busy) return progress();
  if (screen === "report") return reportView(app.report, { rebase, excerpt, say });
  if (screen === "series") return seriesView(app.report, part, which, (row, side) => engine.call("columns", { row, side }), app.marks);
  if (screen === "flame") return flameView(app.report, part);
  return startView({ choose: () => get("files").click(), example, files: app.report && fileList(app.report.inputs, excerpt) });
}

function render() {
  const [screen, part, which] = screenNow();
  document.documentElement.dataset.screen = screen;
  document.title = app.title ? `${app.title} – noisefloor` : app.report && screen !== "start" ? `${headline(app.report)} – noisefloor` : "noisefloor";
  view = screenView(screen, part, which);
  get("main").replaceChildren(view);
  const tab = (name, key) => h("a", { href: `#${name}`, "aria-current": screen === name || (name === "report" && screen === "series") ? "page" : false }, t(key));
  get("tabs").setAttribute("aria-label", t("bar.views"));
  get("tabs").replaceChildren(...(app.report ? [(app.report.rows.length > 0 || app.report.evidence?.length > 0) && tab("report", "bar.report"), app.report.profiles.length > 0 && tab("flame", "bar.flame")].filter(Boolean) : []));
  get("actions").replaceChildren(bar());
  showParity();
}

function bar() {
  const other = language() === "zh" ? "en" : "zh";
  const button = (text, onclick, rest = {}) => h("button", { class: "btn plain", type: "button", onclick, ...rest }, text);
  const buttons = () => [
    button(t("action.add"), () => get("files").click(), { class: "btn" }),
    app.report && button(t("action.save"), () => saveReport(app).catch((error) => { app.notice = error.message; showParity(); }), { class: "btn", "data-act": "save" }),
    app.files.length > 0 && button(t("action.clear"), clear),
    button(other === "zh" ? "中文" : "English", () => { setLanguage(other); remember("language", other); render(); }, { lang: other === "zh" ? "zh-Hans" : "en", "data-act": "lang" }),
    button(t(isDark() ? "action.light" : "action.dark"), switchTheme, { "data-act": "theme" }),
    button(t("action.keys"), showKeys),
  ].filter(Boolean);
  return h("div", { class: "acts-bar" }, h("div", { class: "hide-n acts-bar" }, buttons()),
    h("details", { class: "menu" }, h("summary", { class: "btn" }, t("action.menu")), h("ul", {}, buttons().map((b) => h("li", {}, b)))));
}

const isDark = () => {
  const set = document.documentElement.dataset.theme;
  return set ? set === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};
function switchTheme() {
  const theme = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  remember("theme", theme);
  get("actions").replaceChildren(bar());
  view?.redraw?.();
}

const goSeries = (by) => {
  const count = app.report.rows.length, [, part] = screenNow();
  location.hash = `#series/${(part + by + count) % count}`;
};

// What prints: the table whole and unfolded, then a page for each series that is not equivalent.
let kept = null;
function beforePrint() {
  if (!app.report || screenNow()[0] !== "report") return;
  kept = { ...tableFilter };
  Object.assign(tableFilter, { verdict: null, text: "", unfolded: true, others: true });
  render();
  fillAllRows();
  get("print").replaceChildren(...seriesPages(app.report, MOST_PAGES));
}
function afterPrint() {
  if (!kept) return;
  Object.assign(tableFilter, kept);
  kept = null;
  get("print").replaceChildren();
  render();
}

function begin() {
  setLanguage(recall("language") ?? preferredLanguage());
  const query = new URLSearchParams(location.search);
  const theme = query.get("theme") ?? recall("theme");
  if (theme) document.documentElement.dataset.theme = theme === "dark" ? "dark" : "light";
  if (query.get("lang")) setLanguage(query.get("lang"));
  get("files").addEventListener("change", (event) => { addFiles([...event.target.files]); event.target.value = ""; });
  const over = (on) => document.body.classList.toggle("over", on);
  for (const kind of ["dragenter", "dragover"]) document.addEventListener(kind, (event) => { event.preventDefault(); over(true); });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) over(false); });
  document.addEventListener("drop", async (event) => { event.preventDefault(); over(false); addFiles(await filesOfDrop(event.dataTransfer)); });
  document.addEventListener("keydown", (event) => onKey(event, { screen: screenNow()[0], view, go: goSeries, say }));
  document.addEventListener("click", (event) => { const menu = document.querySelector("details.menu[open]"); if (menu && !menu.querySelector("summary").contains(event.target)) menu.open = false; });
  window.addEventListener("hashchange", () => { render(); window.scrollTo(0, 0); get("main").focus({ preventScroll: true }); });
  window.addEventListener("beforeprint", beforePrint);
  window.addEventListener("afterprint", afterPrint);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { get("actions").replaceChildren(bar()); view?.redraw?.(); });
  render();
  const saved = get("noisefloor-data").textContent.trim();
  const opened = saved.startsWith("{") ? openSaved(saved, render).then(() => { if (!location.hash || location.hash === "#start") location.replace(bestScreen()); }) : Promise.resolve();
  opened.then(render).then(() => { document.documentElement.dataset.ready = "true"; });
}

begin();
