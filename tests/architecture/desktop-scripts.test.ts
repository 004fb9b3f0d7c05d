import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { desktopEntries, serverEntries } from '../../scripts/bundle/server-entries.ts';

const root = join(import.meta.dirname, '..', '..');

/** Scripts that run as a thread or a child process: they answer whoever started them, and nobody imports anything of them. */
const started = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'server'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter(path => /\.ts$/.test(path) && !/\.(test|fixture)\.ts$|\/testing\//.test(path))
  .filter(path => {
    const text = readFileSync(join(root, path), 'utf8');
    return /\bparentPort\b|^\s*answerRequests\(/m.test(text) && !/^export /m.test(text);
  });

describe('the builds for the desktop and for a server', () => {
  it('have an entry for every thread and child process of the engine, named after its file', () => {
    for (const known of [
      'backtest-thread',
      'packing-worker',
      'planning-worker',
      'inference-child',
      'plug-in-child',
    ])
      expect(started.map(path => basename(path, '.ts'))).toContain(known);
    for (const path of started) {
      expect(desktopEntries[basename(path, '.ts')], path).toBe(path);
      expect(serverEntries[basename(path, '.ts')], path).toBe(path);
    }
  });
});
