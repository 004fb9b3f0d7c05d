import { closeSync, openSync, readSync, writeSync } from 'node:fs';

const CHUNK_BYTES = 1024 * 1024;

/** Bytes that take the place of `from … to` of a file. */
export interface FileEdit {
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
}

/**
 * Writes a copy of a file with some stretches replaced, a mebibyte at a time.
 * @param edits in the order of the file, none over another
 * @throws Error of node:fs; the output may then be half written
 */
export function rewriteFile(input: string, output: string, edits: readonly FileEdit[]): void {
  const source = openSync(input, 'r');
  try {
    const target = openSync(output, 'w', 0o600);
    try {
      let at = 0;
      for (const { from, to, bytes } of edits) {
        copyStretch(source, target, at, from);
        writeSync(target, bytes);
        at = to;
      }
      copyStretch(source, target, at, Number.POSITIVE_INFINITY);
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

function copyStretch(source: number, target: number, from: number, to: number): void {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let at = from; at < to; ) {
    const read = readSync(source, chunk, 0, Math.min(chunk.length, to - at), at);
    if (read === 0) return;
    for (let written = 0; written < read; )
      written += writeSync(target, chunk, written, read - written, null);
    at += read;
  }
}
