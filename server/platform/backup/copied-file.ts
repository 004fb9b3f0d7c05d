import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BackupPart } from './backup-manifest.ts';

/** Uploads that have not arrived yet: no row names them. */
const ARRIVING = 'incoming';

/**
 * Writes a stream to a new file, on disk when this resolves.
 * @param through what the bytes pass before they are written, e.g. a compressor
 * @returns its size and hash as written, and the hash of what came in
 */
export async function writeHashed(
  source: Readable,
  path: string,
  options: { signal: AbortSignal; through?: Transform; onChunk?: (chunk: Buffer) => void },
): Promise<{ bytes: number; sha256: string; sourceSha256: string }> {
  const { signal, through, onChunk } = options;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const before = hashing(onChunk);
  const after = hashing();
  const stages = [source, before.stage, ...(through ? [through] : []), after.stage];
  await pipeline([...stages, createWriteStream(path, { flags: 'wx', mode: 0o600 })], { signal });
  await flush(path);
  return { bytes: after.bytes(), sha256: after.digest(), sourceSha256: before.digest() };
}

/** Files below some folders of another folder, by their path there, in a fixed order. */
export async function filesBelow(folder: string, names: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of names) {
    const entries = await readdir(join(folder, name), { recursive: true, withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      },
    );
    for (const entry of entries) {
      const path = relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/');
      if (entry.isFile() && !path.split('/').includes(ARRIVING)) found.push(path);
    }
  }
  return found.sort();
}

/** Copies a file; `undefined` when it was removed meanwhile. */
export async function copyFileHashed(
  from: string,
  to: string,
  path: string,
  options: { signal: AbortSignal; onChunk?: (chunk: Buffer) => void },
): Promise<BackupPart | undefined> {
  const file = await open(from, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return undefined;
  const source = createReadStream('', { fd: file, highWaterMark: 1024 ** 2 });
  const { bytes, sha256 } = await writeHashed(source, to, options);
  return { path, bytes, sha256 };
}

/** A file or folder is on disk only after its own fsync. Windows cannot open a folder for that. */
export async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function hashing(onChunk?: (chunk: Buffer) => void) {
  const hash = createHash('sha256');
  let bytes = 0;
  const stage = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      onChunk?.(chunk);
      done(null, chunk);
    },
  });
  return { stage, bytes: () => bytes, digest: () => hash.digest('hex') };
}
