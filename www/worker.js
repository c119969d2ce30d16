// Owns the engine. Every message has an id and is answered once; a panic of the engine ends the
// worker, which the page then starts anew.
"use strict";
let session = null;
let flame = null;
let canvas = null;
let context = null;
let drawing = null;

const operations = {
  async init({ wasm }) {
    await wasm_bindgen({ module_or_path: wasm });
    return wasm_bindgen.version();
  },
  analyze({ files, config }) {
    if (flame) flame.free();
    if (session) session.free();
    flame = null;
    session = new wasm_bindgen.Session(config);
    for (const file of files) session.add(file.name, file.side ?? undefined, new Uint8Array(file.bytes));
    return session.report_json();
  },
  columns({ row, side }) {
    return session.columns(row, side);
  },
  marks() {
    return session.mark_names();
  },
  canvas({ canvas: given }) {
    canvas = given;
    context = canvas.getContext("2d", { alpha: false });
  },
  flame({ profile, view }) {
    const next = session.flame(profile, JSON.stringify(view));
    if (flame) flame.free();
    flame = next;
    return { boxes: flame.boxes(), depth: flame.depth(), total: flame.total(), leftOut: flame.left_out(), top: flame.top(200) };
  },
  draw({ width, height, dpr, font, colours }) {
    drawing = { width, height, dpr, font, colours };
    return redraw();
  },
  hover({ x, y }) {
    const at = flame.hit(x, y, drawing.width);
    return at < 0 ? null : flame.info(at);
  },
  click({ x, y }) {
    const at = flame.hit(x, y, drawing.width);
    if (at >= 0) flame.set_zoom(at);
    return redraw();
  },
  key({ key }) {
    if (key === "Enter") flame.set_zoom(flame.selected());
    else if (key === "0") flame.set_zoom(0);
    else flame.step(key);
    const row = flame.info(flame.selected()).row;
    const shown = Math.max(1, Math.floor(drawing.height / wasm_bindgen.Flame.row_height()) - 1);
    if (row < flame.first_row()) flame.set_first_row(row);
    if (row >= flame.first_row() + shown) flame.set_first_row(row - shown + 1);
    return redraw();
  },
  scroll({ rows }) {
    const shown = Math.floor(drawing.height / wasm_bindgen.Flame.row_height());
    const last = Math.max(0, flame.visible_rows(drawing.width) - shown);
    flame.set_first_row(Math.min(last, Math.max(0, flame.first_row() + rows)));
    return redraw();
  },
  find({ text }) {
    const [boxes, share] = flame.search(text);
    redraw();
    return { boxes, share };
  },
  pick({ name }) {
    const at = flame.widest(name);
    if (at >= 0) flame.select(at);
    return redraw();
  },
};

// The state after drawing: what the strip under the canvas shows.
function redraw() {
  const { width, height, dpr, font, colours } = drawing;
  canvas.width = Math.round(width * dpr);
  canvas.height = Math.round(height * dpr);
  flame.draw(context, width, height, dpr, font, colours);
  return {
    selected: flame.info(flame.selected()),
    zoom: flame.info(flame.zoom()),
    firstRow: flame.first_row(),
    rows: flame.visible_rows(width),
  };
}

self.onmessage = async (event) => {
  const { id, op, ...rest } = event.data;
  try {
    self.postMessage({ id, ok: await operations[op](rest) });
  } catch (error) {
    // Errors of the engine are texts; anything else ended it.
    const fatal = typeof error !== "string";
    self.postMessage({ id, error: fatal ? String(error?.message ?? error) : error, fatal });
  }
};
