// The flame graph: a canvas that the engine draws, a strip that says what is under pointer or focus,
// and the same in a table.
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { amount, percent } from "./number.js";
import { engine } from "./engine.js";
import { findingsList } from "./findings-view.js";

const CATEGORIES = [["user", "fl-user"], ["library", "fl-std"], ["runtime", "fl-runtime"], ["memory", "fl-alloc"], ["kernel", "fl-kernel"], ["unknown", "fl-harness"]];
const ROW_HEIGHT = 20;

// Colours as the canvas needs them: resolved from the page's tokens in the present theme.
function colours() {
  const probe = document.body.appendChild(h("span", {}));
  const resolve = (token) => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const list = [...CATEGORIES.map(([, token]) => resolve(token)), resolve("flame-ink"), resolve("flame-gap"), resolve("fl-match"), resolve("focus")];
  probe.remove();
  return list;
}

export function flameView(report, wantedProfile) {
  const profiles = report.profiles;
  if (!profiles.length) return h("div", { class: "answer" }, h("h1", {}, t("flame.none")), h("p", { class: "lede" }, t("flame.none_how")));
  let profile = Math.min(Math.max(0, wantedProfile), profiles.length - 1);
  const view = { sample_type: profiles[profile].default_type, focus: "", unfold: false, inverted: false };
  let unit = "", total = 0, rows = 1, firstRow = 0;
  const nameOf = (i) => {
    const side = profiles[i].side;
    const file = report.inputs[profiles[i].input].name.split(/[/\\]/).pop();
    return side === null ? file : `${report.sides[side].name} · ${file}`;
  };
  const canvas = h("canvas", { id: "flame-canvas", tabindex: 0, role: "application", "aria-label": t("flame.label") });
  const box = h("div", { class: "canvas" }, canvas);
  const detail = h("div", { class: "detail", id: "flame-detail", "aria-live": "polite" });
  const heading = h("h1", { id: "flame-heading" });
  const lede = h("p", { class: "lede" });
  const found = h("span", { class: "small dim", id: "flame-found", "aria-live": "polite" });
  const more = h("p", { class: "small dim" });
  const topPlace = h("div", { class: "scroll" });
  const reset = h("button", { class: "btn", type: "button", id: "flame-reset", disabled: true, onclick: () => run("key", { key: "0" }) }, t("flame.reset"));
  const typeSelect = h("select", { class: "field", "aria-label": t("flame.type"), onchange: (e) => { view.sample_type = +e.target.value; open(); } });
  const search = h("input", { class: "field", id: "flame-search", type: "search", placeholder: t("flame.search"), "aria-label": t("flame.search"), oninput: () => find() });
  const focus = h("input", { class: "field", id: "flame-focus", type: "search", placeholder: t("flame.focus"), "aria-label": t("flame.focus"), onchange: (e) => { view.focus = e.target.value; open(); } });
  const folds = h("div", { class: "fold" });

  const height = () => Math.max(6 * ROW_HEIGHT, Math.min(rows * ROW_HEIGHT + 1, Math.round(window.innerHeight * 0.68)));
  const font = () => getComputedStyle(document.documentElement).getPropertyValue("--mono").trim() || "monospace";
  let transferred = false;

  function show(info) {
    if (!info) return;
    const cell = (label, value) => h("div", {}, h("dt", {}, label), h("dd", {}, value));
    detail.replaceChildren(
      h("div", { class: "id", title: info.name }, info.name, info.inlined ? ` (${t("flame.inlined")})` : ""),
      h("dl", {}, cell(t("flame.total"), `${amount(info.total, unit)} · ${percent(info.share)}`), cell(t("flame.own"), amount(info.own, unit))));
  }
  function settled(state) {
    if (!state) return;
    rows = state.rows;
    firstRow = state.firstRow;
    reset.disabled = state.zoom.index === 0;
    canvas.dataset.zoom = state.zoom.name;
    canvas.dataset.selected = state.selected.name;
    show(state.selected);
    const shown = Math.floor(height() / ROW_HEIGHT);
    more.textContent = rows > shown ? t("flame.rows", { from: firstRow + 1, to: Math.min(rows, firstRow + shown), all: rows }) : "";
    for (const row of topPlace.querySelectorAll("tr[data-name]")) row.setAttribute("aria-selected", String(row.dataset.name === state.selected.name));
  }
  const fail = (error) => { if (!/restarted/.test(error.message)) detail.replaceChildren(h("p", {}, error.message)); };
  const run = (op, data) => engine.call(op, data).then(settled, fail);

  async function draw() {
    const width = Math.floor(box.clientWidth);
    if (!width || !canvas.isConnected) return;
    if (!transferred) {
      transferred = true;
      const off = canvas.transferControlToOffscreen();
      await engine.call("canvas", { canvas: off }, [off]);
    }
    canvas.style.height = `${height()}px`;
    const state = await engine.call("draw", { width, height: height(), dpr: window.devicePixelRatio || 1, font: font(), colours: colours() });
    const before = rows;
    settled(state);
    if (rows !== before) return draw();
  }

  function topTable(list) {
    return h("table", { class: "t top", id: "flame-top" },
      h("thead", {}, h("tr", {}, h("th", {}, t("flame.function")), h("th", { class: "num" }, t("flame.own")), h("th", { class: "num" }, "%"), h("th", { class: "num" }, t("flame.total")), h("th", { class: "num" }, "%"))),
      h("tbody", {}, list.map((f) => h("tr", { "data-name": f.name, "aria-selected": "false" },
        h("td", {}, h("button", { class: "link id", type: "button", title: f.name, onclick: () => run("pick", { name: f.name }) }, f.name), f.inlined && h("span", { class: "pkg" }, t("flame.inlined"))),
        h("td", { class: "num" }, amount(f.own, unit)), h("td", { class: "num dim" }, percent(total ? f.own / total : 0)),
        h("td", { class: "num" }, amount(f.total, unit)), h("td", { class: "num dim" }, percent(total ? f.total / total : 0))))));
  }

  async function open() {
    const summary = profiles[profile];
    unit = summary.sample_types[view.sample_type]?.unit ?? "";
    try {
      const state = await engine.call("flame", { profile, view });
      total = state.total;
      heading.textContent = t("flame.heading", { total: amount(total, unit), type: summary.sample_types[view.sample_type]?.name ?? "" });
      const q = summary.quality;
      lede.textContent = [nameOf(profile), t("flame.samples", { n: summary.samples }), t("flame.quality", { rooted: percent(q.rooted), symbolized: percent(q.symbolized) }),
        state.leftOut ? t("flame.left_out", { amount: amount(state.leftOut, unit) }) : ""].filter(Boolean).join(" · ");
      topPlace.replaceChildren(topTable(state.top.slice(0, 40)));
      rows = state.depth;
      await draw();
      if (search.value) find();
    } catch (error) { fail(error); }
  }
  function fillTools() {
    const types = profiles[profile].sample_types;
    typeSelect.replaceChildren(...types.map((type, i) => h("option", { value: i, selected: i === view.sample_type }, `${type.name} (${type.unit})`)));
    typeSelect.hidden = types.length < 2;
    const groups = profiles[profile].folded;
    folds.replaceChildren(...(groups.length ? [
      h("button", { class: "chip", type: "button", id: "flame-unfold", "aria-pressed": String(view.unfold), onclick: (e) => { view.unfold = !view.unfold; e.currentTarget.setAttribute("aria-pressed", String(view.unfold)); open(); } }, t("flame.unfold")),
      ...groups.map((g) => h("span", {}, `${t(`group.${g.id}`)} ${percent(g.share)}`))] : []));
  }
  async function find() {
    const text = search.value.trim();
    const result = await engine.call("find", { text }).catch(fail);
    found.textContent = result && text ? t("flame.found", { n: result.boxes, share: percent(result.share) }) : "";
  }

  const at = (event) => { const r = canvas.getBoundingClientRect(); return { x: event.clientX - r.left, y: event.clientY - r.top }; };
  let hovering = false;
  canvas.addEventListener("pointermove", (event) => {
    if (hovering) return;
    hovering = true;
    engine.call("hover", at(event)).then((info) => show(info), fail).finally(() => { hovering = false; });
  });
  canvas.addEventListener("click", (event) => run("click", at(event)));
  canvas.addEventListener("keydown", (event) => {
    const key = event.key === "Escape" ? "0" : event.key;
    if (!/^(Arrow(Up|Down|Left|Right)|Enter|0)$/.test(key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    run("key", { key });
  });
  // Scrolls rows only when there is something to scroll to: the page must not be trapped.
  canvas.addEventListener("wheel", (event) => {
    const by = Math.sign(event.deltaY) * 3;
    const shown = Math.floor(height() / ROW_HEIGHT);
    if ((by < 0 && firstRow === 0) || (by > 0 && firstRow + shown >= rows)) return;
    event.preventDefault();
    run("scroll", { rows: by });
  }, { passive: false });
  let width = 0;
  new ResizeObserver(() => {
    if (Math.floor(box.clientWidth) === width) return;
    width = Math.floor(box.clientWidth);
    draw().catch(fail);
  }).observe(box);

  fillTools();
  queueMicrotask(open);
  const direction = (inverted, key) => h("button", { type: "button", "aria-pressed": String(view.inverted === inverted), onclick: (e) => {
    view.inverted = inverted;
    for (const b of e.currentTarget.parentElement.children) b.setAttribute("aria-pressed", String(b === e.currentTarget));
    open();
  } }, t(key));
  const root = h("div", { id: "s-flame" },
    h("div", { class: "answer" }, heading, lede),
    h("div", { class: "fl-tools" },
      profiles.length > 1 && h("select", { class: "field", id: "flame-profile", "aria-label": t("flame.profile"), onchange: (e) => { profile = +e.target.value; view.sample_type = profiles[profile].default_type; fillTools(); open(); } },
        profiles.map((_, i) => h("option", { value: i, selected: i === profile }, nameOf(i)))),
      typeSelect,
      h("div", { class: "seg", role: "group", "aria-label": t("flame.direction") }, direction(false, "flame.down"), direction(true, "flame.inverted")),
      h("span", { class: "sp" }), reset, focus, search, found),
    folds, box, more,
    h("div", { class: "legend" }, CATEGORIES.map(([id, token]) => h("span", {}, h("i", { class: "sw", style: { background: `var(--${token})` } }), t(`category.${id}`)))),
    detail,
    h("div", { class: "cols", style: { marginTop: "var(--s-6)" } },
      h("section", { class: "sec" }, h("h2", {}, t("flame.top")), h("p", { class: "sub" }, t("flame.top_sub")), topPlace),
      h("aside", { class: "sec" }, h("div", { class: "rail-head" }, h("h2", {}, t("findings.profile"))), findingsList(report, (f) => f.profile !== null))));
  root.redraw = () => draw().catch(fail);
  return root;
}
