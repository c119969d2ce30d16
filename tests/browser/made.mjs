// Files for pictures and measurements, made from a small generator: the same bytes every time.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./browser.mjs";

function generator(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  // The sum of twelve is near enough to a normal draw.
  const normal = () => { let sum = -6; for (let i = 0; i < 12; i++) sum += uniform(); return sum; };
  return { uniform, normal };
}

function crc32(text) {
  let crc = -1;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (~crc >>> 0).toString(16).padStart(8, "0");
}

// Benchmark, unit, value, spread between processes, what the candidate's value is multiplied by.
const STORY = [
  ["Unescape/utf8", "ns", 412, 0.008, 1.118], ["Decode/twitter", "us", 118.2, 0.007, 1.061], ["Flush/batch1", "us", 3.84, 0.02, 1.03],
  ["Pool/get", "ns", 21.7, 0.05, 1.01], ["Lookup/miss", "ns", 38.4, 0.06, 0.99], ["Scan/strings", "us", 14.82, 0.01, 0.44],
  ["Encode/canada", "ms", 5.231, 0.008, 0.916], ["Scan/numbers", "us", 7.42, 0.014, 0.982], ["Encode/citm", "ms", 1.482, 0.004, 1.001],
  ["Encode/twitter", "us", 96.4, 0.004, 1.002], ["Decode/canada", "ms", 4.127, 0.004, 1.001], ["Unescape/ascii", "ns", 118.9, 0.004, 0.999],
  ["Flush/batch64", "us", 52.6, 0.004, 0.998], ["Decode/citm", "ms", 2.318, 0.004, 0.999], ["Serve/requests", "ops/s", 48250, 0.008, 0.94],
];

// A run log: twelve blocks, in each one process a side and benchmark, of nine values after warm-up;
// the sides take turns to go first.
export function log() {
  const { normal, uniform } = generator(5);
  const out = [];
  const put = (record) => { const text = JSON.stringify(record); out.push(`${crc32(text)} ${text}\n`); };
  const host = { arch: "x86_64", cores: "8", cpu: "AMD EPYC 7763", kernel: "6.8.0", os: "linux", load: "0.31" };
  const arms = ["main@4be1f20", "zero-copy@91c07de"].map((name) => ({ name, command: `./bench-${name}` }));
  put({ r: "header", v: 1, tool: "noisefloor 0.1.0", benchmark: "jsonlog", suite: "", params: {}, started_unix_ns: 1795520623000000000, seed: 7, mode: "samples", arms, plan: { blocks: 12, pairs: 1, budget_s: null, batch_ns: 100000, pilot_s: 0.5 }, host, cores: [1] });
  let f = 0, t = 0;
  for (let b = 0; b < 12; b++) {
    for (const [benchmark, unit, value, spread, factor] of STORY) {
      for (const arm of b % 2 ? [1, 0] : [0, 1]) {
        put({ r: "fork", f, arm, block: b, benchmark, pid: 4000 + f, core: 1, t: (t += 1_000_000) });
        const mean = value * (arm ? factor : 1) * (1 + spread * normal());
        const x = (n, warm) => Array.from({ length: n }, (_, i) => +(mean * (1 + warm * 0.04 / (i + 1) + 0.006 * Math.abs(normal()))).toPrecision(6));
        const better = unit === "ops/s" ? "higher" : "lower", metric = unit === "ops/s" ? "throughput" : "time";
        put({ r: "value", f, metric, unit, better, x: x(3, 1), n: 1000, w: true });
        if (arm && benchmark === "Flush/batch1" && uniform() < 0.7) put({ r: "value", f, metric, unit, better, x: x(2, 2), n: 1000, m: ["gc_biased"] });
        put({ r: "value", f, metric, unit, better, x: x(9, 0), n: 1000 });
        put({ r: "exit", f: f++, t: (t += 80_000_000), status: 0, evidence: { user_s: 0.07, involuntary_switches: 1 } });
      }
    }
    put({ r: "block", b, t, ok: true });
  }
  put({ r: "profile", arm: 0, file: "naive.folded", samples: 900, event: "cpu-clock", delivered_hz: 997, unwound: "frame pointers", rooted: 0.99 });
  put({ r: "profile", arm: 1, file: "improved.folded", samples: 900, event: "cpu-clock", delivered_hz: 997, unwound: "frame pointers", rooted: 0.99 });
  put({ r: "end", t, interrupted: false });
  return out.join("");
}

// Go's text: `rows` benchmarks, `count` lines each; a few of them change.
export function go(rows, count, candidate) {
  const { normal, uniform } = generator(candidate ? 3 : 2);
  const out = ["goos: linux", "goarch: amd64", "pkg: example.com/jsonlog", "cpu: AMD EPYC"];
  for (let i = 0; i < rows; i++) {
    const value = 40 * 1.03 ** (i % 300) * (candidate && i % 37 === 0 ? 1.7 : candidate && i % 53 === 0 ? 0.5 : 1);
    for (let k = 0; k < count; k++) {
      const time = value * (1 + 0.004 * normal());
      out.push(`BenchmarkStep/size=${i % 97}/kind=k${i}-8 \t${Math.floor(1e6 * uniform()) + 1000}\t ${time.toFixed(2)} ns/op\t ${64 * (1 + (i % 5))} B/op\t ${1 + (i % 3)} allocs/op`);
    }
  }
  return `${out.join("\n")}\nPASS\nok  \texample.com/jsonlog\t4.2s\n`;
}

// Folded stacks: `stacks` distinct ones of up to `depth` frames.
export function folded(stacks, depth) {
  const { uniform } = generator(9);
  const out = [];
  for (let i = 0; i < stacks; i++) {
    let line = "main";
    const length = 3 + Math.floor(uniform() * (depth - 3));
    for (let d = 0; d < length; d++) line += `;pkg${d % 7}.step${Math.floor(uniform() ** 2 * 12)}`;
    out.push(`${line} ${1 + Math.floor(uniform() ** 4 * 500)}`);
  }
  return `${out.join("\n")}\n`;
}

const file = (name, content) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(content) });
// A gzip stream without its end.
const CUT = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2];
const example = (name) => file(name, readFileSync(join(root, "www/example", name)));

// What each screen is shown with.
export const INPUTS = {
  story: () => [file("jsonlog.jsonl", log()), file("heap-after.pb.gz", CUT), example("naive.folded"), example("improved.folded")],
  example: () => ["encoder.jsonl", "naive.folded", "improved.folded"].map(example),
  errors: () => [file("results.xlsx", "PK\u0003\u0004 a spreadsheet"), file("jmh-result.json", '[{"benchmark": "a.b",\n"mode": "avgt", "primaryMetric": {,}}]'), file("empty.txt", ""), file("heap-after.pb.gz", CUT)],
  health: () => [file("before.txt", go(7, 10, false))],
  one: () => [file("before.txt", go(3, 1, false)), file("after.txt", go(3, 1, true))],
  profile: () => [example("naive.folded")],
  many: () => [file("before.txt", go(1200, 6, false)), file("after.txt", go(1200, 6, true))],
};
