import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelFiles } from './model-files.ts';

let folder: string;
let files: ModelFiles;
let sha256: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-files-'));
  files = new ModelFiles(folder, { maxBytes: 2 ** 20, quotaBytes: 2 ** 20 });
  await files.prepare(new Set());
  const received = await files.receive(Readable.from([Buffer.from('as it was uploaded')]));
  await files.keep(received);
  ({ sha256 } = received);
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = async (path: string) => readFileSync(path, 'utf8');

describe('a kept file', () => {
  it('is given out as long as it is what was uploaded', async () => {
    expect(await files.withVerified(sha256, read)).toBe('as it was uploaded');
    const path = files.pathOf(sha256);
    rmSync(path);
    writeFileSync(path, 'something else');
    await expect(files.withVerified(sha256, read)).rejects.toMatchObject({ code: 'storage.damaged' });
    rmSync(path);
    await expect(files.withVerified(sha256, read)).rejects.toMatchObject({ code: 'storage.damaged' });
  });

  it.runIf(process.platform === 'linux')(
    'that is exchanged after the check is not what is loaded',
    async () => {
      const other = join(folder, 'other');
      writeFileSync(other, 'something else');
      const seen = await files.withVerified(sha256, async path => {
        renameSync(other, files.pathOf(sha256));
        return read(path);
      });
      expect(seen).toBe('as it was uploaded');
    },
  );
});
