import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RotatedLog } from './rotated-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (name: string) => readFileSync(join(folder, name), 'utf8');

it('keeps the newest lines in bounded files, also across a restart', () => {
  let log = new RotatedLog(folder, 'engine', { maxBytes: 20, kept: 2 });
  for (let line = 0; line < 4; line++) log.write(Buffer.from(`line ${line}...\n`));
  log.close();
  log = new RotatedLog(folder, 'engine', { maxBytes: 20, kept: 2 });
  for (let line = 4; line < 8; line++) log.write(Buffer.from(`line ${line}...\n`));
  log.close();
  expect(readdirSync(folder).sort()).toEqual(['engine.1.log', 'engine.2.log', 'engine.log']);
  expect(['engine.2.log', 'engine.1.log', 'engine.log'].map(read)).toEqual([
    'line 2...\nline 3...\n',
    'line 4...\nline 5...\n',
    'line 6...\nline 7...\n',
  ]);
});

it('writes notes as lines with their time', () => {
  const log = new RotatedLog(folder, 'engine');
  log.note(0, 'The engine starts.');
  log.close();
  expect(read('engine.log')).toBe('1970-01-01T00:00:00.000Z The engine starts.\n');
});
