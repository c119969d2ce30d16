// The only module that talks to the worker.
const waiting = new Map();
let worker = null;
let next = 1;
let wasmBytes = null;

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
  wasmBytes ??= await inflate(decode(textOf("nf-wasm")));
  await send("init", { wasm: wasmBytes.slice(0) });
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

// The files that a saved report holds, unpacked.
export async function unpack(files) {
  return Promise.all(files.map(async (file) => ({ name: file.name, side: file.side, bytes: await inflate(decode(file.gzip_base64)) })));
}
