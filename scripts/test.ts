/**
 * `npm test`: everything, in the order of how fast it tells. Names of steps as arguments run those alone:
 * `npm test -- lint types`. Ends with the line `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Count {
  readonly passed: number;
  readonly failed: number;
}

interface Step {
  readonly name: string;
  readonly run: (reports: string) => Promise<Count>;
}

const root = join(import.meta.dirname, '..');
const bin = (path: string) => join(root, 'node_modules', path);

const runtimes = [
  'common',
  'server',
  'agent',
  'simulator',
  'src-main',
  'src-preload',
  'src-renderer',
  'scripts',
  'bench',
  'tests',
];

const steps: readonly Step[] = [
  {
    name: 'lint',
    run: () => check(bin('@biomejs/biome/bin/biome'), ['ci', '--error-on-warnings', '--colors=off', '.']),
  },
  { name: 'dead-code', run: () => check(bin('knip/bin/knip.js'), ['--no-progress']) },
  {
    name: 'types',
    run: () =>
      sideBySide(runtimes, name => check(bin('typescript/bin/tsc'), ['-p', `${name}/tsconfig.json`])),
  },
  { name: 'unit', run: reports => vitest(reports, 'unit*') },
  { name: 'architecture', run: reports => vitest(reports, 'architecture') },
  {
    name: 'desktop-build',
    run: () => check(bin('electron-vite/bin/electron-vite.js'), ['build', '--logLevel', 'warn']),
  },
  { name: 'integration', run: reports => vitest(reports, 'integration') },
  { name: 'desktop', run: reports => playwright(reports, 'desktop') },
  { name: 'e2e', run: reports => playwright(reports, 'e2e') },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter(name => !steps.some(step => step.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no step "${unknown[0]}"; known are ${steps.map(step => step.name).join(', ')}.\n`,
  );
  process.exit(2);
}

const reports = mkdtempSync(join(tmpdir(), 'cloudoptim-reports-'));
const total = { passed: 0, failed: 0 };
for (const step of steps) {
  if (wanted.length > 0 && !wanted.includes(step.name)) continue;
  const startedAt = Date.now();
  process.stdout.write(`\n── ${step.name}\n`);
  const { passed, failed } = await step.run(reports);
  total.passed += passed;
  total.failed += failed;
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
  process.stdout.write(`── ${step.name}: ${passed} passed, ${failed} failed, ${seconds} s\n`);
}
rmSync(reports, { recursive: true });
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

/** A tool that says yes or no counts as one check. */
async function check(script: string, args: readonly string[]): Promise<Count> {
  return (await execute(script, args)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** @param project name of a project, or the beginning of several with a star */
async function vitest(folder: string, project: string): Promise<Count> {
  const file = join(folder, `${project.replace('*', '')}.json`);
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${file}`];
  const status = await execute(bin('vitest/vitest.mjs'), ['run', '--project', project, ...reporters]);
  const result = readReport<{ numPassedTests: number; numFailedTests: number }>(file);
  return countOf(status, result?.numPassedTests ?? 0, result?.numFailedTests ?? 0);
}

async function playwright(folder: string, project: string): Promise<Count> {
  const file = join(folder, `${project}.json`);
  const status = await execute(
    bin('@playwright/test/cli.js'),
    ['test', '--project', project, '--reporter=list,json'],
    {
      PLAYWRIGHT_JSON_OUTPUT_NAME: file,
    },
  );
  const stats = readReport<{ stats: { expected: number; unexpected: number; flaky: number } }>(file)?.stats;
  return countOf(status, stats?.expected ?? 0, (stats?.unexpected ?? 0) + (stats?.flaky ?? 0));
}

/** A run that failed without a failing test (it crashed, or found none) counts as one failure. */
function countOf(status: number, passed: number, failed: number): Count {
  return { passed, failed: failed === 0 && (status !== 0 || passed === 0) ? 1 : failed };
}

async function execute(
  script: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<number> {
  const tool = spawn(process.execPath, [script, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment, NO_COLOR: '1' },
  });
  const [status] = (await once(tool, 'exit')) as [number | null];
  return status ?? 1;
}

function readReport<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

/** Two at a time, for the two cores that this is meant to run on. */
async function sideBySide(names: readonly string[], run: (name: string) => Promise<Count>): Promise<Count> {
  const waiting = [...names];
  const total = { passed: 0, failed: 0 };
  async function work(): Promise<void> {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const { passed, failed } = await run(name);
      total.passed += passed;
      total.failed += failed;
    }
  }
  await Promise.all([work(), work()]);
  return total;
}
