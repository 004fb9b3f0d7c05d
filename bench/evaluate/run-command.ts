import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BacktestReport } from '../../common/contracts/index.ts';
import { peakMibOf } from '../figures.ts';

/** What users run: the set-up builds it, as it does for `npm run cloudoptim`. */
const main = join(import.meta.dirname, '../../out/server/main.mjs');
const LOOK_EVERY_MS = 50;

/** One run of `cloudoptim evaluate`, from its start to its end. */
export interface CommandRun {
  readonly report: BacktestReport;
  readonly seconds: number;
  /** Most resident memory of the command and of its children, each at its own peak, together. */
  readonly peakMib: number;
}

/** @throws Error when it ends in any way but with a verdict */
export async function runCommand(args: readonly string[]): Promise<CommandRun> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [main, 'evaluate', ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const peaks = new Map<number, number>();
  const timer = setInterval(() => {
    for (const pid of treeOf(child.pid)) {
      const mib = peakMibOf(pid);
      if (!Number.isNaN(mib)) peaks.set(pid, mib);
    }
  }, LOOK_EVERY_MS);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(timer);
  if (code !== 0 && code !== 3) throw new Error(`cloudoptim evaluate ended with ${code}.`);
  return {
    report: JSON.parse(text) as BacktestReport,
    seconds: (performance.now() - startedAt) / 1_000,
    peakMib: [...peaks.values()].reduce((sum, mib) => sum + mib, 0),
  };
}

function treeOf(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return [pid, ...(children === '' ? [] : children.split(' ').flatMap(child => treeOf(Number(child))))];
  } catch {
    return [pid];
  }
}
