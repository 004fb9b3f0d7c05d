import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HandedFiles } from './handed-files.ts';

let folder: string;
let files: HandedFiles;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-handed-'));
  let count = 0;
  files = new HandedFiles(() => `token-${++count}`);
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const textOf = async (token: string) => await files.answer(token)?.text();

describe('a file that the system hands over', () => {
  it('is given once, by its token', async () => {
    expect(await files.offer(write('a.onnx', 'bytes'))).toEqual({
      kind: 'file',
      name: 'a.onnx',
      path: '/handed/token-1',
    });
    expect(await textOf('token-2')).toBeUndefined();
    expect(await textOf('token-1')).toBe('bytes');
    expect(await textOf('token-1')).toBeUndefined();
  });

  it('is the one that was there then, whatever lies there later', async () => {
    await files.offer(write('a.onnx', 'meant'));
    renameSync(write('b', 'other'), join(folder, 'a.onnx'));
    expect(await textOf('token-1')).toBe('meant');
  });

  it('is refused with its name when it is no model, empty, a folder, or gone', async () => {
    mkdirSync(join(folder, 'folder.onnx'));
    const paths = [
      write('id_rsa', 'x'),
      write('empty.pkl', ''),
      join(folder, 'folder.onnx'),
      join(folder, 'gone.pkl'),
    ];
    for (const path of paths) expect(await files.offer(path)).toMatchObject({ kind: 'refused' });
    expect(await files.offer(join(folder, 'gone.pkl'))).toMatchObject({
      message: '"gone.pkl" cannot be read (ENOENT).',
    });
  });

  it('is let go when many more are handed over', async () => {
    const path = write('a.onnx', 'bytes');
    for (let count = 0; count < 9; count++) await files.offer(path);
    expect([await textOf('token-1'), await textOf('token-2')]).toEqual([undefined, 'bytes']);
  });
});
