import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** Of a core: Linux counts CPU time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/** A server under measurement, as a process of its own. */
export interface MeasuredProcess {
  /** What it printed that the caller waited for. */
  readonly said: RegExpExecArray;
  readonly pid: number;
  /** CPU time so far, in ms. */
  cpuMs(): number;
  /** Resident memory now, in bytes. */
  residentBytes(): number;
  /** Resolves once it has printed this, now or earlier; rejects after `withinMs`. */
  heard(word: RegExp, withinMs: number): Promise<void>;
  end(): Promise<void>;
}

/** Starts Node with these arguments, and these variables beside those of this process, and waits until it prints `word`. */
export async function startMeasured(
  args: readonly string[],
  word: RegExp,
  env: Record<string, string> = {},
): Promise<MeasuredProcess> {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  let output = '';
  child.stdout.on('data', chunk => {
    output += chunk;
  });
  const said = await waitFor(child, word);
  const pid = child.pid ?? 0;
  return {
    said,
    pid,
    cpuMs: () => {
      // After the name in brackets, which may hold spaces.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
    },
    residentBytes: () =>
      Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024,
    async heard(wanted, withinMs) {
      const before = Date.now() + withinMs;
      while (!wanted.test(output)) {
        if (Date.now() > before) throw new Error(`${wanted} did not come within ${withinMs} ms`);
        await pause(100);
      }
    },
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function waitFor(child: ChildProcess, word: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout?.on('data', chunk => {
      said += chunk;
      const found = word.exec(said);
      if (found) resolve(found);
    });
    child.once('exit', code => reject(new Error(`it ended with ${code} before it was ready: ${said}`)));
  });
}

/** Tells whether a figure meets its target, and lets the run fail when it does not. */
export function judge(name: string, value: number, target: number, unit: string, isAtLeast = false): void {
  const meets = isAtLeast ? value >= target : value <= target;
  if (!meets) process.exitCode = 1;
  const text = (figure: number) => figure.toLocaleString('en-US', { maximumSignificantDigits: 3 });
  process.stdout.write(
    `${name.padEnd(56)} ${text(value).padStart(9)} ${unit}  ${isAtLeast ? '≥' : '≤'} ${text(target)} ${unit}  ${meets ? 'met' : 'MISSED'}\n`,
  );
}

export const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));
