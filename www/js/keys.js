// The keyboard: single letters outside of fields, each with a visible control as well.
import { h } from "./dom.js";
import { t } from "./i18n.js";

const KEYS = [["/", "keys.search"], ["j  k", "keys.rows"], ["Enter", "keys.open"], ["[  ]", "keys.series"], ["←  ↑  →  ↓", "keys.arrows"], ["Enter", "keys.enter"], ["0  Esc", "keys.reset"], ["c", "keys.copy"], ["?", "keys.help"]];

export function showKeys() {
  const dialog = document.getElementById("keys");
  dialog.setAttribute("aria-label", t("action.keys"));
  dialog.replaceChildren(h("h2", {}, t("keys.title")), h("table", { class: "t" }, h("tbody", {}, KEYS.map(([k, text]) => h("tr", {}, h("td", {}, k.split("  ").map((one, i) => [i > 0 && " ", h("kbd", {}, one)])), h("td", {}, t(text)))))),
    h("div", { class: "acts" }, h("button", { class: "btn", type: "button", onclick: () => dialog.close() }, t("action.close"))));
  dialog.showModal();
}

// The sentence or name that the screen is about, for a pull request.
function words(screen) {
  const texts = (selector) => [...document.querySelectorAll(selector)].map((e) => e.textContent.trim()).filter(Boolean);
  if (screen === "flame") return document.getElementById("flame-canvas")?.dataset.selected ?? "";
  if (screen === "series") return `${texts("#series-name")[0]}${t("list.colon")}${texts("#verdict-line > *").join(t("list.comma"))}`;
  return texts("#headline").concat(texts(".lede").map((lede) => lede.replace(/\s+/g, " "))).slice(0, 1).join(" ");
}

export function copyWords(screen, say) {
  const copied = words(screen);
  if (copied) navigator.clipboard?.writeText(copied).then(() => say(t("keys.copied", { text: copied })), () => say(t("keys.not_copied")));
}

const RESET = ["0", "Escape"];

// `view`: what is on screen, with what it offers; `go(by)` moves to a neighbouring series.
export function onKey(event, { screen, view, go, say }) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("dialog")) return;
  const field = event.target.closest("input, select, textarea");
  if (field) {
    // Escape clears a search, which the browser does, and a second one leaves it.
    if (event.key === "Escape" && !field.value) field.blur();
    return;
  }
  const search = document.getElementById(screen === "flame" ? "flame-search" : "search");
  if (event.key === "?") showKeys();
  else if (event.key === "/" && search) {
    event.preventDefault();
    search.focus();
  } else if (screen === "series" && (event.key === "[" || event.key === "]")) go(event.key === "]" ? 1 : -1);
  else if (event.key === "j" || event.key === "k") view?.step?.(event.key === "j" ? 1 : -1);
  else if (event.key === "c" && screen !== "start") copyWords(screen, say);
  else if (RESET.includes(event.key)) reset(event, screen, view);
}

function reset(event, screen, view) {
  const menu = document.querySelector("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  else if (screen === "flame") view?.zoomOut?.();
  else if (screen === "series" && event.key === "Escape") location.hash = "#report";
}
