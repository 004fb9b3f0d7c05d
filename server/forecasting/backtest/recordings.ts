import { AppError } from '../../../common/errors.ts';
import { MICRO_USD_PER_USD, MS_PER_MINUTE, MS_PER_SECOND, parseTime } from '../../../common/units/index.ts';
import { readCsv } from '../../models/index.ts';

/** Finer ticks are put together: nobody decides more often, and the optimum takes more time. */
export const SHORTEST_STEP_MS = 2 * MS_PER_MINUTE;

const RUNS = ['trace', 'instance_type', 'zone', 'gap_seconds', 'ticks', 'available'] as const;
const COUNTS = ['trace', 'instance_type', 't_seconds', 'running'] as const;
const EVENTS = ['trace', 'instance_type', 't_seconds', 'event', 'node'] as const;

/** A recording of how many nodes of one pool could be had, tick by tick. */
export interface Recording {
  readonly zone: string;
  readonly instanceType: string;
  /** `undefined` where the file tells no date. */
  readonly startedMs: number | undefined;
  readonly stepMs: number;
  /** Nodes that are there, tick by tick; NaN where nobody looked. */
  readonly nodes: number[];
  /** Micro-USD per hour; NaN where the file tells none. */
  readonly price: number[];
}

/**
 * Reads recordings of Spot availability, in the forms in which they are published: run lengths of samples (`gap_seconds`, `ticks`,
 * `available`), counts of running nodes over time (`t_seconds`, `running`), or nodes that come and go (`event`, `node`). A column
 * `start_date` says when a recording began; an empty `available` that nobody looked. Ticks shorter than two minutes are put together.
 * @throws AppError `input.invalid` naming what is missing or no number
 */
export function readRecordings(text: string, fileName: string): Recording[] {
  const { columns, rows } = readCsv(text);
  const has = (names: readonly string[]) => names.every(name => columns.includes(name));
  const cells = rows.map(row => Object.fromEntries(columns.map((name, index) => [name, row[index] ?? ''])));
  const read = has(RUNS) ? fromRuns : has(COUNTS) ? fromCounts : has(EVENTS) ? fromEvents : undefined;
  if (!read) {
    throw new AppError(
      'input.invalid',
      `"${fileName}" is no recording of availability: its columns are ${columns.join(', ').slice(0, 200)}.`,
      {
        hint: `Recordings have the columns ${RUNS.join(', ')}; or ${COUNTS.join(', ')}; or ${EVENTS.join(', ')}.`,
      },
    );
  }
  return [...Map.groupBy(cells, row => `${row.trace}`)].map(([, ofTrace]) =>
    coarser(read(ofTrace, fileName)),
  );
}

type Row = Readonly<Record<string, string>>;

function fromRuns(rows: readonly Row[], fileName: string): Recording {
  const nodes: number[] = [];
  const price: number[] = [];
  for (const row of rows) {
    const ticks = numberIn(row, 'ticks', fileName);
    const usd = row.price_usd ? numberIn(row, 'price_usd', fileName) : Number.NaN;
    const available = row.available === '' ? Number.NaN : numberIn(row, 'available', fileName);
    for (let tick = 0; tick < ticks; tick++) {
      nodes.push(available);
      price.push(usd * MICRO_USD_PER_USD);
    }
  }
  const [first = {}] = rows;
  return {
    ...factsOf(first, fileName),
    stepMs: numberIn(first, 'gap_seconds', fileName) * MS_PER_SECOND,
    nodes,
    price,
  };
}

function fromCounts(rows: readonly Row[], fileName: string): Recording {
  const changes = rows.map(row => ({
    atMs: numberIn(row, 't_seconds', fileName) * MS_PER_SECOND,
    running: numberIn(row, 'running', fileName),
  }));
  return { ...factsOf(rows[0] ?? {}, fileName), ...sampled(changes) };
}

function fromEvents(rows: readonly Row[], fileName: string): Recording {
  const there = new Set<string>();
  const changes = rows.map(row => {
    if (row.event === 'add') there.add(row.node ?? '');
    else there.delete(row.node ?? '');
    return { atMs: numberIn(row, 't_seconds', fileName) * MS_PER_SECOND, running: there.size };
  });
  return { ...factsOf(rows[0] ?? {}, fileName), ...sampled(changes) };
}

/** The fewest nodes that were there in each tick: what goes away and comes back in between was an interruption. */
function sampled(
  changes: readonly { atMs: number; running: number }[],
): Omit<Recording, 'zone' | 'instanceType' | 'startedMs'> {
  const lastMs = changes.at(-1)?.atMs ?? 0;
  const nodes: number[] = [];
  let next = 0;
  let running = 0;
  for (let toMs = SHORTEST_STEP_MS; toMs <= lastMs + SHORTEST_STEP_MS; toMs += SHORTEST_STEP_MS) {
    let least = next === 0 ? Number.POSITIVE_INFINITY : running;
    for (; next < changes.length && (changes[next]?.atMs ?? 0) < toMs; next++) {
      running = changes[next]?.running ?? 0;
      least = Math.min(least, running);
    }
    nodes.push(Number.isFinite(least) ? least : 0);
  }
  return { stepMs: SHORTEST_STEP_MS, nodes, price: nodes.map(() => Number.NaN) };
}

/** Ticks put together until they are long enough: the fewest nodes, and the highest price. */
function coarser(trace: Recording): Recording {
  const together = Math.max(1, Math.ceil(SHORTEST_STEP_MS / trace.stepMs));
  if (together === 1) return trace;
  const starts = Array.from(
    { length: Math.floor(trace.nodes.length / together) },
    (_, tick) => tick * together,
  );
  const over = (values: readonly number[], pick: (...some: number[]) => number) =>
    starts.map(start => pick(...values.slice(start, start + together)));
  return {
    ...trace,
    stepMs: trace.stepMs * together,
    nodes: over(trace.nodes, Math.min),
    price: over(trace.price, Math.max),
  };
}

/** @throws AppError `input.invalid` for a `start_date` that is no time */
function factsOf(row: Row, fileName: string): Pick<Recording, 'zone' | 'instanceType' | 'startedMs'> {
  const { zone = '', instance_type: instanceType = '', start_date: text = '' } = row;
  const startedMs = text === '' ? undefined : parseTime(text);
  if (text === '' || startedMs !== undefined) return { zone, instanceType, startedMs };
  throw new AppError(
    'input.invalid',
    `"${fileName}" has "${text}" in the column start_date, which is no time.`,
    {
      hint: 'Write it in ISO 8601, as 2026-11-01T00:00:00Z.',
    },
  );
}

function numberIn(row: Row, column: string, fileName: string): number {
  const value = Number(row[column]);
  if (row[column] !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new AppError(
    'input.invalid',
    `"${fileName}" has "${row[column]}" in the column ${column}, which is no number from 0 on.`,
  );
}
