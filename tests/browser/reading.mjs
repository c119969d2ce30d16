// How long the engine takes to read files in Node: the path of a file a line in, milliseconds and what the file holds
// a line out. `reading.mjs FOLDER`, where the engine lies with its glue.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const folder = process.argv[2];
const glue = readFileSync(join(folder, "noisefloor_wasm.js"), "utf8");
const engine = new Function(`${glue}; return wasm_bindgen;`)();
engine.initSync({ module: readFileSync(join(folder, "noisefloor_wasm_bg.wasm")) });
for await (const path of createInterface({ input: process.stdin })) {
  const bytes = readFileSync(path);
  const start = performance.now();
  const held = engine.read(bytes);
  console.log(performance.now() - start, held);
}
