// The same inputs through the same engine, in Node or in Chromium: `parity.mjs node KIND GLUE MANIFEST OUT`
// or `parity.mjs chromium KIND PAGE MANIFEST OUT`. The manifest lists cases with their files and the hash
// of the native report; reports that differ are written to OUT. KIND is `whole`, or `small`: that engine may
// leave what is not marked as its own to the whole one, and must not give another report.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { listen, open, withBrowser } from "./browser.mjs";

const [where, kind, engine, manifest, out] = process.argv.slice(2);
const cases = JSON.parse(readFileSync(manifest, "utf8"));
mkdirSync(out, { recursive: true });
let different = 0, left = 0;

function check(item, text, isWhole) {
  if (!isWhole && kind === "small" && !item.small) {
    left++;
    return;
  }
  if (isWhole && createHash("sha256").update(text).digest("hex") === item.sha256) return;
  different++;
  writeFileSync(join(out, `${where}-${kind}-${item.id}.json`), text);
  console.log(`different: case ${item.id}: ${item.files.map((f) => f.name).join(", ")}`);
}

function inNode() {
  const { Session } = createRequire(import.meta.url)(engine);
  for (const item of cases) {
    const session = new Session("");
    for (const file of item.files) session.add(file.name, undefined, readFileSync(file.path));
    check(item, session.report_json(), session.is_whole());
    session.free();
  }
}

// The page's own glue, worker and engine, started as the page starts them.
function startWorker(unpacking) {
  const text = (id) => document.getElementById(id).textContent;
  const url = URL.createObjectURL(new Blob([text("nf-glue"), "\n", unpacking, text("nf-worker")], { type: "text/javascript" }));
  const worker = new Worker(url);
  const waiting = new Map();
  let next = 0;
  worker.onmessage = ({ data }) => {
    const { ok, no } = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.error === undefined) ok(data.ok); else no(new Error(data.error));
  };
  worker.onerror = (event) => { for (const { no } of waiting.values()) no(new Error(event.message)); };
  window.call = (op, rest, transfer = []) => new Promise((ok, no) => {
    waiting.set(++next, { ok, no });
    worker.postMessage({ id: next, op, ...rest }, transfer);
  });
  const input = Object.assign(document.createElement("input"), { type: "file", multiple: true, id: "given" });
  document.body.append(input);
  return window.call("init", { packed: text("nf-wasm") });
}

async function analyzeGiven(names) {
  const given = [...document.getElementById("given").files];
  const files = await Promise.all(given.map(async (file, i) => ({ name: names[i], side: null, bytes: await file.arrayBuffer() })));
  const { isWhole } = await window.call("analyze", { files, config: "" }, files.map((f) => f.bytes));
  return [await window.call("text", {}), isWhole];
}

async function inChromium() {
  await withBrowser(async (context) => {
    const { page, misdeeds } = await listen(context);
    await open(page, engine);
    const unpacking = readFileSync(new URL("../../www/js/unpack.js", import.meta.url), "utf8");
    await page.evaluate(startWorker, unpacking.replaceAll(/^export /gm, ""));
    for (const item of cases) {
      await page.setInputFiles("#given", item.files.map((f) => f.path));
      check(item, ...await page.evaluate(analyzeGiven, item.files.map((f) => f.name)));
    }
    if (misdeeds.length) throw new Error(misdeeds.join("\n"));
  });
}

await (where === "node" ? inNode() : inChromium());
console.log(`${where}, ${kind} engine: ${cases.length} cases, ${different} different, ${left} left to the whole engine`);
process.exitCode = different ? 1 : 0;
