// The engine and the words as the page carries them: LZMA, more than a seventh smaller than the gzip that browsers
// unpack themselves.
// Both functions travel to the worker as text, so that they use nothing beside them.
// A header (properties, size of the dictionary, size of the data), then one stream of a range coder.

// Bytes out of text in which two letters hold 13 bits, the low ones first: the printable ones but & < > are digits. The
// last bits may make a byte more than there was.
export function bytesOf(text) {
  const out = new Uint8Array(text.length * 13 >> 4);
  const digit = (c) => c - 33 - (c > 38) - (c > 60) - (c > 62);
  let bits = 0, held = 0, at = 0;
  for (let i = 0; i + 1 < text.length; i += 2) {
    bits |= digit(text.charCodeAt(i)) + 91 * digit(text.charCodeAt(i + 1)) << held;
    for (held += 13; held > 7; held -= 8) {
      out[at++] = bits;
      bits >>>= 8;
    }
  }
  return out;
}

export function unpack(text) {
  // Where the probabilities of each decision begin, as the format orders its decisions.
  const MATCH = 0, REP = 192, REP_0 = 204, REP_1 = 216, REP_2 = 228, REP_LONG = 240, SLOT = 432, FAR = 688, ALIGN = 816;
  const MATCH_LENGTH = 832, REP_LENGTH = 1346, LITERAL = 1860;
  const packed = bytesOf(text), [properties] = packed;
  const lc = properties % 9, lpMask = (1 << Math.floor(properties / 9) % 5) - 1, pbMask = (1 << Math.floor(properties / 45)) - 1;
  const out = new Uint8Array(new DataView(packed.buffer).getUint32(5, true));
  const probability = new Uint16Array(LITERAL + 768 * (lpMask + 1 << lc)).fill(1024);
  // Range and code between the loops, which hold them as numbers of their own: what a closure captures is slow.
  const coder = Uint32Array.of(0xffffffff, 0);
  let at = 14;
  for (let i = 0; i < 4; i++) coder[1] = coder[1] << 8 | packed[at++];

  // Decisions from `node` on, until it is `end` or more. What stands where the last match would have gone on steers
  // the guess, as long as it was right; below 0: nothing does.
  const walk = (base, node, end, match) => {
    let range = coder[0], code = coder[1], guess = match << 1, steered = match < 0 ? 0 : 256;
    while (node < end) {
      const i = base + node + (steered ? 256 + (guess & 256) : 0), p = probability[i], bound = (range >>> 11) * p;
      if (code < bound) {
        range = bound;
        probability[i] = p + (2048 - p >> 5);
        node <<= 1;
        if (guess & 256) steered = 0;
      } else {
        range -= bound;
        code -= bound;
        probability[i] = p - (p >> 5);
        node = node << 1 | 1;
        if (!(guess & 256)) steered = 0;
      }
      guess <<= 1;
      if (range < 0x1000000) {
        range = range << 8 >>> 0;
        code = (code << 8 | packed[at++]) >>> 0;
      }
    }
    coder[0] = range;
    coder[1] = code;
    return node;
  };
  const bit = (i) => walk(i - 1, 1, 2, -1) - 2;
  const tree = (base, bits) => walk(base, 1, 1 << bits, -1) - (1 << bits);
  // The lowest bit first.
  const reversed = (base, bits) => {
    let node = 1, value = 0;
    for (let i = 0; i < bits; i++) {
      const b = bit(base + node);
      node = node << 1 | b;
      value |= b << i;
    }
    return value;
  };
  const even = (bits) => {
    let value = 0;
    for (let i = 0; i < bits; i++) {
      const half = coder[0] >>> 1, one = coder[1] < half ? 0 : 1;
      coder[0] = half;
      if (one) coder[1] -= half;
      if (half < 0x1000000) {
        coder[0] <<= 8;
        coder[1] = coder[1] << 8 | packed[at++];
      }
      value = value << 1 | one;
    }
    return value;
  };
  const length = (base, place) => {
    if (!bit(base)) return 2 + tree(base + 2 + 8 * place, 3);
    return bit(base + 1) ? 18 + tree(base + 258, 8) : 10 + tree(base + 130 + 8 * place, 3);
  };
  const distance = (long) => {
    const slot = tree(SLOT + 64 * Math.min(long - 2, 3), 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1, start = (2 | slot & 1) << bits;
    return start + (slot < 14 ? reversed(FAR + start - slot, bits) : even(bits - 4) * 16 + reversed(ALIGN, 4));
  };

  let state = 0, last = [0, 0, 0, 0];
  for (let n = 0; n < out.length;) {
    const place = n & pbMask;
    if (!bit(MATCH + 16 * state + place)) {
      const before = n > 0 ? out[n - 1] : 0;
      const base = LITERAL + 768 * (((n & lpMask) << lc) + (before >> 8 - lc));
      out[n] = walk(base, 1, 256, state > 6 ? out[n - last[0] - 1] : -1);
      n++;
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      continue;
    }
    let count;
    if (bit(REP + state)) {
      if (!bit(REP_0 + state)) {
        if (!bit(REP_LONG + 16 * state + place)) {
          out[n] = out[n - last[0] - 1];
          n++;
          state = state < 7 ? 9 : 11;
          continue;
        }
      } else {
        const which = !bit(REP_1 + state) ? 1 : 2 + bit(REP_2 + state);
        last.unshift(...last.splice(which, 1));
      }
      count = length(REP_LENGTH, place);
      state = state < 7 ? 8 : 11;
    } else {
      count = length(MATCH_LENGTH, place);
      last = [distance(count), last[0], last[1], last[2]];
      state = state < 7 ? 7 : 10;
    }
    for (const end = Math.min(n + count, out.length); n < end; n++) out[n] = out[n - last[0] - 1];
  }
  return out;
}
