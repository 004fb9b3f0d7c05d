import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
const sources = files.filter(path => /\.(ts|tsx|mjs|cjs)$/.test(path));

/** Oldest versions without a known hole or fault that matters here. */
const floors: Readonly<Record<string, string>> = {
  'node_modules/socket.io-parser': '4.2.7',
  'node_modules/engine.io': '6.6.7',
  'node_modules/fastify': '5.12.1',
  'node_modules/onnxruntime-node': '1.30.0',
  'node_modules/electron': '45.0.0',
  'node_modules/electron-updater': '6.3.0',
};

describe('the repository', () => {
  it('has no source file over 400 lines', () => {
    expect(sources.length).toBeGreaterThan(100);
    const long = sources.filter(path => readFileSync(join(root, path), 'utf8').split('\n').length > 401);
    expect(long).toEqual([]);
  });

  it('pins every package exactly', () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    ) as Record<string, Record<string, string>>;
    const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
    expect(all.filter(([name, version]) => !/^\d/.test(version) && name !== 'typescript')).toEqual([]);
  });

  it('names no registry in its lock file', () => {
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toContain('"resolved": "http');
  });

  it('is above the version floors', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version?: string }>;
    };
    for (const [path, floor] of Object.entries(floors)) {
      expect(isAtLeast(packages[path]?.version ?? '0', floor), `${path} ${packages[path]?.version}`).toBe(
        true,
      );
    }
  });

  it('holds none of the recordings', () => {
    expect(files.filter(path => /nolicence|spot-prices-.*\.csv|pkl-parity/.test(path))).toEqual([]);
  });
});

function isAtLeast(version: string, floor: string): boolean {
  const [a, b] = [version, floor].map(text => text.split('.').map(Number));
  for (let index = 0; index < 3; index++) {
    const difference = (a?.[index] ?? 0) - (b?.[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
