import { unpack } from "./unpack.js";

// Every word that a reader sees comes from the catalogue: for each key a text in each language.
const LANGUAGES = ["en", "zh"];
const catalogue = JSON.parse(new TextDecoder().decode(unpack(document.getElementById("nf-words").textContent)));
let current = "en";

export function setLanguage(code) {
  current = code === "zh" ? "zh" : "en";
  document.documentElement.lang = current === "zh" ? "zh-Hans" : "en";
}

export const language = () => current;
export const preferredLanguage = () => ((navigator.languages?.[0] ?? navigator.language ?? "en").startsWith("zh") ? "zh" : "en");

function template(key, values) {
  const at = LANGUAGES.indexOf(current);
  const one = String(values.n) === "1" ? catalogue[`${key}.one`]?.[at] : undefined;
  return one ?? catalogue[key]?.[at] ?? catalogue[key]?.[0] ?? key;
}

// The text of a key with its placeholders filled in; `key.one` is taken for a count of 1.
export function t(key, values = {}) {
  return template(key, values).replace(/\{(\w+)\}/g, (all, name) => (values[name] === undefined ? all : String(values[name])));
}

// The same as a list of texts and elements: values may be elements, or lists of them.
export function parts(key, values) {
  return template(key, values).split(/(\{\w+\})/).map((part) => (part.startsWith("{") ? values[part.slice(1, -1)] : part));
}

// What stands between two sentences.
export const gap = () => (current === "zh" ? "" : " ");
export const has = (key) => catalogue[key] !== undefined;
