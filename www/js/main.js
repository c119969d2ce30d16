// Wiring: files in, screens out.
import { h } from "./dom.js";
import { engine, unpack } from "./engine.js";
import { language, preferredLanguage, setLanguage, t } from "./i18n.js";
import { fileList, startView } from "./start-view.js";
import { headline, reportView } from "./report-view.js";
import { seriesView } from "./series-view.js";
import { flameView } from "./flame-view.js";

const LARGE = 1 << 30;
const app = { files: [], judged: [], report: null, reportText: "", marks: null, config: "", title: "", parity: null, notice: "", busy: "", stopping: false };
const get = (id) => document.getElementById(id);
const say = (text) => { get("live").textContent = text; };
// The page is a file for some: storage may be missing.
const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* not kept */ } };
const recall = (key) => { try { return localStorage.getItem(key); } catch { return null; } };

const EXCLUDING = ["warmup", "failed", "interrupted", "profiled", "pilot", "excluded", "gc_biased"];

// Judges all files. An engine that stops is started anew, and what stopped it is put aside.
async function analyze() {
  app.busy = t("files.reading");
  const timer = setTimeout(render, 300);
  try {
    const text = await judge(app.files);
    app.reportText = text;
    app.report = JSON.parse(text);
    app.judged = [...app.files];
    const marks = await engine.call("marks");
    app.marks = { names: marks, excluding: marks.reduce((bits, name, i) => (EXCLUDING.includes(name) ? bits | (1 << i) : bits), 0) };
  } catch (error) {
    if (app.stopping) {
      app.files = app.judged;
      app.notice = t("files.stopped");
    } else if (error.fatal) await isolate(error);
    else {
      app.report = null;
      app.notice = t("engine.refused", { message: error.message });
    }
  } finally {
    clearTimeout(timer);
    app.busy = "";
    app.stopping = false;
  }
}

function judge(files) {
  const copies = files.map((f) => ({ name: f.name, side: f.side, bytes: f.bytes.slice(0) }));
  return engine.call("analyze", { files: copies, config: app.config }, copies.map((f) => f.bytes));
}

// Finds the files that stop the engine on their own and judges the rest without them.
async function isolate(error) {
  const guilty = [];
  if (app.files.length > 1) {
    for (const file of app.files) await judge([file]).catch((e) => { if (e.fatal) guilty.push(file); });
  }
  const aside = guilty.length ? guilty : app.files;
  app.files = app.files.filter((f) => !aside.includes(f));
  app.report = null;
  if (app.files.length) await analyze();
  const names = aside.slice(0, 3).map((f) => f.name).join(t("list.comma")) + (aside.length > 3 ? " …" : "");
  app.notice = t("engine.failed", { message: error.message, names });
}

// Takes files in, judges all there are, and shows what came of it.
async function take(files, target) {
  app.files.push(...files);
  app.parity = null;
  await analyze();
  const report = app.report;
  const best = !report ? "#start" : report.rows.length ? "#report" : report.profiles.length ? "#flame" : "#start";
  const to = target ?? best;
  if (location.hash === to) render(); else location.hash = to;
  if (report) say(headline(report));
}

async function addFiles(list) {
  const small = [...list].filter((file) => file.size <= LARGE);
  const large = [...list].filter((file) => file.size > LARGE);
  app.notice = large.length ? t("files.large", { name: large[0].name }) : "";
  const files = await Promise.all(small.map(async (file) => ({ name: file.webkitRelativePath || file.name, side: null, bytes: await file.arrayBuffer() })));
  if (files.length) await take(files); else render();
}

function example() {
  const encoder = new TextEncoder();
  forget();
  take(JSON.parse(get("nf-example").textContent).map((f) => ({ name: f.name, side: null, bytes: encoder.encode(f.text).buffer })), "#report");
}

function forget() {
  Object.assign(app, { files: [], judged: [], report: null, reportText: "", config: "", title: "", parity: null, notice: "" });
}

// Makes another side the baseline.
async function rebase(name) {
  const others = app.report.sides.map((side) => side.name).filter((other) => other !== name);
  app.config = JSON.stringify({ ...JSON.parse(app.config || "{}"), sides: [name, ...others] });
  app.parity = null;
  await analyze();
  render();
  get("swap")?.focus();
}

// The first place where two texts differ, with what stands there.
function difference(a, b) {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return { at: i, there: a.slice(Math.max(0, i - 20), i + 40), here: b.slice(Math.max(0, i - 20), i + 40) };
}

async function openSaved() {
  const text = get("noisefloor-data").textContent.trim();
  if (!text.startsWith("{")) return;
  try {
    const saved = JSON.parse(text);
    if (saved.schema !== 1) throw new Error(t("saved.schema", { schema: saved.schema }));
    app.title = saved.title;
    app.config = JSON.stringify(saved.config);
    app.files = await unpack(saved.files);
    await analyze();
    app.parity = app.reportText === saved.report_json ? { same: true } : { same: false, ...difference(saved.report_json, app.reportText) };
  } catch (error) {
    app.notice = t("saved.broken", { message: error.message });
  }
  if (!location.hash || location.hash === "#start") location.replace(app.report?.rows.length ? "#report" : app.report?.profiles.length ? "#flame" : "#start");
}

function showParity() {
  const place = get("parity");
  place.hidden = !app.parity && !app.notice;
  place.className = app.notice || app.parity?.same === false ? "banner bad" : "banner";
  if (app.notice) place.textContent = app.notice;
  else if (app.parity?.same) place.textContent = t("saved.same");
  else if (app.parity) place.textContent = t("saved.differs", app.parity);
}

function screenNow() {
  const [name, part, which] = (location.hash.slice(1) || "start").split("/");
  if (!app.report) return ["start"];
  return ["report", "series", "flame"].includes(name) ? [name, +part || 0, +which || 0] : ["start"];
}

let flameScreen = null;
function render() {
  const [screen, part, which] = screenNow();
  document.documentElement.dataset.screen = screen;
  document.title = app.title ? `${app.title} – noisefloor` : app.report && screen !== "start" ? `${headline(app.report)} – noisefloor` : "noisefloor";
  const main = get("main");
  flameScreen = null;
  if (app.busy) main.replaceChildren(h("p", { class: "dim", role: "status" }, app.busy, " ", h("button", { class: "btn", type: "button", onclick: () => { app.stopping = true; engine.restart(); } }, t("files.stop"))));
  else if (screen === "report") main.replaceChildren(reportView(app.report, rebase));
  else if (screen === "series") main.replaceChildren(seriesView(app.report, part, which, (row, side) => engine.call("columns", { row, side }), app.marks));
  else if (screen === "flame") main.replaceChildren((flameScreen = flameView(app.report, part)));
  else main.replaceChildren(startView({ choose: () => get("files").click(), example, files: app.report && fileList(app.report.inputs) }));
  const tab = (name, key) => h("a", { href: `#${name}`, "aria-current": screen === name || (name === "report" && screen === "series") ? "page" : false }, t(key));
  get("tabs").setAttribute("aria-label", t("bar.views"));
  get("tabs").replaceChildren(...(app.report ? [app.report.rows.length > 0 && tab("report", "bar.report"), app.report.profiles.length > 0 && tab("flame", "bar.flame")].filter(Boolean) : []));
  get("actions").replaceChildren(bar());
  showParity();
}

function bar() {
  const other = language() === "zh" ? "en" : "zh";
  const buttons = () => [
    h("button", { class: "btn", type: "button", onclick: () => get("files").click() }, t("action.add")),
    app.files.length > 0 && h("button", { class: "btn plain", type: "button", onclick: () => { forget(); location.hash = "#start"; render(); } }, t("action.clear")),
    h("button", { class: "btn plain", type: "button", lang: other === "zh" ? "zh-Hans" : "en", "data-act": "lang", onclick: () => { setLanguage(other); remember("language", other); render(); } }, other === "zh" ? "中文" : "English"),
    h("button", { class: "btn plain", type: "button", "data-act": "theme", onclick: switchTheme }, t(isDark() ? "action.light" : "action.dark")),
    h("button", { class: "btn plain", type: "button", onclick: showKeys }, t("action.keys")),
  ];
  return h("div", { class: "acts-bar" }, h("div", { class: "hide-n acts-bar" }, buttons()),
    h("details", { class: "menu" }, h("summary", { class: "btn" }, t("action.menu")), h("ul", {}, buttons().filter(Boolean).map((b) => h("li", {}, b)))));
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
  flameScreen?.redraw();
}

function showKeys() {
  const keys = [["/", "keys.search"], ["j  k", "keys.rows"], ["[  ]", "keys.series"], ["← ↑ → ↓", "keys.arrows"], ["Enter", "keys.enter"], ["0  Esc", "keys.reset"], ["c", "keys.copy"], ["?", "keys.help"]];
  const dialog = get("keys");
  dialog.replaceChildren(h("h2", {}, t("action.keys")), h("table", { class: "t" }, h("tbody", {}, keys.map(([k, text]) => h("tr", {}, h("td", {}, h("kbd", {}, k)), h("td", {}, t(text)))))),
    h("div", { class: "acts" }, h("button", { class: "btn", type: "button", onclick: () => dialog.close() }, t("action.close"))));
  dialog.showModal();
}

function onKey(event) {
  if (event.target.closest("input, select, textarea, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
  const [screen, part] = screenNow();
  if (event.key === "?") showKeys();
  else if (event.key === "/") {
    const field = get(screen === "flame" ? "flame-search" : "search");
    if (!field) return;
    event.preventDefault();
    field.focus();
  } else if (screen === "series" && (event.key === "[" || event.key === "]")) {
    const count = app.report.rows.length;
    location.hash = `#series/${(part + (event.key === "]" ? 1 : count - 1)) % count}`;
  } else if (screen === "report" && (event.key === "j" || event.key === "k")) {
    const links = [...document.querySelectorAll("#verdicts a.id, #values a.id")];
    const now = links.indexOf(document.activeElement);
    links[Math.min(links.length - 1, Math.max(0, now + (event.key === "j" ? 1 : -1)))]?.focus();
  } else if (event.key === "c" && screen !== "start") copy(screen);
}

// The sentence or name that the screen is about, for a pull request.
function copy(screen) {
  const words = screen === "flame" ? get("flame-canvas")?.dataset.selected
    : screen === "series" ? [get("series-name").textContent, ...document.querySelectorAll(".line")].map((x) => (x.textContent ? [...x.children].map((c) => c.textContent).join(" ") : x)).join(": ")
      : [get("headline").textContent, document.querySelector(".lede").firstChild.textContent].join(". ");
  navigator.clipboard?.writeText(words).then(() => say(t("keys.copied")), () => {});
}

// Files of a drop, also from folders.
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((e) => e.isDirectory)) return [...transfer.files];
  const files = [];
  while (entries.length && files.length < 5000) {
    const entry = entries.shift();
    if (entry.isFile) files.push(await new Promise((ok, no) => entry.file(ok, no)));
    else {
      const reader = entry.createReader();
      for (let part = [null]; part.length;) {
        part = await new Promise((ok, no) => reader.readEntries(ok, no));
        entries.push(...part);
      }
    }
  }
  return files;
}

function begin() {
  setLanguage(recall("language") ?? preferredLanguage());
  const theme = recall("theme");
  if (theme) document.documentElement.dataset.theme = theme === "dark" ? "dark" : "light";
  const query = new URLSearchParams(location.search);
  if (query.get("lang")) setLanguage(query.get("lang"));
  if (query.get("theme")) document.documentElement.dataset.theme = query.get("theme") === "dark" ? "dark" : "light";
  get("files").addEventListener("change", (event) => { addFiles([...event.target.files]); event.target.value = ""; });
  for (const kind of ["dragenter", "dragover"]) document.addEventListener(kind, (event) => { event.preventDefault(); get("drop")?.classList.add("over"); });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) get("drop")?.classList.remove("over"); });
  document.addEventListener("drop", async (event) => { event.preventDefault(); get("drop")?.classList.remove("over"); addFiles(await dropped(event.dataTransfer)); });
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", () => { render(); window.scrollTo(0, 0); get("main").focus({ preventScroll: true }); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => flameScreen?.redraw());
  render();
  openSaved().then(render).then(() => { document.documentElement.dataset.ready = "true"; });
}

begin();
