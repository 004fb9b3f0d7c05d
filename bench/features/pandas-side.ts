import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';

const PYTHON = '/usr/bin/python3';

/**
 * The same 22 features as pandas users write them: `groupby().rolling()` for sums, counts and extremes, and the record in force
 * at the start of a window found by its count. Each line "run" is answered with milliseconds on the clock and of the
 * processor and the most memory in MiB so far; "write" also leaves a file of all values, row after row.
 */
const PROGRAM = `
import resource, sys, time
import numpy as np
import pandas as pd
folder = sys.argv[1]
HOUR = 3_600_000
at = np.fromfile(folder + '/at.f64').astype(np.int64)
prices = pd.DataFrame({
    'pool': np.fromfile(folder + '/pool.i32', dtype=np.int32),
    'at': at,
    'price': np.fromfile(folder + '/price.f64'),
}, index=pd.to_datetime(at, unit='ms'))

def features():
    at, price = prices['at'].to_numpy(), prices['price'].to_numpy()
    row = np.arange(len(prices))
    start = row - prices.groupby('pool', sort=False).cumcount().to_numpy()
    is_first = row == start
    # From the first price of the pool, so that squares of large prices cost no digits.
    base = price - price[start]
    before = np.concatenate(([0], base[:-1]))
    gap = np.where(is_first, 0, np.concatenate(([0], np.diff(at))))
    changed = np.where(is_first, 0.0, base != before)
    frame = prices[['pool', 'price']].assign(area=before * gap, square=before**2 * gap, changed=changed)
    out = {}
    for hours in (6, 24, 72, 168):
        length = hours * HOUR
        rolling = frame.groupby('pool', sort=False).rolling(f'{hours}h')
        begin = row - rolling['price'].count().to_numpy().astype(np.int64)
        known = begin >= start
        begin = np.maximum(begin, 0)
        late = at - length - at[begin]
        mean = (rolling['area'].sum().to_numpy() - base[begin] * late) / length
        square = (rolling['square'].sum().to_numpy() - base[begin] ** 2 * late) / length
        figures = {
            f'mean_{hours}h_to_last': (price[start] + mean) / price - 1,
            f'std_{hours}h_to_last': np.sqrt(np.maximum(0, square - mean**2)) / price,
            f'min_{hours}h_to_last': np.minimum(rolling['price'].min().to_numpy(), price[begin]) / price - 1,
            f'max_{hours}h_to_last': np.maximum(rolling['price'].max().to_numpy(), price[begin]) / price - 1,
            f'changes_{hours}h': rolling['changed'].sum().to_numpy(),
        }
        if hours == 24:
            figures['return_24h'] = np.log(price / price[begin])
        out.update({name: np.where(known, values, np.nan) for name, values in figures.items()})
    last = pd.Series(np.where(changed == 1, at, np.nan)).groupby(prices['pool'].to_numpy(), sort=False).ffill()
    ago = (at - last.to_numpy()) / HOUR
    out['hours_since_change'] = np.where(ago < 168, ago, np.where(known, 168, np.nan))
    return pd.DataFrame(out)

print('ready', flush=True)
for line in sys.stdin:
    started, processor = time.perf_counter(), time.process_time()
    made = features()
    elapsed, processor = time.perf_counter() - started, time.process_time() - processor
    if line.strip() == 'write':
        made[sys.argv[2].split(',')].to_numpy().tofile(folder + '/pandas.f64')
    print(elapsed * 1000, processor * 1000, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)
`;

/** Version of pandas here; `undefined` where there is none. */
export function pandasVersion(): string | undefined {
  const { status, stdout } = spawnSync(PYTHON, ['-c', 'import pandas; print(pandas.__version__)'], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** pandas on one thread, in a process that stays, with `pool.i32`, `at.f64` and `price.f64` of a folder in memory. */
export class PandasFeatures {
  readonly #process: ChildProcess;
  readonly #lines: Interface;

  private constructor(folder: string, names: readonly string[]) {
    this.#process = spawn(PYTHON, ['-c', PROGRAM, folder, names.join(',')], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
    });
    if (!this.#process.stdout) throw new Error('Python has no standard output.');
    this.#lines = createInterface({ input: this.#process.stdout });
  }

  static async start(folder: string, names: readonly string[]): Promise<PandasFeatures> {
    const pandas = new PandasFeatures(folder, names);
    await once(pandas.#lines, 'line');
    return pandas;
  }

  /** One run: what it took, and the most memory so far. @param order `write` leaves the values in `pandas.f64` */
  async measure(order: 'run' | 'write'): Promise<{ ms: number; cpuMs: number; peakMib: number }> {
    const answer = once(this.#lines, 'line');
    this.#process.stdin?.write(`${order}\n`);
    const figures = String((await answer)[0])
      .split(' ')
      .map(Number);
    const [ms = Number.NaN, cpuMs = Number.NaN, peakMib = Number.NaN] = figures;
    return { ms, cpuMs, peakMib };
  }

  close(): void {
    this.#process.kill('SIGKILL');
  }
}
