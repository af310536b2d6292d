// A QR encoder (ISO/IEC 18004): one text, byte or alphanumeric mode, drawn as SVG. Pure; asks nobody.

import { utf8 } from "./bytes.js";

const ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
// Error correction codewords a block, and blocks, by version (1 to 40), for the levels L and M.
const EC = {
  L: [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30],
  M: [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28],
};
const BLOCKS = {
  L: [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25],
  M: [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49],
};
const LEVEL_BITS = { L: 1, M: 0 };

const EXP = new Uint8Array(255);
const LOG = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i++) {
  EXP[i] = x;
  LOG[x] = i;
  x = x << 1 ^ (x & 128 ? 0x11d : 0);
}

function times(a, b) {
  return a && b ? EXP[(LOG[a] + LOG[b]) % 255] : 0;
}

/** The remainder of the data by the generator of that degree. */
function correction(data, degree) {
  let generator = [1];
  for (let i = 0; i < degree; i++) {
    const next = generator.concat(0);
    generator.forEach((factor, place) => { next[place + 1] ^= times(factor, EXP[i]); });
    generator = next;
  }
  const rest = new Array(degree).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    for (let i = 0; i < degree; i++) rest[i] ^= times(generator[i + 1], factor);
  }
  return rest;
}

/** Where the alignment patterns of a version have their centres. */
function centres(version) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = version === 32 ? 26 : Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  const found = [6];
  for (let at = version * 4 + 10; found.length < count; at -= step) found.splice(1, 0, at);
  return found;
}

/** How many modules of a version carry data or correction. */
function room(version) {
  let modules = (16 * version + 128) * version + 64;
  if (version > 1) {
    const count = Math.floor(version / 7) + 2;
    modules -= (25 * count - 10) * count - 55;
    if (version > 6) modules -= 36;
  }
  return modules;
}

function capacity(version, level) {
  return Math.floor(room(version) / 8) - EC[level][version - 1] * BLOCKS[level][version - 1];
}

class Bits extends Array {
  add(value, length) {
    for (let i = length - 1; i >= 0; i--) this.push((value >>> i) & 1);
  }
}

/** {mode, count, body}: the text as bits in the mode that suits it. */
function segment(text) {
  const body = new Bits();
  const values = [...text].map((character) => ALPHANUMERIC.indexOf(character));
  if (values.every((value) => value >= 0)) {
    for (let i = 0; i + 1 < values.length; i += 2) body.add(values[i] * 45 + values[i + 1], 11);
    if (values.length % 2) body.add(values[values.length - 1], 6);
    return { mode: 2, count: values.length, lengths: [9, 11, 13], body };
  }
  const bytes = utf8(text);
  bytes.forEach((byte) => body.add(byte, 8));
  return { mode: 4, count: bytes.length, lengths: [8, 16, 16], body };
}

/** Data codewords of the smallest version that holds the text, or null when none does. */
function codewords(text, level) {
  const { mode, count, lengths, body } = segment(text);
  for (let version = 1; version <= 40; version++) {
    const length = lengths[version < 10 ? 0 : version < 27 ? 1 : 2];
    const total = capacity(version, level) * 8;
    if (4 + length + body.length > total || count >= 2 ** length) continue;
    const bits = new Bits();
    bits.add(mode, 4);
    bits.add(count, length);
    for (const bit of body) bits.push(bit);
    bits.add(0, Math.min(4, total - bits.length));
    bits.add(0, (8 - (bits.length % 8)) % 8);
    const bytes = [];
    for (let i = 0; i < bits.length; i += 8) bytes.push(bits.slice(i, i + 8).reduce((sum, bit) => sum * 2 + bit, 0));
    for (let pad = 0xec; bytes.length * 8 < total; pad ^= 0xec ^ 0x11) bytes.push(pad);
    return { version, bytes };
  }
  return null;
}

/** Data and correction, block by block, in the order in which they are drawn. */
function interleave(version, level, data) {
  const blocks = BLOCKS[level][version - 1];
  const degree = EC[level][version - 1];
  const total = Math.floor(room(version) / 8);
  const short = Math.floor(total / blocks) - degree;
  const longer = total % blocks;
  const parts = [];
  for (let i = 0, at = 0; i < blocks; i++) {
    const size = short + (i < blocks - longer ? 0 : 1);
    const part = data.slice(at, at + size);
    at += size;
    parts.push({ part, check: correction(part, degree) });
  }
  const result = [];
  for (let i = 0; i <= short; i++) for (const { part } of parts) if (i < part.length) result.push(part[i]);
  for (let i = 0; i < degree; i++) for (const { check } of parts) result.push(check[i]);
  return result;
}

const MASKS = [
  (x, y) => (x + y) % 2,
  (x, y) => y % 2,
  (x) => x % 3,
  (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];

class Symbol {
  constructor(version, level) {
    this.version = version;
    this.level = level;
    this.size = version * 4 + 17;
    this.dark = Array.from({ length: this.size }, () => new Array(this.size).fill(false));
    this.fixed = Array.from({ length: this.size }, () => new Array(this.size).fill(false));
    this.patterns();
  }

  set(x, y, dark) {
    this.dark[y][x] = dark;
    this.fixed[y][x] = true;
  }

  patterns() {
    const { size } = this;
    for (let i = 0; i < size; i++) {
      this.set(6, i, i % 2 === 0);
      this.set(i, 6, i % 2 === 0);
    }
    for (const [cx, cy] of [[3, 3], [size - 4, 3], [3, size - 4]]) this.square(cx, cy, 4, (d) => d !== 2 && d !== 4);
    const at = centres(this.version);
    const last = at.length - 1;
    at.forEach((cx, i) => at.forEach((cy, j) => {
      const corner = (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0);
      if (!corner) this.square(cx, cy, 2, (d) => d !== 1);
    }));
    this.format(0);
    this.versionBits();
  }

  square(cx, cy, reach, isDark) {
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        const [x, y] = [cx + dx, cy + dy];
        if (x >= 0 && y >= 0 && x < this.size && y < this.size) this.set(x, y, isDark(Math.max(Math.abs(dx), Math.abs(dy))));
      }
    }
  }

  format(mask) {
    const data = (LEVEL_BITS[this.level] << 3) | mask;
    let rest = data;
    for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
    const bits = ((data << 10) | rest) ^ 0x5412;
    const bit = (i) => ((bits >>> i) & 1) === 1;
    const { size } = this;
    for (let i = 0; i <= 5; i++) this.set(8, i, bit(i));
    this.set(8, 7, bit(6));
    this.set(8, 8, bit(7));
    this.set(7, 8, bit(8));
    for (let i = 9; i < 15; i++) this.set(14 - i, 8, bit(i));
    for (let i = 0; i < 8; i++) this.set(size - 1 - i, 8, bit(i));
    for (let i = 8; i < 15; i++) this.set(8, size - 15 + i, bit(i));
    this.set(8, size - 8, true);
  }

  versionBits() {
    if (this.version < 7) return;
    let rest = this.version;
    for (let i = 0; i < 12; i++) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25);
    const bits = (this.version << 12) | rest;
    for (let i = 0; i < 18; i++) {
      const dark = ((bits >>> i) & 1) === 1;
      const [a, b] = [this.size - 11 + (i % 3), Math.floor(i / 3)];
      this.set(a, b, dark);
      this.set(b, a, dark);
    }
  }

  fill(bytes) {
    let at = 0;
    for (let right = this.size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      for (let step = 0; step < this.size; step++) {
        const y = ((right + 1) & 2) === 0 ? this.size - 1 - step : step;
        for (const x of [right, right - 1]) {
          if (this.fixed[y][x] || at >= bytes.length * 8) continue;
          this.dark[y][x] = ((bytes[at >>> 3] >>> (7 - (at & 7))) & 1) === 1;
          at += 1;
        }
      }
    }
  }

  mask(number) {
    for (let y = 0; y < this.size; y++) {
      for (let x = 0; x < this.size; x++) {
        if (!this.fixed[y][x] && MASKS[number](x, y) === 0) this.dark[y][x] = !this.dark[y][x];
      }
    }
  }

  /** How badly a reader would see it: long runs, blocks, shapes like the corners', too much of one colour. */
  penalty() {
    const { size, dark } = this;
    let sum = 0;
    const lines = [...dark, ...dark[0].map((_, x) => dark.map((row) => row[x]))];
    for (const line of lines) {
      for (let i = 0, run = 1; i < size; i++, run++) {
        if (i + 1 < size && line[i + 1] === line[i]) continue;
        if (run >= 5) sum += run - 2;
        run = 0;
      }
      const text = line.map(Number).join("");
      for (const shape of ["10111010000", "00001011101"]) {
        for (let i = text.indexOf(shape); i >= 0; i = text.indexOf(shape, i + 1)) sum += 40;
      }
    }
    let count = 0;
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        count += dark[y][x] ? 1 : 0;
        const same = x + 1 < size && y + 1 < size && dark[y][x] === dark[y][x + 1]
          && dark[y][x] === dark[y + 1][x] && dark[y][x] === dark[y + 1][x + 1];
        if (same) sum += 3;
      }
    }
    return sum + Math.floor(Math.abs(count * 20 - size * size * 10) / (size * size)) * 10;
  }
}

/** The modules of a text's symbol, rows of booleans; null when it holds too much. Level "L" or "M". */
export function encode(text, level = "M") {
  const data = codewords(text, level);
  if (!data) return null;
  const symbol = new Symbol(data.version, level);
  symbol.fill(interleave(data.version, level, data.bytes));
  let best = 0;
  let least = Infinity;
  for (let number = 0; number < MASKS.length; number++) {
    symbol.mask(number);
    symbol.format(number);
    const penalty = symbol.penalty();
    if (penalty < least) [best, least] = [number, penalty];
    symbol.mask(number);
  }
  symbol.mask(best);
  symbol.format(best);
  return symbol.dark;
}

/** The symbol as an SVG element with its quiet zone; null when the text is too long. */
export function picture(text, label, level = "M") {
  const rows = encode(text, level);
  if (!rows) return null;
  const space = "http://www.w3.org/2000/svg";
  const edge = rows.length + 8;
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  const facts = { viewBox: `0 0 ${edge} ${edge}`, class: "qr", role: "img", "aria-label": label, "shape-rendering": "crispEdges" };
  for (const [name, value] of Object.entries(facts)) svg.setAttribute(name, value);
  let d = "";
  rows.forEach((row, y) => row.forEach((dark, x) => { if (dark) d += `M${x + 4} ${y + 4}h1v1h-1z`; }));
  path.setAttribute("d", d);
  svg.append(path);
  return svg;
}
