/**
 * How long until the engine listens, on an empty folder and on a used one, and what engine and agent take in memory.
 * Yardstick: a bare `node:http` server on the same Node.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { figureLine, ratioLine, spreadOf } from './figures.ts';

const root = join(import.meta.dirname, '..');
const RUNS = 5;
const bareServer = "require('node:http').createServer().listen(0, '127.0.0.1', () => console.log('listens'))";

const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-bench-start-'));
const bare: number[] = [];
const first: number[] = [];
const second: number[] = [];
const engineMemory: number[] = [];
for (let run = 0; run < RUNS; run++) {
  bare.push((await measure(['-e', bareServer], /listens/)).ms);
  const data = join(folder, String(run));
  const server = [
    join(root, 'server/main.ts'),
    'server',
    '--port',
    '0',
    '--data',
    data,
    '--log-level',
    'silent',
  ];
  first.push((await measure(server, /listens on/)).ms);
  const again = await measure(server, /listens on/);
  second.push(again.ms);
  engineMemory.push(again.rssMiB);
}
rmSync(folder, { recursive: true });

const bareSpread = spreadOf(bare);
const secondSpread = spreadOf(second);
const demo = await measureDemo();
process.stdout.write(
  [
    figureLine('bare node:http listens', bareSpread, 'ms'),
    figureLine('engine listens, first start', spreadOf(first), 'ms'),
    figureLine('engine listens, second start', secondSpread, 'ms'),
    ratioLine('engine, second start / bare (target: 3.5)', secondSpread.median / bareSpread.median),
    figureLine('engine, memory once it listens', spreadOf(engineMemory), 'MiB'),
    figureLine('npm start to sign-in link, first time', spreadOf([demo.firstMs]), 'ms'),
    figureLine('npm start to sign-in link, second time', spreadOf([demo.secondMs]), 'ms'),
    ...demo.memory.map(({ name, rssMiB }) => figureLine(`demo: ${name}, memory`, spreadOf([rssMiB]), 'MiB')),
    '',
  ].join('\n'),
);

/** Starts a program, waits for its word, ends it. */
async function measure(args: readonly string[], word: RegExp): Promise<{ ms: number; rssMiB: number }> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await said(child, word);
  const ms = performance.now() - startedAt;
  const rssMiB = rssOf(child.pid ?? 0);
  child.kill('SIGTERM');
  await once(child, 'exit');
  return { ms, rssMiB };
}

async function measureDemo(): Promise<{
  firstMs: number;
  secondMs: number;
  memory: { name: string; rssMiB: number }[];
}> {
  const data = mkdtempSync(join(tmpdir(), 'cloudoptim-bench-demo-'));
  const times: number[] = [];
  let memory: { name: string; rssMiB: number }[] = [];
  for (let run = 0; run < 2; run++) {
    const startedAt = performance.now();
    const child = spawn(process.execPath, [join(root, 'scripts/demo.ts'), '--port', '0', '--data', data], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await said(child, /Sign in:/);
    times.push(performance.now() - startedAt);
    // The first snapshot is through by then.
    await new Promise(resolve => setTimeout(resolve, 5_000));
    memory = childrenOf(child.pid ?? 0);
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  rmSync(data, { recursive: true });
  return { firstMs: times[0] ?? Number.NaN, secondMs: times[1] ?? Number.NaN, memory };
}

function said(child: ChildProcess, word: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      if (word.test(chunk.toString())) resolve();
    });
    child.once('exit', code => reject(new Error(`it ended with ${code} before it was ready`)));
  });
}

/** Resident memory by the operating system's own account; unknown (NaN) where /proc is absent. */
function rssOf(pid: number): number {
  try {
    const [, kib] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kib) / 1024;
  } catch {
    return Number.NaN;
  }
}

function childrenOf(pid: number): { name: string; rssMiB: number }[] {
  try {
    const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
    return pids.map(child => {
      const command = readFileSync(`/proc/${child}/cmdline`, 'utf8');
      const name = /(simulator|server|agent)\/main\.ts/.exec(command)?.[1] ?? 'another process';
      return { name: name === 'server' ? 'engine' : name, rssMiB: rssOf(child) };
    });
  } catch {
    return [];
  }
}
