// Reports of many files by the engine in Node and in Chromium, one line of JSON each:
// {"name", "node", "browser"} with SHA-256 of the report's bytes. Reads file names, one a line.
import { createHash } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { launch, open, page, root, url } from "./common.mjs";

const engine = createRequire(import.meta.url)(path.join(root, "target/wasm/node/noisefloor_wasm.js"));
const names = fs.readFileSync(0, "utf8").split("\n").filter(Boolean);
const hash = (text) => createHash("sha256").update(text).digest("hex");
const problems = [];
const browser = process.env.NOISEFLOOR_SKIP_BROWSER ? null : await launch();
const tab = browser && (await open(browser.context, url(page, "?lang=en"), problems));
if (tab) {
  // The page's own worker, spoken to directly: the same code that a reader's files go through.
  await tab.evaluate(async () => {
    const text = (id) => document.getElementById(id).textContent;
    const worker = new Worker(URL.createObjectURL(new Blob([text("nf-glue"), "\n", text("nf-worker")], { type: "text/javascript" })));
    const bytes = Uint8Array.from(atob(text("nf-wasm")), (c) => c.charCodeAt(0));
    const wasm = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
    window.ask = (message, transfer = []) => new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => (data.error === undefined ? resolve(data.ok) : reject(new Error(data.error)));
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage({ id: 1, ...message }, transfer);
    });
    await window.ask({ op: "init", wasm });
  });
}
for (const name of names) {
  const bytes = fs.readFileSync(name);
  const session = new engine.Session("");
  session.add(name, undefined, bytes);
  const line = { name, node: hash(session.report_json()) };
  session.free();
  if (tab) {
    const text = await tab.evaluate(async ([file, base64]) => {
      const data = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).buffer;
      return window.ask({ op: "analyze", files: [{ name: file, side: null, bytes: data }], config: "" }, [data]);
    }, [name, bytes.toString("base64")]);
    line.browser = hash(text);
  }
  console.log(JSON.stringify(line));
}
await browser?.close();
if (problems.length) { console.error(problems.join("\n")); process.exit(1); }
