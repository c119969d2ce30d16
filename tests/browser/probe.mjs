// The functions of statistics on random inputs, in Node or in Chromium: `probe.mjs node|chromium FOLDER CASES`.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { listen, withBrowser } from "./browser.mjs";

const [where, folder, cases] = process.argv.slice(2);
const glue = readFileSync(join(folder, "noisefloor_wasm.js"), "utf8");
const wasm = readFileSync(join(folder, "noisefloor_wasm_bg.wasm"));

function run({ glue, wasm, cases }) {
  const engine = new Function(`${glue}; return wasm_bindgen;`)();
  engine.initSync({ module: Uint8Array.from(atob(wasm), (c) => c.charCodeAt(0)) });
  return engine.probe(0, cases);
}

async function inChromium(given) {
  return withBrowser(async (context) => {
    const { page, misdeeds } = await listen(context);
    await page.goto("data:text/html,<title>probe</title>");
    const said = await page.evaluate(run, given);
    if (misdeeds.length) throw new Error(misdeeds.join("\n"));
    return said;
  });
}

const given = { glue, wasm: wasm.toString("base64"), cases: Number(cases) };
console.log(`${where}: ${where === "node" ? run(given) : await inChromium(given)}`);
