// Elements without markup strings: text from files can never become elements.
const SVG = "http://www.w3.org/2000/svg";

// Names come from files: what would show as nothing, or turn the text around it, is spelled out.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
export const visible = (text) => String(text).replace(UNSEEN, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

// A long name by its beginning and its end.
export const brief = (name, most = 60) => (name.length <= most ? name : `${name.slice(0, most - 21)}…${name.slice(-20)}`);

function fill(element, attributes, kids) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") Object.assign(element.style, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  for (const kid of kids.flat(9)) {
    if (kid === undefined || kid === null || kid === false) continue;
    element.append(kid instanceof Node ? kid : document.createTextNode(visible(kid)));
  }
  return element;
}

export const h = (tag, attributes, ...kids) => fill(document.createElement(tag), attributes, kids);
export const s = (tag, attributes, ...kids) => fill(document.createElementNS(SVG, tag), attributes, kids);

// One set of shapes for cells, chips and plots: filled is decided, outline is likely.
const SHAPES = {
  regressed: () => s("path", { d: "M6 .8 11.6 11H.4z", fill: "currentColor" }),
  likely_worse: () => s("path", { d: "M6 2.2 10.6 10.3H1.4z", fill: "var(--bg)", stroke: "currentColor", "stroke-width": 1.5 }),
  improved: () => s("circle", { cx: 6, cy: 6, r: 5.2, fill: "currentColor" }),
  likely_better: () => s("circle", { cx: 6, cy: 6, r: 4.5, fill: "var(--bg)", stroke: "currentColor", "stroke-width": 1.5 }),
  equivalent: () => s("path", { d: "M1 4h10M1 8h10", stroke: "currentColor", "stroke-width": 1.75, fill: "none" }),
  inconclusive: () => s("path", { d: "M1 2.5v7M11 2.5v7M1 6h10", stroke: "currentColor", "stroke-width": 1.4, fill: "none" }),
  not_comparable: () => [s("circle", { cx: 6, cy: 6, r: 4.6, fill: "none", stroke: "currentColor", "stroke-width": 1.4 }), s("path", { d: "m2.9 9.1 6.2-6.2", stroke: "currentColor", "stroke-width": 1.4 })],
  error: () => s("path", { d: "M6 .5 11.5 6 6 11.5 .5 6z", fill: "currentColor" }),
  warning: () => s("path", { d: "M6 1.6 10.4 6 6 10.4 1.6 6z", fill: "none", stroke: "currentColor", "stroke-width": 1.5 }),
  note: () => s("circle", { cx: 6, cy: 6, r: 1.8, fill: "currentColor" }),
};

export const shape = (name) => [SHAPES[name]()].flat();
export const glyph = (name) => s("svg", { class: "glyph", viewBox: "0 0 12 12", "aria-hidden": "true" }, shape(name));
