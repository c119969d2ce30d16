// What stands around the flame graph: its strip, its legend, its groups and its table.
import { brief, h } from "./dom.js";
import { t } from "./i18n.js";
import { amount, percent } from "./number.js";

export const CATEGORIES = [["user", "fl-user"], ["library", "fl-std"], ["runtime", "fl-runtime"], ["memory", "fl-alloc"], ["kernel", "fl-kernel"], ["unknown", "fl-harness"]];

const swatch = (category) => h("i", { class: "sw", style: { background: `var(--${CATEGORIES[category][1]})` } });

// The strip: name and callers of the frame under pointer or focus, its total and its own value.
export function frameStrip(info, unit) {
  const ofTotal = (value) => percent(info.total > 0 ? (value / info.total) * info.share : 0);
  const cell = (label, value, share) => h("div", {}, h("dt", {}, label), h("dd", {}, value, " ", h("span", { class: "dim" }, share)));
  const callers = info.path.slice(0, -1).map((name) => brief(name, 80));
  return [
    h("div", { class: "frame" }, h("p", { class: "id", title: info.name }, brief(info.name, 400), info.inlined && h("span", { class: "pkg" }, t("flame.inlined"))),
      h("p", { class: "path" }, info.path.length ? callers.length ? callers.join(" \u2190 ") : t("flame.called_by_root") : t("flame.root"))),
    h("dl", {}, cell(t("flame.total"), amount(info.total, unit), percent(info.share)), cell(t("flame.own"), amount(info.own, unit), ofTotal(info.own)),
      info.share_of_zoom !== info.share && cell(t("flame.of_zoom"), percent(info.share_of_zoom), "")),
  ];
}

// Only what is there.
export function flameLegend(sums) {
  return h("div", { class: "legend" }, CATEGORIES.map(([id], i) => sums[i] > 0 && h("span", {}, swatch(i), t(`category.${id}`))));
}

// Groups that are folded into their callers, as toggles with their share: a fold is never silent.
export function groupToggles(groups, view, changed) {
  if (!groups.length) return [];
  return [h("span", {}, t("flame.folded")), ...groups.map((group) => {
    const isFolded = () => !view.unfold.includes(group.id);
    const button = h("button", { class: "chip", type: "button", id: `fold-${group.id}`, "aria-pressed": String(isFolded()), onclick: () => {
      view.unfold = isFolded() ? [...view.unfold, group.id] : view.unfold.filter((id) => id !== group.id);
      button.setAttribute("aria-pressed", String(isFolded()));
      changed();
    } }, h("span", {}, t(`group.${group.id}`)), h("b", {}, percent(group.share)));
    return button;
  })];
}

// Function first, what it belongs to after it: the cut falls on the package.
function nameParts(name) {
  const head = name.split("(")[0].split("<")[0];
  const at = Math.max(head.lastIndexOf("::") + 1, head.lastIndexOf("."), head.lastIndexOf("/"));
  const go = name.match(/^(.*\(\*?[\w.]+\))\.([^()]+)$/);
  if (go) return [go[2], go[1]];
  return at > 0 && at + 1 < name.length ? [name.slice(at + 1), name.slice(0, at + 1).replace(/(::|[./])$/, "")] : [name, ""];
}

// The canvas's twin in text; choosing a function selects its widest frame.
export function topTable(list, unit, total, pick) {
  const share = (value) => h("td", { class: "num dim" }, percent(total ? value / total : 0));
  const line = (f) => {
    const [name, owner] = nameParts(f.name);
    return h("tr", { "data-name": f.name, "aria-selected": "false" },
      h("td", { title: f.name }, swatch(f.category), " ", h("button", { class: "link id", type: "button", "aria-label": f.name, onclick: () => pick(f.name) }, brief(name, 120)),
        owner && h("span", { class: "pkg id" }, brief(owner, 120)), f.inlined && h("span", { class: "pkg" }, `(${t("flame.inlined")})`)),
      h("td", { class: "num" }, amount(f.own, unit)), share(f.own), h("td", { class: "num opt" }, amount(f.total, unit)), share(f.total));
  };
  return h("table", { class: "t top", id: "flame-top" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("flame.function")), h("th", { scope: "col", class: "num" }, t("flame.own")), h("th", { scope: "col", class: "num" }, "%"), h("th", { scope: "col", class: "num opt" }, t("flame.total")), h("th", { scope: "col", class: "num" }, h("span", { class: "narrow-only" }, t("flame.total"), " "), "%"))),
    h("tbody", {}, list.map(line)));
}
