import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';

const PYTHON = '/usr/bin/python3';

/** Reads the records of a folder; the library of each tool is imported by it alone, so that its memory is its own. */
const BEGIN = `
import resource, sys, time
import numpy as np
folder = sys.argv[1]
HOUR = 3_600_000
at = np.fromfile(folder + '/at.f64').astype(np.int64)
pool = np.fromfile(folder + '/pool.i32', dtype=np.int32)
price = np.fromfile(folder + '/price.f64')
`;

/**
 * Each line "run" is answered with milliseconds on the clock and of the processor and the most memory in MiB so far;
 * "write" also leaves a file of all values, row after row.
 */
const ANSWER = `
print('ready', flush=True)
for line in sys.stdin:
    started, processor = time.perf_counter(), time.process_time()
    made = features()
    elapsed, processor = time.perf_counter() - started, time.process_time() - processor
    if line.strip() == 'write':
        names = sys.argv[2].split(',')
        np.column_stack([made[name] for name in names]).astype(np.float64).tofile(sys.argv[3])
    print(elapsed * 1000, processor * 1000, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)
`;

/**
 * The 22 features as pandas users write them: `groupby().rolling()` for sums, counts and extremes, and the record in force
 * at the start of a window found by its count.
 */
const PANDAS = `
import pandas as pd
prices = pd.DataFrame({'pool': pool, 'at': at, 'price': price}, index=pd.to_datetime(at, unit='ms'))

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
    return out

`;

/** The same in SQL: windows over ranges of time, one thread, into arrays. */
const DUCKDB = `
import duckdb
db = duckdb.connect()
db.execute('SET threads = 1')
db.execute('SET enable_progress_bar = false')
db.execute('CREATE TABLE prices AS SELECT * FROM (SELECT unnest($1) AS pool, unnest($2) AS moment, unnest($3) AS price)', [pool, at, price])
frames, figures = [], []
for hours in (6, 24, 72, 168):
    length = hours * HOUR
    frames.append(f'h{hours} AS (PARTITION BY pool ORDER BY moment RANGE BETWEEN {length - 1} PRECEDING AND CURRENT ROW)')
    frames.append(f'b{hours} AS (PARTITION BY pool ORDER BY moment RANGE BETWEEN UNBOUNDED PRECEDING AND {length} PRECEDING)')
    figures.append(f'''
        last_value(price) OVER b{hours} AS p{hours}, last_value(base) OVER b{hours} AS f{hours},
        moment - {length} - last_value(moment) OVER b{hours} AS l{hours},
        sum(area) OVER h{hours} AS a{hours}, sum(square) OVER h{hours} AS s{hours},
        min(price) OVER h{hours} AS n{hours}, max(price) OVER h{hours} AS x{hours},
        sum(changed) OVER h{hours} AS c{hours}''')
columns = ', '.join(f'''
    (start + (a{hours} - f{hours} * l{hours}) / {hours * HOUR}) / price - 1 AS mean_{hours}h_to_last,
    CASE WHEN p{hours} IS NOT NULL THEN sqrt(greatest(0, (s{hours} - f{hours} * f{hours} * l{hours}) / {hours * HOUR}
        - ((a{hours} - f{hours} * l{hours}) / {hours * HOUR}) ** 2)) / price END AS std_{hours}h_to_last,
    CASE WHEN p{hours} IS NOT NULL THEN least(n{hours}, p{hours}) / price - 1 END AS min_{hours}h_to_last,
    CASE WHEN p{hours} IS NOT NULL THEN greatest(x{hours}, p{hours}) / price - 1 END AS max_{hours}h_to_last,
    CASE WHEN p{hours} IS NOT NULL THEN c{hours} END AS changes_{hours}h''' for hours in (6, 24, 72, 168))
query = f'''
WITH steps AS (
    SELECT pool, moment, price, first_value(price) OVER whole AS start,
        lag(price) OVER whole AS was, coalesce(moment - lag(moment) OVER whole, 0)::DOUBLE AS gap
    FROM prices WINDOW whole AS (PARTITION BY pool ORDER BY moment)
), areas AS (
    SELECT *, price - start AS base, coalesce((was - start) * gap, 0) AS area,
        coalesce((was - start) ** 2 * gap, 0) AS square, (was IS NOT NULL AND was != price)::DOUBLE AS changed
    FROM steps
), windows AS (
    SELECT pool, moment, price, start, {', '.join(figures)},
        last_value(CASE WHEN changed = 1 THEN moment END IGNORE NULLS) OVER whole AS changed_at
    FROM areas WINDOW whole AS (PARTITION BY pool ORDER BY moment), {', '.join(frames)}
)
SELECT {columns}, ln(price / p24) AS return_24h,
    CASE WHEN moment - changed_at < 168 * {HOUR} THEN (moment - changed_at) / {HOUR}
         WHEN p168 IS NOT NULL THEN 168 END AS hours_since_change
FROM windows ORDER BY pool, moment
'''

def features():
    made = db.execute(query).fetchnumpy()
    return {name: np.ma.filled(values.astype(np.float64), np.nan) for name, values in made.items()}
`;

/** What the features are held against. */
const tools = { pandas: PANDAS, duckdb: DUCKDB } as const;
export type Tool = keyof typeof tools;

/** Version of a tool here; `undefined` where there is none. */
export function versionOf(tool: Tool): string | undefined {
  const { status, stdout } = spawnSync(PYTHON, ['-c', `import ${tool}; print(${tool}.__version__)`], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** A tool on one thread, in a process that stays, with `pool.i32`, `at.f64` and `price.f64` of a folder in memory. */
export class PythonFeatures {
  readonly #process: ChildProcess;
  readonly #lines: Interface;

  private constructor(tool: Tool, folder: string, names: readonly string[], values: string) {
    this.#process = spawn(PYTHON, ['-c', BEGIN + tools[tool] + ANSWER, folder, names.join(','), values], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
    });
    if (!this.#process.stdout) throw new Error('Python has no standard output.');
    this.#lines = createInterface({ input: this.#process.stdout });
  }

  /** @param values file for what `write` leaves */
  static async start(
    tool: Tool,
    folder: string,
    names: readonly string[],
    values: string,
  ): Promise<PythonFeatures> {
    const started = new PythonFeatures(tool, folder, names, values);
    await once(started.#lines, 'line');
    return started;
  }

  /** One run: what it took, and the most memory so far. @param order `write` leaves the values in a file */
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
