import { AppError } from '../../../../common/errors.ts';
import { MS_PER_DAY, type Pool, type PoolKey, poolKey } from '../../../../common/units/index.ts';
import { regionOfZone } from '../../../market/index.ts';
import type { PoolPrices } from '../../features/index.ts';
import { type Recording, readRecordings } from '../recordings.ts';
import { AWAY, PoolAvailability, type RecordedStretch, THERE, UNKNOWN } from './pool-availability.ts';

/** What recordings tell of pools. */
export interface RecordedPools {
  readonly availability: readonly PoolAvailability[];
  /** Of pools whose recordings tell prices, too. */
  readonly prices: readonly PoolPrices[];
}

/** A text with the name by which messages call it. */
export interface RecordingFile {
  readonly name: string;
  readonly text: string;
}

/**
 * Availability of pools, and prices where they are told, from recordings that say zone and date; see `readRecordings`. Recordings of
 * one pool are put together.
 * @param product of the pools: recordings tell none
 * @param nodes that must be there at once for capacity to count as there
 * @throws AppError `input.invalid` naming file and recording
 */
export function readAvailability(
  files: readonly RecordingFile[],
  { product, nodes }: { readonly product: string; readonly nodes: number },
): RecordedPools {
  const recorded = files.flatMap(({ name, text }) =>
    readRecordings(text, name).map(recording => ({ pool: poolOf(recording, name, product), recording })),
  );
  const byPool = Map.groupBy(recorded, ({ pool }) => poolKey(pool));
  const stretches = (key: PoolKey) =>
    (byPool.get(key) ?? []).map(({ recording }) => stretchOf(recording, nodes));
  const pools = [...byPool].map(([key, [first]]) => ({ key, pool: (first as { pool: Pool }).pool }));
  return {
    availability: pools.map(({ key, pool }) => new PoolAvailability(pool, stretches(key))),
    prices: pools.flatMap(({ key, pool }) => {
      const prices = pricesOf((byPool.get(key) ?? []).map(({ recording }) => recording));
      return prices.atMs.length === 0 ? [] : { pool, ...prices };
    }),
  };
}

function poolOf({ zone, instanceType, startedMs }: Recording, file: string, product: string): Pool {
  const region = regionOfZone(zone);
  if (region === undefined || instanceType === '') {
    throw new AppError(
      'input.invalid',
      `"${file}" has a recording of "${instanceType}" in the zone "${zone}", which is no pool.`,
      { hint: 'Predictions are made for pools: fill the columns zone and instance_type.' },
    );
  }
  if (startedMs === undefined) {
    throw new AppError(
      'input.invalid',
      `"${file}" does not tell when its recording of ${instanceType} in ${zone} began.`,
      { hint: 'Features are made as of a time: fill the column start_date, as 2026-11-01T00:00:00Z.' },
    );
  }
  return { region, availabilityZone: zone, instanceType, product };
}

function stretchOf({ startedMs = 0, stepMs, nodes: there }: Recording, nodes: number): RecordedStretch {
  const states = Uint8Array.from(there, count =>
    Number.isNaN(count) ? UNKNOWN : count >= nodes ? THERE : AWAY,
  );
  return { startMs: startedMs, stepMs, states };
}

/**
 * Changes of price, and the same price again each day, as EC2 tells them; as of the end of a tick, because several samples may have
 * been put together in it.
 */
function pricesOf(recordings: readonly Recording[]): Pick<PoolPrices, 'atMs' | 'priceMicroUsdPerHour'> {
  const atMs: number[] = [];
  const prices: number[] = [];
  for (const { startedMs = 0, stepMs, price } of recordings.toSorted(byStart)) {
    for (const [tick, micro] of price.entries()) {
      const at = startedMs + (tick + 1) * stepMs;
      const told = Math.round(micro);
      const isNew = prices.at(-1) !== told || at - (atMs.at(-1) ?? 0) >= MS_PER_DAY;
      if (Number.isNaN(told) || !isNew || at <= (atMs.at(-1) ?? Number.NEGATIVE_INFINITY)) continue;
      atMs.push(at);
      prices.push(told);
    }
  }
  return { atMs: Float64Array.from(atMs), priceMicroUsdPerHour: Float64Array.from(prices) };
}

function byStart({ startedMs: a = 0 }: Recording, { startedMs: b = 0 }: Recording): number {
  return a - b;
}
