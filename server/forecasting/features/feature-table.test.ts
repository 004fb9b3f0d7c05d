import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR } from '../../../common/units/index.ts';
import { featureCatalog, featureTable, type PoolFacts, type PriceRecords } from './index.ts';

const START_MS = Date.UTC(2026, 9, 1);
const facts: PoolFacts = {
  vcpu: 4,
  memoryMib: 16_384,
  gpuCount: 0,
  arch: 'amd64',
  onDemandMicroUsdPerHour: 192_000,
  interruption: { maxPercent: 11, knownSinceMs: START_MS },
};
const pool = {
  region: 'us-east-1',
  availabilityZone: 'us-east-1a',
  instanceType: 'm5.xlarge',
  product: 'Linux/UNIX',
};
const names = featureCatalog.all().map(feature => feature.name);

function recordsOf(list: readonly (readonly [hours: number, microUsd: number])[]): PriceRecords {
  return {
    atMs: Float64Array.from(list, ([hours]) => START_MS + hours * MS_PER_HOUR),
    priceMicroUsdPerHour: Float64Array.from(list, ([, price]) => price),
  };
}

function featureRows(
  asked: readonly string[],
  records: PriceRecords,
  known: PoolFacts,
  timesMs: Float64Array,
) {
  const slice = { pools: [{ pool, ...records }], neighbours: [], factsOf: () => known };
  const [rows] = featureTable(asked, slice, timesMs);
  if (!rows) throw new Error('There are no rows.');
  return rows;
}

function featureAt(name: string, records: PriceRecords, atHours: number, known: PoolFacts = facts): number {
  const times = Float64Array.of(START_MS + atHours * MS_PER_HOUR);
  return featureRows([name], records, known, times).values[0] ?? Number.NaN;
}

/** Some weeks of a pool that repeats or moves its price every few hours. */
const anyRecords = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 24 }), fc.constantFrom(50_000, 60_000, 61_500, 90_000)), {
    minLength: 20,
    maxLength: 150,
  })
  .map(steps => {
    let hours = 0;
    return recordsOf(
      steps.map(([after, price]) => {
        hours += after;
        return [hours, price] as const;
      }),
    );
  });

describe('features', () => {
  it('do not change when later records do', () => {
    fc.assert(
      fc.property(anyRecords, fc.nat(), fc.constantFrom(40_000, 123_000), (records, cut, price) => {
        const from = cut % records.atMs.length;
        const nowMs = records.atMs[from] ?? START_MS;
        const times = Float64Array.of(nowMs - 30 * MS_PER_HOUR, nowMs - MS_PER_HOUR, nowMs - 1);
        const changed = {
          ...records,
          priceMicroUsdPerHour: records.priceMicroUsdPerHour.slice().fill(price, from),
        };
        expect(featureRows(names, changed, facts, times)).toEqual(featureRows(names, records, facts, times));
      }),
    );
  });

  it('do not change by a bit when records older than the lookback are left out', () => {
    fc.assert(
      fc.property(anyRecords, records => {
        const nowMs = (records.atMs.at(-1) ?? START_MS) + MS_PER_HOUR;
        const fromMs = nowMs - featureCatalog.lookbackMs(names);
        const first = records.atMs.findLastIndex(at => at <= fromMs);
        fc.pre(first > 0);
        const recent = {
          atMs: records.atMs.slice(first),
          priceMicroUsdPerHour: records.priceMicroUsdPerHour.slice(first),
        };
        const times = Float64Array.of(nowMs);
        expect(featureRows(names, recent, facts, times)).toEqual(featureRows(names, records, facts, times));
      }),
    );
  });

  it('are the same one by one and many at once', () => {
    fc.assert(
      fc.property(anyRecords, records => {
        const times = Float64Array.from({ length: 12 }, (_, index) => START_MS + index * 17 * MS_PER_HOUR);
        const together = featureRows(names, records, facts, times).values;
        for (const [row, at] of times.entries()) {
          const alone = featureRows(names, records, facts, Float64Array.of(at)).values;
          expect(together.slice(row * names.length, (row + 1) * names.length)).toEqual(alone);
        }
      }),
    );
  });

  const week = recordsOf([
    [0, 100_000],
    [24, 100_000],
    [48, 100_000],
    [72, 100_000],
    [96, 100_000],
    [120, 100_000],
    [144, 100_000],
    [162, 150_000],
    [168, 120_000],
    [180, 120_000],
  ]);

  it.each([
    ['last_price_usd', 0.12],
    ['price_to_on_demand', 0.625],
    ['return_1h', 0],
    ['return_24h', Math.log(1.2)],
    // 18 h at 0.10 before the rise, then 6 at 0.15: hours 156 to 180 hold 6, 6 and 12 hours of each.
    ['mean_24h_to_last', (6 * 0.1 + 6 * 0.15 + 12 * 0.12) / 24 / 0.12 - 1],
    ['min_24h_to_last', 0.1 / 0.12 - 1],
    ['max_24h_to_last', 0.15 / 0.12 - 1],
    ['changes_24h', 2],
    ['changes_168h', 2],
    ['hours_since_change', 12],
    ['last_change_return', Math.log(120 / 150)],
    ['hour_of_day_sin', 0],
    ['hour_of_day_cos', -1],
    ['vcpu', 4],
    ['memory_gib', 16],
  ])('%s is as documented', (name, expected) => {
    expect(featureAt(name, week, 180)).toBeCloseTo(expected, 12);
  });

  it('are unknown, not zero, when the pool has been silent for more than 24.5 h', () => {
    expect(featureAt('last_price_usd', week, 204.4)).toBeCloseTo(0.12, 12);
    expect(featureAt('last_price_usd', week, 204.6)).toBeNaN();
    expect(featureAt('changes_168h', week, 204.6)).toBeNaN();
  });

  it('are unknown where history does not reach back far enough', () => {
    expect(featureAt('mean_168h_to_last', week, 167)).toBeNaN();
    expect(featureAt('return_168h', week, 167)).toBeNaN();
  });

  it('are unknown where the catalog knows no on-demand price', () => {
    const unknown = { ...facts, onDemandMicroUsdPerHour: undefined };
    expect(featureAt('price_to_on_demand', week, 180, unknown)).toBeNaN();
  });
});

describe('the feature catalog', () => {
  it('lists near matches of a wrong name, nearest first', () => {
    expect(featureCatalog.nearMatches('return_24')).toEqual(['return_24h', 'return_1h', 'return_6h']);
    expect(featureCatalog.nearMatches('wind_speed_at_the_harbour_in_knots')).toEqual([]);
  });

  it('has unique names, each with unit and description', () => {
    expect(new Set(names).size).toBe(names.length);
    for (const { unit, description, lookbackMs } of featureCatalog.all()) {
      expect(unit).not.toBe('');
      expect(description).not.toBe('');
      expect(lookbackMs).toBeLessThanOrEqual(9 * MS_PER_DAY);
    }
  });
});
