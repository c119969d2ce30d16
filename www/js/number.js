// Numbers as text: a true minus, a sign on every change, decimals by the interval.
const NARROW = "\u202f";
const minus = (text) => text.replace("-", "\u2212");

export function digits(value) {
  const size = Math.abs(value);
  const places = size >= 1000 || size === 0 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
  return grouped(minus(value.toFixed(places)));
}

export function grouped(text) {
  const [whole, rest] = String(text).split(".");
  const body = whole.replace("\u2212", "");
  const spaced = body.length > 4 ? body.replace(/\B(?=(\d{3})+$)/g, NARROW) : body;
  return (whole.startsWith("\u2212") ? "\u2212" : "") + spaced + (rest === undefined ? "" : `.${rest}`);
}

export function placesFor(halfWidthPercent) {
  return halfWidthPercent >= 10 ? 0 : halfWidthPercent >= 1 ? 1 : halfWidthPercent >= 0.1 ? 2 : 3;
}

// A ratio as a change: percent up to a factor of 2, a factor beyond.
export function change(ratio, places = 1) {
  if (ratio > 2 || (ratio > 0 && ratio < 0.5)) return `×${digits(ratio)}`;
  const percent = (ratio - 1) * 100;
  return `${percent < 0 ? "\u2212" : "+"}${Math.abs(percent).toFixed(places)}%`;
}

export const percent = (share, places = 1) => `${minus((share * 100).toFixed(places))}%`;
export const margin = (ratio) => `±${+(ratio * 100).toPrecision(3)}%`;

// The factor and the name of the unit in which a value of a row reads well.
export function scaleOf(row, value) {
  const [base, tail] = row.unit.split("/");
  const after = tail === undefined ? "" : `/${tail}`;
  const steps = row.quantity === "time" && base === "s" ? [[1, "s"], [1e-3, "ms"], [1e-6, "µs"], [1e-9, "ns"]]
    : row.quantity === "rate" && base !== "B" ? [[1e9, `G${base}`], [1e6, `M${base}`], [1e3, `k${base}`], [1, base], [0, base]]
    : base === "B" ? [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"], [1, "B"]] : null;
  if (!steps) return { factor: 1, unit: row.unit };
  const fit = steps.find(([factor]) => Math.abs(value) >= factor) ?? steps[steps.length - 1];
  return { factor: fit[0], unit: fit[1] + after };
}

// A value of a profile in its file's unit.
export function amount(value, unit) {
  const steps = { nanoseconds: [[1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"]], bytes: [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"], [1, "B"]] }[unit];
  if (!steps) return unit === "count" || !unit ? grouped(+value.toPrecision(12)) : `${grouped(+value.toPrecision(12))}${NARROW}${unit}`;
  const [factor, name] = steps.find(([f]) => Math.abs(value) >= f) ?? steps[steps.length - 1];
  return `${digits(value / factor)}${NARROW}${name}`;
}

export const pValue = (p) => (p < 0.0001 ? "p < 0.0001" : `p = ${p.toPrecision(2)}`);
export const pShort = (p) => (p < 0.0001 ? "< 0.0001" : p.toPrecision(2));
export const withUnit = (text, unit) => (unit ? `${text}${NARROW}${unit}` : text);
