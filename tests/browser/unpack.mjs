// What the page unpacks is what Node runs: `unpack.mjs PAGE UNPACK ENGINE`, with the page's own unpacking.
import { readFileSync } from "node:fs";

const [page, code, engine] = process.argv.slice(2);
const unpack = new Function(`${readFileSync(code, "utf8").replaceAll(/^export /gm, "")}; return unpack;`)();
const [, packed] = readFileSync(page, "utf8").match(/id="nf-wasm">([^<]*)</);
const begin = performance.now();
const unpacked = unpack(packed);
const took = performance.now() - begin;
if (!Buffer.from(unpacked).equals(readFileSync(engine))) throw new Error("the page holds another engine");
console.log(`${packed.length} letters to ${unpacked.length} in ${took.toFixed(0)} ms`);
