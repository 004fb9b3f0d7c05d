import { crc32 } from 'node:zlib';

const CHUNK = 65_536;
const FLAGS = Buffer.from([0, 1]);
const HEADER = Buffer.from([2, 0, 0x21, 1, 0x16, 0, 0, 0]);

/** An xz file of chunks that are stored as they are, for machines without the program. The xz file format, 1.2.1. */
export function packXz(data: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let start = 0; start < data.length; start += CHUNK) {
    const part = data.subarray(start, start + CHUNK);
    chunks.push(Buffer.from([start === 0 ? 1 : 2, (part.length - 1) >> 8, (part.length - 1) & 255]), part);
  }
  const packed = Buffer.concat([...chunks, Buffer.from([0])]);
  const header = Buffer.concat([HEADER, check(HEADER)]);
  const index = padded(
    Buffer.concat([Buffer.from([0, 1]), varint(header.length + packed.length + 4), varint(data.length)]),
  );
  const size = Buffer.alloc(4);
  size.writeUInt32LE((index.length + 4) / 4 - 1);
  const foot = Buffer.concat([size, FLAGS]);
  return Buffer.concat([
    Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
    ...[FLAGS, check(FLAGS), header, padded(packed), check(data), index, check(index)],
    ...[check(foot), foot, Buffer.from('YZ')],
  ]);
}

function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
}

function check(data: Buffer): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(data));
  return sum;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest < 128 ? rest : (rest % 128) | 128);
    if (rest < 128) return Buffer.from(bytes);
  }
}
