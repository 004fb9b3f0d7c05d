import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const folders = [
  'common',
  'server',
  'agent',
  'simulator',
  'src-main',
  'src-preload',
  'src-renderer',
  'scripts',
];

interface Cruise {
  readonly modules: { readonly source: string }[];
  readonly summary: { readonly violations: { rule: { name: string }; from: string; to: string }[] };
}

function cruise(): Cruise {
  const cli = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const output = execFileSync(
    process.execPath,
    [cli, '--output-type', 'json', ...folders, 'tests', 'bench'],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
    },
  );
  return JSON.parse(output) as Cruise;
}

describe('the walls of the house', () => {
  it('stand, and every module was really looked at', () => {
    const { modules, summary } = cruise();
    const cruised = new Set(modules.map(module => module.source));
    const present = folders.flatMap(folder =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter(name => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
        .map(name => `${folder}/${name}`),
    );
    expect(present.length).toBeGreaterThan(100);
    expect(present.filter(path => !cruised.has(path))).toEqual([]);
    expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
  });

  it('turn red when a room reaches over one', () => {
    const trespass = join(root, 'server/market/trespass.ts');
    writeFileSync(
      trespass,
      "import { version } from '../version.ts';\nimport '../savings/index.ts';\nexport { version };\n",
    );
    try {
      const names = new Set(cruise().summary.violations.map(({ rule }) => rule.name));
      expect([...names]).toEqual(
        expect.arrayContaining(['market-sees-only-rooms-before-it', 'rooms-do-not-see-the-composition-root']),
      );
    } finally {
      rmSync(trespass);
    }
  });
});
