import { AppError } from '../../../../common/errors.ts';
import { MICRO_USD_PER_USD, MS_PER_MINUTE, MS_PER_SECOND } from '../../../../common/units/index.ts';
import { readCsv } from '../../../models/index.ts';
import type { CapacityTrace } from './capacity-trace.ts';

/** How traces of availability are read. */
export interface TraceOptions {
  /** Nodes that must be there at once for capacity to count as there. */
  readonly nodes: number;
  /** Micro-USD per hour where the file tells no price; `undefined` is refused then. */
  readonly spot: number | undefined;
  /** Micro-USD per hour of an instance type; `undefined` when unknown. */
  readonly onDemandOf: (region: string, instanceType: string) => number | undefined;
}

/** Finer ticks are put together: nobody decides more often, and the optimum takes more time. */
const SHORTEST_STEP_MS = 2 * MS_PER_MINUTE;

const RUNS = ['trace', 'instance_type', 'zone', 'gap_seconds', 'ticks', 'available'] as const;
const COUNTS = ['trace', 'instance_type', 't_seconds', 'running'] as const;
const EVENTS = ['trace', 'instance_type', 't_seconds', 'event', 'node'] as const;

interface PoolTrace {
  readonly zone: string;
  readonly instanceType: string;
  readonly startMs: number;
  readonly stepMs: number;
  /** Nodes that are there, tick by tick. */
  readonly nodes: number[];
  /** Micro-USD per hour; NaN where the file tells none. */
  readonly price: number[];
}

/**
 * Reads recordings of Spot availability, in the forms in which they are published: run lengths of samples (`gap_seconds`, `ticks`,
 * `available`), counts of running nodes over time (`t_seconds`, `running`), or nodes that come and go (`event`, `node`). Zones of one
 * region with the same type, start and step make one trace.
 * @throws AppError `input.invalid` naming what is missing or no number
 */
export function readTraces(text: string, fileName: string, options: TraceOptions): CapacityTrace[] {
  const { columns, rows } = readCsv(text);
  const has = (names: readonly string[]) => names.every(name => columns.includes(name));
  const cells = rows.map(row => Object.fromEntries(columns.map((name, index) => [name, row[index] ?? ''])));
  const read = has(RUNS) ? fromRuns : has(COUNTS) ? fromCounts : has(EVENTS) ? fromEvents : undefined;
  if (!read) {
    throw new AppError(
      'input.invalid',
      `"${fileName}" is no trace of availability: its columns are ${columns.join(', ').slice(0, 200)}.`,
      {
        hint: `Traces have the columns ${RUNS.join(', ')}; or ${COUNTS.join(', ')}; or ${EVENTS.join(', ')}.`,
      },
    );
  }
  const pools = [...Map.groupBy(cells, row => `${row.trace}`)].map(([, ofTrace]) =>
    coarser(read(ofTrace, fileName)),
  );
  const groups = Map.groupBy(
    pools,
    ({ zone, instanceType, startMs, stepMs }) => `${regionOf(zone)} ${instanceType} ${startMs} ${stepMs}`,
  );
  return [...groups].map(([name, group]) => traceOf(name, group, fileName, options));
}

type Row = Readonly<Record<string, string>>;

function fromRuns(rows: readonly Row[], fileName: string): PoolTrace {
  const nodes: number[] = [];
  const price: number[] = [];
  for (const row of rows) {
    const ticks = numberIn(row, 'ticks', fileName);
    const usd = row.price_usd ? numberIn(row, 'price_usd', fileName) : Number.NaN;
    const available = numberIn(row, 'available', fileName);
    for (let tick = 0; tick < ticks; tick++) {
      nodes.push(available);
      price.push(usd * MICRO_USD_PER_USD);
    }
  }
  const [first = {}] = rows;
  return {
    ...namesOf(first),
    startMs: Date.parse(first.start_date ?? '') || 0,
    stepMs: numberIn(first, 'gap_seconds', fileName) * MS_PER_SECOND,
    nodes,
    price,
  };
}

function fromCounts(rows: readonly Row[], fileName: string): PoolTrace {
  const changes = rows.map(row => ({
    atMs: numberIn(row, 't_seconds', fileName) * MS_PER_SECOND,
    running: numberIn(row, 'running', fileName),
  }));
  return { ...namesOf(rows[0] ?? {}), ...sampled(changes) };
}

function fromEvents(rows: readonly Row[], fileName: string): PoolTrace {
  const there = new Set<string>();
  const changes = rows.map(row => {
    if (row.event === 'add') there.add(row.node ?? '');
    else there.delete(row.node ?? '');
    return { atMs: numberIn(row, 't_seconds', fileName) * MS_PER_SECOND, running: there.size };
  });
  return { ...namesOf(rows[0] ?? {}), ...sampled(changes) };
}

/** The fewest nodes that were there in each tick: what goes away and comes back in between was an interruption. */
function sampled(
  changes: readonly { atMs: number; running: number }[],
): Omit<PoolTrace, 'zone' | 'instanceType'> {
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
  return { startMs: 0, stepMs: SHORTEST_STEP_MS, nodes, price: nodes.map(() => Number.NaN) };
}

/** Ticks put together until they are long enough: the fewest nodes, and the highest price. */
function coarser(trace: PoolTrace): PoolTrace {
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

function traceOf(
  name: string,
  pools: readonly PoolTrace[],
  fileName: string,
  { nodes, spot, onDemandOf }: TraceOptions,
): CapacityTrace {
  const ticks = Math.min(...pools.map(pool => pool.nodes.length));
  const [first] = pools;
  const prices = pools.map(pool =>
    Float64Array.from({ length: ticks }, (_, tick) => {
      if ((pool.nodes[tick] ?? 0) < nodes) return Number.NaN;
      const known = pool.price[tick] ?? Number.NaN;
      return Number.isNaN(known) ? (spot ?? missingPrice(fileName, pool.instanceType)) : known;
    }),
  );
  return {
    name,
    startMs: first?.startMs ?? 0,
    stepMs: first?.stepMs ?? SHORTEST_STEP_MS,
    pools: pools.map(pool => `${pool.zone} ${pool.instanceType}`.trim()),
    spot: prices,
    onDemand: onDemandOf(regionOf(first?.zone ?? ''), first?.instanceType ?? '') ?? Number.NaN,
    horizonMs: first?.stepMs ?? SHORTEST_STEP_MS,
  };
}

function missingPrice(fileName: string, instanceType: string): never {
  throw new AppError('input.invalid', `"${fileName}" tells no price of ${instanceType}.`, {
    hint: 'Say what Spot capacity costs with --spot-price, in USD per hour.',
  });
}

function namesOf(row: Row): { zone: string; instanceType: string } {
  return { zone: row.zone ?? '', instanceType: row.instance_type ?? '' };
}

function regionOf(zone: string): string {
  return zone.replace(/[a-z]$/, '');
}

function numberIn(row: Row, column: string, fileName: string): number {
  const value = Number(row[column]);
  if (row[column] !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new AppError(
    'input.invalid',
    `"${fileName}" has "${row[column]}" in the column ${column}, which is no number from 0 on.`,
  );
}
