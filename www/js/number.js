// Numbers as text: a true minus, a sign on every change, decimals by the interval.
const NARROW = "\u202f";
const minus = (text) => text.replace("-", "\u2212");
const fixed = (value, places) => minus((+value.toFixed(places) || 0).toFixed(places));

export function grouped(text) {
  const [whole, rest] = String(text).split(".");
  const body = whole.replace("\u2212", "");
  const spaced = body.length > 4 ? body.replace(/\B(?=(\d{3})+$)/g, NARROW) : body;
  return (whole.startsWith("\u2212") ? "\u2212" : "") + spaced + (rest === undefined ? "" : `.${rest}`);
}

// A value that stands alone: about four digits, at most three decimals.
const lonePlaces = (value) => {
  const size = Math.abs(value);
  return size >= 1000 || size === 0 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
};
// Far below one the digits that count, not the zeros before them.
export const digits = (value) => (value !== 0 && Math.abs(value) < 5e-4 ? minus(value.toPrecision(2)) : grouped(fixed(value, lonePlaces(value))));

// Decimals that give half of an interval's width two digits; at most three.
export const decimals = (half) => (half > 0 ? Math.min(3, Math.max(0, 1 - Math.floor(Math.log10(half)))) : 3);

const isFactor = (ratio) => ratio > 2 || (ratio > 0 && ratio < 0.5);
const signed = (percent, places) => {
  const text = fixed(percent, places);
  return text.startsWith("\u2212") ? text : `+${text}`;
};

// A ratio as a change: percent up to a factor of 2, a factor beyond.
export const change = (ratio, places = 1) => (isFactor(ratio) ? `×${digits(ratio)}` : `${signed((ratio - 1) * 100, places)}%`);

// The change of a comparison as text, `{ value, interval, size, factor }`: value and interval share
// form and decimals; `size` is the change without its sign.
export function changeText(comparison) {
  const d = comparison.difference;
  if (!d || d.ratio === null || (!d.log_scale && d.ratio !== 1)) return { value: "–", interval: "", ends: [], size: "", factor: false, linear: !!d };
  const i = d.ratio_interval;
  const bounded = i && i.low !== null && i.high !== null && i.low !== i.high;
  const factor = isFactor(d.ratio);
  const half = bounded ? (i.high - i.low) / 2 : 0;
  const places = !bounded ? (factor ? lonePlaces(d.ratio) : 1) : decimals(factor ? half : half * 100);
  const one = (ratio) => (factor ? `×${grouped(fixed(ratio, places))}` : signed((ratio - 1) * 100, places));
  if (d.ratio === 1 && !bounded) return { value: "0%", interval: "", ends: [], size: "0%", factor };
  return {
    value: factor ? one(d.ratio) : `${one(d.ratio)}%`,
    interval: bounded ? `[${one(i.low)}, ${one(i.high)}]` : "",
    ends: bounded ? [one(i.low), one(i.high)] : [],
    size: factor ? one(d.ratio) : `${one(d.ratio).slice(1)}%`,
    factor,
  };
}

// A number with its metric prefix.
export const si = (value) => {
  const [factor, prefix] = [[1e9, "G"], [1e6, "M"], [1e3, "k"]].find(([f]) => Math.abs(value) >= f) ?? [1, ""];
  return `${digits(value / factor)}${prefix && ` ${prefix}`}`;
};

export const percent = (share, places = 1) => `${fixed(share * 100, places)}%`;
export const shareText = (ratio) => `${+(ratio * 100).toPrecision(4)}%`;
export const margin = (ratio) => `±${+(ratio * 100).toPrecision(3)}%`;

const BYTES = [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"], [1, "B"]];

// The factor and the name of the unit in which a value of a row reads well.
export function scaleOf(row, value) {
  // A custom metric may carry its unit as last part: `skew-s`.
  const [, name, base, tail] = /^(.*-(?=[sB](?:\/|$)))?([^/]*)(?:\/([^/]*))?/.exec(row.unit);
  const after = tail === undefined ? "" : `/${tail}`;
  const steps = row.quantity === "time" && base === "s" ? [[1, "s"], [1e-3, "ms"], [1e-6, "µs"], [1e-9, "ns"]]
    : row.quantity === "rate" && base !== "B" ? [[1e9, `G${base}`], [1e6, `M${base}`], [1e3, `k${base}`], [1, base], [0, base]]
    : base === "B" ? BYTES : null;
  if (!steps) return { factor: 1, unit: row.unit };
  const fit = steps.find(([factor]) => Math.abs(value) >= factor) ?? steps[steps.length - 1];
  return { factor: fit[0] || 1, unit: (name ?? "") + fit[1] + after };
}

// One unit and one number of decimals for all of `sides` of a row: the unit by the smaller value, the
// decimals by the narrower interval.
export function rowScale(row, sides) {
  const present = sides.filter(Boolean);
  const sizes = present.map((side) => Math.abs(side.mean.value)).filter((v) => v > 0);
  const { factor, unit } = scaleOf(row, sizes.length ? Math.min(...sizes) : 0);
  const halves = present.flatMap(({ mean: { interval: i } }) => (i && i.low !== null && i.high > i.low ? [(i.high - i.low) / 2 / factor] : []));
  const whole = present.every((side) => Number.isInteger(side.mean.value / factor));
  const places = halves.length ? decimals(Math.min(...halves)) : whole ? 0 : lonePlaces(sizes.length ? Math.min(...sizes) / factor : 0);
  const value = (v) => {
    if (v === null || v === undefined) return "–";
    const scaled = v / factor;
    // A metric without larger or smaller units may be tiny.
    return scaled !== 0 && Math.abs(scaled) < 0.5 * 10 ** -places ? minus(scaled.toPrecision(2)) : grouped(fixed(scaled, places));
  };
  const bounds = (i) => (i && (i.low !== null || i.high !== null) ? `[${value(i.low)}, ${value(i.high)}]` : "–");
  return { factor, unit, value, bounds };
}

// Whether a tool stated a median alone, which stands in place of the mean.
export const isMedian = (side) => side.warnings.includes("median_only");
// What a side takes: in lockstep the median of its blocks, else its mean.
export const typical = (comparison, side) => (comparison.design === "lockstep_blocks" ? side.median : side.mean).value;

// A difference that is no ratio, in the unit of a scale: `{ value, interval }`.
export function amountText({ difference: d }, scale) {
  return { value: `${d.estimate > 0 ? "+" : ""}${scale.value(d.estimate)}`, interval: d.interval?.low < d.interval?.high ? scale.bounds(d.interval) : "" };
}

// A value of a profile in its file's unit.
export function amount(value, unit) {
  const second = { nanoseconds: 1e9, microseconds: 1e6, milliseconds: 1e3, seconds: 1 }[unit];
  const steps = second ? [[second, "s"], [second / 1e3, "ms"], [second / 1e6, "µs"], [second / 1e9, "ns"]] : unit === "bytes" && BYTES;
  if (!steps) return unit === "count" || !unit ? grouped(minus(String(+value.toPrecision(12)))) : withUnit(grouped(minus(String(+value.toPrecision(12)))), unit);
  const [factor, name] = steps.find(([f]) => Math.abs(value) >= f) ?? steps[steps.length - 1];
  return withUnit(digits(value / factor), name);
}

export function seconds(value) {
  if (value < 90) return withUnit(Math.ceil(value), "s");
  if (value < 5400) return withUnit(Math.ceil(value / 60), "min");
  return withUnit((value / 3600).toFixed(1), "h");
}

export const fileSize = (bytes) => (bytes < 1000 ? withUnit(bytes, "B") : amount(bytes, "bytes"));
export const pShort = (p) => (p < 0.0001 ? "< 0.0001" : p.toPrecision(2));
export const pValue = (p) => (p < 0.0001 ? "p < 0.0001" : `p = ${p.toPrecision(2)}`);
export const withUnit = (text, unit) => (unit ? `${text}${NARROW}${unit}` : String(text));
