/**
 * The desktop app as it starts: until the window shows itself, until it can be used, until the engine is ready, and what each of its processes
 * takes in memory. With Electron where there is one; else with the stand-in of the desktop tests, which says so, and whose figures are those
 * of our own code in Node and of a Chromium, not of Electron.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { figureLine, spreadOf } from './figures.ts';

const root = join(import.meta.dirname, '..');
const RUNS = Number(process.env.CLOUDOPTIM_BENCH_RUNS ?? 5);

interface Start {
  readonly home: string;
  readonly windowMs: number;
  readonly engineMs: number;
  readonly usefulMs: number;
  readonly memory: Readonly<Record<string, number | null>>;
}

if (!existsSync(join(root, 'out', 'desktop', 'main', 'index.js'))) {
  process.stdout.write('The desktop app is built first …\n');
  run([join(root, 'node_modules/electron-vite/bin/electron-vite.js'), 'build', '--logLevel', 'warn']);
}
const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-bench-desktop-'));
const first: Start[] = [];
const second: Start[] = [];
for (let place = 0; place < RUNS; place++) {
  const userData = join(folder, String(place));
  first.push(startOnce(userData));
  second.push(startOnce(userData));
}
rmSync(folder, { recursive: true });

const times = (name: string, starts: readonly Start[]) => [
  figureLine(`window shows itself, ${name}`, spreadOf(starts.map(({ windowMs }) => windowMs)), 'ms'),
  figureLine(`engine ready, ${name}`, spreadOf(starts.map(({ engineMs }) => engineMs)), 'ms'),
  figureLine(
    `window useful (Overview, live), ${name}`,
    spreadOf(starts.map(({ usefulMs }) => usefulMs)),
    'ms',
  ),
];
const memory = Object.keys(second[0]?.memory ?? {}).map(part => {
  const known = second.flatMap(start => start.memory[part] ?? []);
  return known.length === 0
    ? `${`memory, ${part}`.padEnd(44)} unknown on this system`
    : figureLine(`memory, ${part}`, spreadOf(known), 'MiB');
});
process.stdout.write(
  [
    `measured in: ${second[0]?.home}`,
    ...times('first start', first),
    ...times('second start', second),
    ...memory,
    '',
  ].join('\n'),
);

function startOnce(userData: string): Start {
  const printed = run([join(root, 'tests/support/desktop-start-process.ts'), userData]);
  return JSON.parse(printed.trim().split('\n').at(-1) ?? '') as Start;
}

function run(args: readonly string[]): string {
  const { status, stdout } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${args[0]} ended with ${status}.`);
  return stdout;
}
