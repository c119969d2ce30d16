// Owns the engine. Every message has an id and is answered once; a panic of the engine ends the
// worker, which the page then starts anew. Large answers are fetched in slices, so that no single
// message keeps the page from answering.
let session = null;
let flame = null;
let canvas = null;
let context = null;
let drawing = null;
let text = "";
let report = null;

const LONG = ["rows", "findings", "exclusions", "presence", "inputs"];

const operations = {
  async init({ packed }) {
    await wasm_bindgen({ module_or_path: unpack(packed) });
    return wasm_bindgen.version();
  },
  example({ packed }) {
    return JSON.parse(new TextDecoder().decode(unpack(packed)));
  },
  // The report without its long lists, and how long they are.
  analyze({ files, config }) {
    release();
    session = new wasm_bindgen.Session(config);
    // By index, why a member of a folder or archive is no result; the small engine cannot tell.
    const foreign = {};
    files.forEach(({ name, side, member, bytes }, i) => {
      const code = session[member && session.add_member ? "add_member" : "add"](name, side ?? undefined, new Uint8Array(bytes));
      if (code) foreign[i] = code;
    });
    text = session.report_json();
    report = JSON.parse(text);
    const lengths = Object.fromEntries(LONG.map((name) => [name, report[name].length]));
    return { head: { ...report, ...Object.fromEntries(LONG.map((name) => [name, []])) }, lengths, marks: session.mark_names(), isWhole: session.is_whole(), foreign };
  },
  // Which files are archives, by their beginnings; then one of these, and all that it holds.
  packed({ heads }) {
    return heads.map((head) => wasm_bindgen.is_packed(new Uint8Array(head)));
  },
  open({ name, bytes, used }) {
    // An archive may need the room.
    release();
    return wasm_bindgen.open_archive(name, new Uint8Array(bytes), used);
  },
  slice({ name, from, to }) {
    return report[name].slice(from, to);
  },
  // The report as the engine wrote it, to the byte.
  text() {
    return text;
  },
  // Where another text of the report first differs; null: nowhere.
  compare({ other }) {
    if (other === text) return null;
    let i = 0;
    while (i < other.length && other[i] === text[i]) i++;
    return { at: i, there: other.slice(Math.max(0, i - 20), i + 40), here: text.slice(Math.max(0, i - 20), i + 40) };
  },
  formats() {
    return wasm_bindgen.formats();
  },
  selftest() {
    return JSON.parse(wasm_bindgen.self_test_json());
  },
  columns({ row, side }) {
    return session.columns(row, side);
  },
  canvas({ canvas: given }) {
    canvas = given;
    context = canvas.getContext("2d", { alpha: false });
  },
  flame({ profile, view }) {
    const next = session.flame(profile, JSON.stringify(view));
    if (flame) flame.free();
    flame = next;
    return { boxes: flame.boxes(), depth: flame.depth(), total: flame.total(), leftOut: flame.left_out(), categories: flame.categories(), top: flame.top(200) };
  },
  draw(given) {
    drawing = given;
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
    reveal();
    return redraw();
  },
  scroll({ rows }) {
    const shown = Math.floor(drawing.height / drawing.row);
    const last = Math.max(0, flame.visible_rows(drawing.width) - shown);
    flame.set_first_row(Math.min(last, Math.max(0, flame.first_row() + rows)));
    return redraw();
  },
  find({ text: wanted }) {
    const [boxes, share] = flame.search(wanted);
    redraw();
    return { boxes, share };
  },
  pick({ name }) {
    const at = flame.widest(name);
    // It may lie outside of what is zoomed to.
    flame.set_zoom(0);
    if (at >= 0) flame.select(at);
    reveal();
    return redraw();
  },
};

function release() {
  if (flame) flame.free();
  if (session) session.free();
  flame = session = null;
}

// Scrolls until the selected frame is in sight.
function reveal() {
  const { row } = flame.info(flame.selected());
  const shown = Math.max(1, Math.floor(drawing.height / drawing.row) - 1);
  if (row < flame.first_row()) flame.set_first_row(row);
  if (row >= flame.first_row() + shown) flame.set_first_row(row - shown + 1);
}

// The state after drawing: what the strip under the canvas shows.
function redraw() {
  const { width, height, dpr, row, size, font, colours } = drawing;
  const start = performance.now();
  canvas.width = Math.round(width * dpr);
  canvas.height = Math.round(height * dpr);
  flame.draw(context, width, height, dpr, row, size, font, colours);
  return {
    selected: flame.info(flame.selected()),
    zoom: flame.info(flame.zoom()),
    firstRow: flame.first_row(),
    rows: flame.visible_rows(width),
    took: performance.now() - start,
  };
}

self.onmessage = async (event) => {
  const { id, op, ...rest } = event.data;
  try {
    const ok = await operations[op](rest);
    self.postMessage({ id, ok }, op === "open" ? ok.files.map((file) => file.bytes.buffer) : []);
  } catch (error) {
    // Errors of the engine are texts; anything else ended it.
    const fatal = typeof error !== "string";
    self.postMessage({ id, error: fatal ? String(error?.message ?? error) : error, fatal });
  }
};
