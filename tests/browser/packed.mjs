// Archives for tests, written by hand so that they can lie: members are `{ name, data, … }`.
import { deflateRawSync, gzipSync } from "node:zlib";

function checksum(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

// A zip of deflated members; `flags` and `mode` (Unix) as the directory has them.
export function zip(members) {
  const parts = [], directory = [];
  let at = 0;
  for (const { name, data = "", flags = 0, mode = 0 } of members) {
    const plain = Buffer.from(data), path = Buffer.from(name), packed = deflateRawSync(plain);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(plain.length < 1 << 20 ? checksum(plain) : 0, 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(plain.length, 18);
    common.writeUInt16LE(path.length, 22);
    parts.push(Buffer.from("PK\u0003\u0004"), common, path, packed);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((mode << 16) >>> 0, 6);
    rest.writeUInt32LE(at, 10);
    directory.push(Buffer.from("PK\u0001\u0002\u0014\u0003"), common, rest, path);
    at += 30 + path.length + packed.length;
  }
  const entries = Buffer.concat(directory), end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(entries.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...parts, entries, Buffer.from("PK\u0005\u0006"), end]);
}

// A tar, and one packed by gzip.
export function tar(members) {
  const parts = [];
  for (const { name, data = "", kind = "0" } of members) {
    const plain = Buffer.from(data), header = Buffer.alloc(512);
    header.write(name, 0);
    header.write("0000644\0", 100);
    header.write(`${plain.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write(kind, 156);
    header.write("ustar\x0000", 257);
    header.write("        ", 148);
    header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\0 `, 148);
    parts.push(header, plain, Buffer.alloc(-plain.length & 511));
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

export const tarGz = (members) => gzipSync(tar(members));
