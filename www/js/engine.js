// The only module that talks to the worker.
const waiting = new Map();
let worker = null;
let next = 1;
let carried = null;

const textOf = (id) => document.getElementById(id).textContent;

function decode(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

const inflate = (bytes) => new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();

function send(op, data, transfer = []) {
  return new Promise((resolve, reject) => {
    const id = next++;
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, op, ...data }, transfer);
  });
}

function stop(message) {
  worker?.terminate();
  worker = null;
  for (const { reject } of waiting.values()) reject(Object.assign(new Error(message), { fatal: true }));
  waiting.clear();
}

async function start() {
  const source = new Blob([textOf("nf-glue"), "\n", textOf("nf-worker")], { type: "text/javascript" });
  const url = URL.createObjectURL(source);
  worker = new Worker(url);
  worker.onmessage = ({ data }) => {
    const call = waiting.get(data.id);
    waiting.delete(data.id);
    if (!call) return;
    if (data.error === undefined) call.resolve(data.ok);
    else if (data.fatal) {
      call.reject(Object.assign(new Error(data.error), { fatal: true }));
      stop(data.error);
    } else call.reject(new Error(data.error));
  };
  worker.onerror = (event) => stop(event.message || "the worker stopped");
  carried ??= decode(textOf("nf-wasm"));
  await send("init", { packed: carried });
  URL.revokeObjectURL(url);
}

export const engine = {
  running: () => worker !== null,
  async call(op, data = {}, transfer = []) {
    if (!worker) await start();
    return send(op, data, transfer);
  },
  restart() {
    stop("restarted");
    return start();
  },
};

// Long lists travel in slices of so many entries: one message of all rows would freeze the page.
const SLICE = { rows: 120, findings: 500, exclusions: 2000, presence: 2000, inputs: 200 };

// Judges files; `{ report, marks }`. The bytes are copied, since they go over to the worker.
export async function judge(files, config) {
  const copies = files.map((f) => ({ name: f.name, side: f.side, bytes: f.bytes.slice(0) }));
  const { head, lengths, marks } = await engine.call("analyze", { files: copies, config }, copies.map((f) => f.bytes));
  for (const [name, length] of Object.entries(lengths)) {
    for (let from = 0; from < length; from += SLICE[name]) head[name].push(...await engine.call("slice", { name, from, to: from + SLICE[name] }));
  }
  return { report: head, marks };
}

const dataUrl = (blob) => new Promise((ok, no) => {
  const reader = new FileReader();
  reader.onload = () => ok(reader.result);
  reader.onerror = () => no(reader.error);
  reader.readAsDataURL(blob);
});

// Bytes as a gzip member in base64.
export async function pack(bytes) {
  const packed = await new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"))).blob();
  return (await dataUrl(packed)).replace(/^[^,]*,/, "");
}

// The files of the example, which are packed as one text.
export async function unpackExample() {
  const list = await engine.call("example", { packed: decode(textOf("nf-example")) });
  return list.map(({ name, text }) => ({ name, side: null, bytes: new TextEncoder().encode(text).buffer }));
}

// The files that a saved report holds, unpacked.
export async function unpack(files) {
  return Promise.all(files.map(async (file) => ({ name: file.name, side: file.side, bytes: await inflate(decode(file.gzip_base64)) })));
}
