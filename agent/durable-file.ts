import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a file so that after a crash either the old or the new content is there: temporary file of mode 0600,
 * fsync, rename, fsync of the folder. Throws what the file system throws.
 */
export function replaceFile(path: string, content: Iterable<string | Uint8Array>): void {
  const temporary = `${path}.tmp`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    for (const part of content) writeWhole(file, typeof part === 'string' ? Buffer.from(part) : part);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

/** Writes all bytes, from `position` or where the file stands; the operating system may take several turns. */
export function writeWhole(file: number, bytes: Uint8Array, position: number | null = null): void {
  for (let written = 0; written < bytes.length; ) {
    const at = position === null ? null : position + written;
    written += writeSync(file, bytes, written, bytes.length - written, at);
  }
}

function syncFolder(folder: string): void {
  // Windows cannot open a folder; its rename is durable by itself.
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
