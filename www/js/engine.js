// The only module that talks to the worker.
import { bytesOf, unpack } from "./unpack.js";
const waiting = new Map();
let worker = null;
let next = 1;
// Where the whole engine is, for a page that opens with the small one; then the page that has it, as text.
const rest = JSON.parse(document.getElementById("nf-rest").textContent);
let whole = null;
let carrier = document;

const textOf = (id) => carrier.getElementById(id).textContent;

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
  const source = new Blob([textOf("nf-glue"), bytesOf, unpack, textOf("nf-worker")].map((part) => `${part}\n`), { type: "text/javascript" });
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
  await send("init", { packed: textOf("nf-wasm") });
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

// The page that has the whole engine, as text; null: this one has it, or it cannot be had.
export async function wholePage() {
  // A page that was opened as a file may read no other.
  if (whole || !rest || location.protocol === "file:") return whole;
  try {
    const answer = await fetch(rest.file, { integrity: rest.integrity });
    if (answer.ok) whole = await answer.text();
  } catch { /* It is not there, or another one, or the network is gone. */ }
  return whole;
}

export const isComplete = () => !rest || carrier !== document;

// Exchanges the small engine for the whole one; whether that is there. What the small one has read is gone with it.
export async function complete() {
  if (isComplete()) return true;
  if (!await wholePage()) return false;
  carrier = new DOMParser().parseFromString(whole, "text/html");
  stop("exchanged");
  return true;
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
  const list = await engine.call("example", { packed: textOf("nf-example") });
  return list.map(({ name, text }) => ({ name, side: null, bytes: new TextEncoder().encode(text).buffer }));
}

// The files that a saved report holds, unpacked.
export async function unpackFiles(files) {
  return Promise.all(files.map(async (file) => ({ name: file.name, side: file.side, bytes: await inflate(decode(file.gzip_base64)) })));
}
