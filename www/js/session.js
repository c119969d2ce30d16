// The files at hand and what the engine says of them.
import { complete, engine, isComplete, unpackFiles } from "./engine.js";
import { t } from "./i18n.js";
import { brief } from "./dom.js";
import { judge } from "./judge.js";

const LARGE = 1 << 30;
const MOST_FILES = 10_000;
// Marks that keep a value out of the tests.
const EXCLUDING = ["warmup", "failed", "interrupted", "profiled", "pilot", "excluded", "gc_biased", "frequency_changed", "too_few_left"];

// `problems` and `aside` are what `judge` says of the files that are in no report; `first` is what was given first, which
// should be the baseline.
export const app = { files: [], judged: [], problems: [], aside: [], first: null, report: null, marks: null, config: "", title: "", parity: null, notice: "", busy: "", stopping: false };

export function forget() {
  Object.assign(app, { files: [], judged: [], problems: [], aside: [], first: null, report: null, config: "", title: "", parity: null, notice: "" });
}

// The file, folder or archive that was given.
const origin = ({ name, group }) => group?.path ?? name;

let turn = Promise.resolve();

// Judges all files, one such wish after the other; `late` is called when that takes long.
export function analyze(late) {
  turn = turn.then(() => analyzeNow(late));
  return turn;
}

// Sees to it that the engine is the whole one and has read what the small one had; whether it is.
export async function completed() {
  if (isComplete()) return true;
  if (!await complete()) return false;
  if (app.judged.length) await judge(app.judged, app.config);
  return true;
}

// An engine that stops is started anew, and what stopped it is put aside.
async function analyzeNow(late) {
  app.busy = "computing";
  const timer = setTimeout(late, 300);
  try {
    const given = new Set(app.files);
    if (app.files.length) app.first ??= origin(app.files[0]);
    const { report, marks, isWhole, files, problems, aside } = await judge([...given], app.config);
    app.report = report;
    app.judged = files;
    // More may have come meanwhile.
    app.files = [...files, ...app.files.filter((file) => !given.has(file))];
    app.problems.push(...problems);
    app.aside.push(...aside);
    // The next file took its place: whoever asked for another comparison has to see that.
    const isRead = files.some((file, i) => origin(file) === app.first && report.inputs[i].status !== "not_read");
    const lost = !isRead ? app.first : report.inputs[0].status === "not_read" ? report.inputs[0].name : null;
    if (!app.config && report.sides.length > 1 && lost) app.notice ||= t("files.baseline", { name: brief(lost), side: brief(report.sides[0].name) });
    if (!isWhole) app.notice ||= t("engine.small");
    app.marks = { names: marks, excluding: marks.reduce((bits, name, i) => (EXCLUDING.includes(name) ? bits | (1 << i) : bits), 0) };
  } catch (error) {
    if (app.stopping) {
      app.files = app.judged;
      app.notice = t("files.stopped");
      // The engine was ended: it has to read what it had before.
      if (app.files.length) ({ report: app.report } = await judge(app.files, app.config));
    } else if (error.fatal) await isolate(error, late);
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

// Finds the files that stop the engine on their own and judges the rest without them.
async function isolate(error, late) {
  const guilty = [];
  if (app.files.length > 1) {
    for (const file of app.files) await judge([file], app.config).catch((e) => { if (e.fatal) guilty.push(file); });
  }
  const aside = guilty.length ? guilty : app.files;
  app.files = app.files.filter((f) => !aside.includes(f));
  app.report = null;
  if (app.files.length) await analyzeNow(late);
  const names = aside.slice(0, 3).map((f) => brief(f.name)).join(t("list.comma")) + (aside.length > 3 ? " …" : "");
  app.notice = t("engine.failed", { message: error.message, names });
}

// Reads files into memory; what is too large or cannot be read is named.
export async function readFiles(list) {
  const few = [...list].slice(0, MOST_FILES);
  const small = few.filter((file) => file.size <= LARGE);
  const large = few.find((file) => file.size > LARGE);
  app.notice = large ? t("files.large", { name: brief(large.name) }) : list.length > MOST_FILES ? t("files.many", { n: MOST_FILES }) : "";
  const groups = {};
  const read = await Promise.all(small.map(async (file) => {
    try {
      const name = file.webkitRelativePath || file.path || file.name;
      const [folder, ...inner] = name.split("/");
      const group = inner.length ? (groups[folder] ??= { path: folder }) : null;
      return { name, side: null, group, bytes: await file.arrayBuffer() };
    } catch (error) {
      app.notice = t("files.unreadable", { name: brief(file.name), message: error.message });
      return null;
    }
  }));
  return read.filter(Boolean);
}

const entryFile = (entry) => new Promise((ok) => { entry.file((file) => ok(Object.assign(file, { path: entry.fullPath.replace(/^\//, "") })), () => ok(null)); });
const entriesOf = (reader) => new Promise((ok) => { reader.readEntries(ok, () => ok([])); });

// The order of the command line: folder by folder.
function byPath(a, b) {
  const [p, q] = [a, b].map((file) => file.path.split("/"));
  const i = p.findIndex((part, at) => part !== q[at]);
  return i < 0 || p[i] < q[i] ? -1 : 1;
}

// Files of a drop, also from folders: the files of each sorted, and one more at most than are read.
export async function filesOfDrop(transfer) {
  const dropped = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!dropped.some((e) => e.isDirectory)) return [...transfer.files];
  const files = [];
  for (const top of dropped) {
    const entries = [top], own = [];
    while (entries.length && files.length + own.length <= MOST_FILES) {
      const entry = entries.shift();
      if (entry.isFile) own.push(await entryFile(entry));
      else {
        const reader = entry.createReader();
        for (let part = [null]; part.length;) entries.push(...(part = await entriesOf(reader)));
      }
    }
    files.push(...own.filter(Boolean).sort(byPath));
  }
  return files;
}

// A line of a file as text, for the message about what is wrong there; null where it is no text.
export function excerpt(i, line) {
  const file = app.judged[i];
  if (!file) return null;
  const bytes = new Uint8Array(file.bytes);
  let from = 0;
  for (let n = 1; n < line; n++) {
    const end = bytes.indexOf(10, from);
    if (end < 0) return null;
    from = end + 1;
  }
  const end = bytes.indexOf(10, from);
  const text = new TextDecoder().decode(bytes.subarray(from, Math.min(from + 200, end < 0 ? bytes.length : end)));
  // Control characters mean that it is no text.
  return text.trim() && !/[\u0000-\u0008\ufffd]/.test(text) ? text : null;
}

// Opens the report that lies in the page, and compares its numbers with those computed here.
export async function openSaved(text, late) {
  try {
    const saved = JSON.parse(text);
    if (saved.schema !== 1) throw new Error(t("saved.schema", { schema: saved.schema }));
    app.title = saved.title;
    app.config = JSON.stringify(saved.config);
    app.files = await unpackFiles(saved.files);
    await analyze(late);
    if (!app.report) return;
    const difference = await engine.call("compare", { other: String(saved.report_json) });
    app.parity = difference ? { same: false, ...difference } : { same: true };
  } catch (error) {
    app.notice = t("saved.broken", { message: error.message });
  }
}
