/**
 * How long until the engine listens, on an empty folder and on a used one, in time and in processor time of all its threads; and what
 * engine and agent take in memory. Measured is what users start, the built engine; its sources are there for orientation.
 * Yardstick: a bare `node:http` server on the same Node.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { figureLine, ratioLine, spreadOf } from './figures.ts';

const root = join(import.meta.dirname, '..');
const RUNS = Number(process.env.CLOUDOPTIM_BENCH_RUNS ?? 5);
const bareServer = "require('node:http').createServer().listen(0, '127.0.0.1', () => console.log('listens'))";

interface Start {
  readonly ms: number;
  readonly cpuMs: number;
  readonly rssMiB: number;
  /** Until the first answer: what loads with the first request counts, too. */
  readonly answeredMs: number;
}

spawnSync(process.execPath, [join(root, 'scripts/run.mjs'), 'build-server'], { stdio: 'inherit' });
const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-bench-start-'));
const bare: Start[] = [];
const first: Start[] = [];
const second: Start[] = [];
const sources: Start[] = [];
const help: number[] = [];
// In turns, so that each meets the same machine.
for (let run = 0; run < RUNS; run++) {
  bare.push(await measure(['-e', bareServer], /listens/));
  first.push(await measureEngine('out/server/main.mjs', join(folder, String(run))));
  second.push(await measureEngine('out/server/main.mjs', join(folder, String(run))));
  sources.push(await measureEngine('server/main.ts', join(folder, String(run))));
  help.push(cpuOfHelp());
}
rmSync(folder, { recursive: true });

const line = (name: string, starts: readonly Start[], figure: keyof Start) =>
  figureLine(name, spreadOf(starts.map(start => start[figure])), figure === 'rssMiB' ? 'MiB' : 'ms');
const ratio = (starts: readonly Start[], figure: keyof Start) =>
  spreadOf(starts.map(start => start[figure])).median / spreadOf(bare.map(start => start[figure])).median;
const demo = await measureDemo();
process.stdout.write(
  [
    line('bare node:http listens', bare, 'ms'),
    line('engine listens, first start', first, 'ms'),
    line('engine listens, second start', second, 'ms'),
    line('engine gives its first answer, second start', second, 'answeredMs'),
    line('engine from its sources listens', sources, 'ms'),
    ratioLine('engine, second start / bare (target: 3.5)', ratio(second, 'ms')),
    line('processor time, bare', bare, 'cpuMs'),
    line('processor time, engine, first start', first, 'cpuMs'),
    line('processor time, engine, second start', second, 'cpuMs'),
    line('processor time, engine from its sources', sources, 'cpuMs'),
    ratioLine('processor time, second start / bare', ratio(second, 'cpuMs')),
    figureLine('processor time, cloudoptim --help', spreadOf(help), 'ms'),
    line('engine, memory once it listens', second, 'rssMiB'),
    figureLine('npm start to sign-in link, first time', spreadOf([demo.firstMs]), 'ms'),
    figureLine('npm start to sign-in link, second time', spreadOf([demo.secondMs]), 'ms'),
    ...demo.memory.map(({ name, rssMiB }) => figureLine(`demo: ${name}, memory`, spreadOf([rssMiB]), 'MiB')),
    '',
  ].join('\n'),
);

function measureEngine(script: string, data: string): Promise<Start> {
  const flags = ['server', '--port', '0', '--data', data, '--log-level', 'silent'];
  return measure([join(root, script), ...flags], /listens on/);
}

/** Starts a program, waits for its word, asks it something where it says where, ends it. */
async function measure(args: readonly string[], word: RegExp): Promise<Start> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const text = await said(child, word);
  const ms = performance.now() - startedAt;
  const [cpuMs, rssMiB] = [cpuOf(child.pid ?? 0), rssOf(child.pid ?? 0)];
  const url = /http:\S+/.exec(text)?.[0];
  if (url !== undefined) await (await fetch(`${url}/healthz`)).text();
  const answeredMs = performance.now() - startedAt;
  child.kill('SIGTERM');
  await once(child, 'exit');
  return { ms, cpuMs, rssMiB, answeredMs };
}

/** By its own account, at its end. */
function cpuOfHelp(): number {
  const told =
    "process.on('exit',()=>{const{user,system}=process.cpuUsage();console.error((user+system)/1000)})";
  const args = ['--import', `data:text/javascript,${told}`, join(root, 'out/server/main.mjs'), '--help'];
  return Number(spawnSync(process.execPath, args, { encoding: 'utf8' }).stderr);
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
    const child = spawn(
      process.execPath,
      [join(root, 'scripts/demo.ts'), '--bundled', '--port', '0', '--data', data],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
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

function said(child: ChildProcess, word: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      if (word.test(chunk.toString())) resolve(chunk.toString());
    });
    child.once('exit', code => reject(new Error(`it ended with ${code} before it was ready`)));
  });
}

/** Processor time of all threads so far; unknown (NaN) where /proc is absent. */
function cpuOf(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const ofThread = (id: string) =>
      Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]);
    return threads.map(ofThread).reduce((sum, ns) => sum + ns, 0) / 1e6;
  } catch {
    return Number.NaN;
  }
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
      const name = /(simulator|server|agent)\/main\.m?[jt]s/.exec(command)?.[1] ?? 'another process';
      return { name: name === 'server' ? 'engine' : name, rssMiB: rssOf(child) };
    });
  } catch {
    return [];
  }
}
