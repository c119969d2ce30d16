// The flame graph: a canvas that the engine draws, a strip that says what is under pointer or focus,
// and the same in a table.
import { brief, h } from "./dom.js";
import { t } from "./i18n.js";
import { amount, grouped, percent } from "./number.js";
import { engine } from "./engine.js";
import { findingsList } from "./findings-view.js";
import { CATEGORIES, flameLegend, frameStrip, groupToggles, topTable } from "./flame-parts.js";

// Functions listed at most, and without a value of their own.
const TOP = 40, FEW = 12;

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
  const { profiles } = report;
  if (!profiles.length) return h("div", { class: "answer" }, h("h1", {}, t("flame.none")), h("p", { class: "lede" }, t("flame.none_how")));
  let profile = Math.min(Math.max(0, wantedProfile), profiles.length - 1);
  const view = { sample_type: profiles[profile].default_type, focus: "", unfold: [], inverted: false };
  let unit = "", total = 0, rows = 1, firstRow = 0, zoomed = false;
  const fileOf = (i) => report.inputs[profiles[i].input].name.split(/[/\\]/).pop();
  const nameOf = (i) => (profiles[i].side === null ? fileOf(i) : report.sides[profiles[i].side].name);
  const canvas = h("canvas", { id: "flame-canvas", tabindex: 0, role: "application", "aria-label": t("flame.label"), "aria-describedby": "flame-detail" });
  const box = h("div", { class: "canvas" }, canvas);
  const detail = h("div", { class: "detail", id: "flame-detail", "aria-live": "polite" });
  const heading = h("h1", { id: "flame-heading" }), lede = h("p", { class: "lede" });
  const found = h("span", { class: "small dim", id: "flame-found", "aria-live": "polite" }), more = h("p", { class: "small dim", id: "flame-rows" });
  const topPlace = h("div", {}), legend = h("div", {}), folds = h("div", { class: "fold" });
  const reset = h("button", { class: "btn", type: "button", id: "flame-reset", disabled: true, onclick: () => run("key", { key: "0" }) }, t("flame.reset"));
  const typeSelect = h("select", { class: "field", "aria-label": t("flame.type"), onchange: (e) => { view.sample_type = +e.target.value; open(); } });
  const search = h("input", { class: "field", id: "flame-search", type: "search", placeholder: t("flame.search"), "aria-label": t("flame.search"), oninput: () => find() });
  const focus = h("input", { class: "field", id: "flame-focus", type: "search", placeholder: t("flame.focus"), "aria-label": t("flame.focus"), onchange: (e) => { view.focus = e.target.value; open(); } });

  const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);
  const rowHeight = () => Math.round(1.375 * rem());
  const height = () => Math.max(6 * rowHeight(), Math.min(rows * rowHeight() + 1, Math.round(window.innerHeight * 0.68)));
  const shownRows = () => Math.floor(height() / rowHeight());
  let transferred = false;

  function settled(state) {
    if (!state) return;
    rows = state.rows;
    firstRow = state.firstRow;
    zoomed = state.zoom.index !== 0;
    reset.disabled = !zoomed;
    canvas.dataset.zoom = state.zoom.name;
    canvas.dataset.selected = state.selected.name;
    canvas.dataset.took = state.took;
    detail.replaceChildren(...frameStrip(state.selected, unit));
    more.textContent = rows > shownRows() ? t("flame.rows", { from: firstRow + 1, to: Math.min(rows, firstRow + shownRows()), all: rows }) : "";
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
    const style = getComputedStyle(document.documentElement);
    const state = await engine.call("draw", { width, height: height(), dpr: window.devicePixelRatio || 1, row: rowHeight(), size: 0.75 * rem(), font: style.getPropertyValue("--sans").trim() || "sans-serif", colours: colours() });
    const before = rows;
    settled(state);
    if (rows !== before) return draw();
  }

  async function open() {
    const summary = profiles[profile], type = summary.sample_types[view.sample_type];
    unit = type?.unit ?? "";
    try {
      const state = await engine.call("flame", { profile, view });
      total = state.total;
      const counted = !unit || unit === "count";
      heading.replaceChildren(t(counted ? "flame.heading_count" : "flame.heading", { name: brief(nameOf(profile), 50), total: amount(total, unit), type: type?.name ?? "" }));
      const q = summary.quality;
      lede.replaceChildren([!(counted && type?.name === "samples") && t("flame.samples", { n: grouped(summary.samples) }), t("flame.width", { type: type?.name ?? "" }), t("flame.quality", { rooted: percent(q.rooted), symbolized: percent(q.symbolized) }),
        state.leftOut ? t("flame.left_out", { amount: amount(state.leftOut, unit) }) : ""].filter(Boolean).join(t("list.gap")));
      topPlace.replaceChildren(topTable(state.top.filter((f, i) => i < TOP && (f.own > 0 || i < FEW)), unit, total, (name) => run("pick", { name })));
      legend.replaceChildren(flameLegend(state.categories));
      rows = state.depth;
      await draw();
      if (search.value) find();
    } catch (error) { fail(error); }
  }
  function fillTools() {
    const types = profiles[profile].sample_types;
    typeSelect.replaceChildren(...types.map((type, i) => h("option", { value: i, selected: i === view.sample_type }, `${type.name} (${type.unit})`)));
    typeSelect.hidden = types.length < 2;
    folds.replaceChildren(...groupToggles(profiles[profile].folded, view, open));
  }
  async function find() {
    const text = search.value.trim();
    const result = await engine.call("find", { text }).catch(fail);
    found.textContent = result && text ? t("flame.found", { n: grouped(result.boxes), share: percent(result.share) }) : "";
  }

  const at = (event) => { const r = canvas.getBoundingClientRect(); return { x: event.clientX - r.left, y: event.clientY - r.top }; };
  let hovering = false;
  canvas.addEventListener("pointermove", (event) => {
    if (hovering) return;
    hovering = true;
    engine.call("hover", at(event)).then((info) => { if (info) detail.replaceChildren(...frameStrip(info, unit)); }, fail).finally(() => { hovering = false; });
  });
  canvas.addEventListener("click", (event) => run("click", at(event)));
  canvas.addEventListener("keydown", (event) => {
    if (!/^(Arrow(Up|Down|Left|Right)|Enter)$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    run("key", { key: event.key });
  });
  // Scrolls rows only when there is something to scroll to: the page must not be trapped.
  canvas.addEventListener("wheel", (event) => {
    const by = Math.sign(event.deltaY) * 3;
    if (event.ctrlKey || !by || (by < 0 && firstRow === 0) || (by > 0 && firstRow + shownRows() >= rows)) return;
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
      profiles.length > 1 && (profiles.length < 4
        ? h("div", { class: "seg", role: "group", "aria-label": t("flame.profile") }, profiles.map((_, i) => h("a", { href: `#flame/${i}`, "aria-current": i === profile ? "true" : false, title: fileOf(i) }, brief(nameOf(i), 24))))
        : h("select", { class: "field", id: "flame-profile", "aria-label": t("flame.profile"), onchange: (e) => { location.hash = `#flame/${e.target.value}`; } }, profiles.map((_, i) => h("option", { value: i, selected: i === profile }, brief(nameOf(i)))))),
      typeSelect,
      h("div", { class: "seg", role: "group", "aria-label": t("flame.direction") }, direction(false, "flame.down"), direction(true, "flame.inverted")),
      h("span", { class: "sp" }), found, reset, focus, search),
    folds, box, more, legend, detail,
    h("div", { class: "cols" },
      h("section", { class: "sec" }, h("h2", {}, t("flame.top")), h("p", { class: "sub" }, t("flame.top_sub")), topPlace),
      h("aside", { class: "sec" }, h("div", { class: "rail-head" }, h("h2", {}, t("findings.profile"))), findingsList(report, (f) => f.profile !== null))),
    h("footer", { class: "foot" }, h("span", {}, t("foot.profile", { functions: grouped(profiles[profile].functions), truncated: percent(profiles[profile].quality.truncated) })), h("span", { class: "id" }, brief(fileOf(profile)))));
  root.redraw = () => draw().catch(fail);
  // Zooms out; whether there was anything to undo.
  root.zoomOut = () => { if (zoomed) run("key", { key: "0" }); return zoomed; };
  return root;
}
