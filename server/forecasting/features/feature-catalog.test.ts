import { describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR } from '../../../common/units/index.ts';
import { featureCatalog, featureSetHash, featureTable, lookAtNeighbours, type PoolFacts } from './index.ts';

const START_MS = Date.UTC(2026, 9, 1);
const facts: PoolFacts = {
  vcpu: 4,
  memoryMib: 16_384,
  gpuCount: 0,
  arch: 'amd64',
  onDemandMicroUsdPerHour: 192_000,
  interruption: undefined,
};
const pool = {
  region: 'us-east-1',
  availabilityZone: 'us-east-1a',
  instanceType: 'm5.xlarge',
  product: 'Linux/UNIX',
};
const week: readonly (readonly [hours: number, microUsd: number])[] = [
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
];
const prices = {
  pool,
  atMs: Float64Array.from(week, ([hours]) => START_MS + hours * MS_PER_HOUR),
  priceMicroUsdPerHour: Float64Array.from(week, ([, price]) => price),
};

function featureAt(name: string, atHours: number, known: PoolFacts = facts): number {
  const slice = { pools: [prices], neighbours: [], factsOf: () => known };
  const [rows] = featureTable([name], slice, Float64Array.of(START_MS + atHours * MS_PER_HOUR));
  return rows?.values[0] ?? Number.POSITIVE_INFINITY;
}

describe('a week by hand', () => {
  it.each([
    ['last_price_usd', 0.12],
    ['price_to_on_demand', 0.625],
    ['return_1h', 0],
    ['return_24h', Math.log(1.2)],
    ['lag_24h_to_last', 0.1 / 0.12 - 1],
    // 18 h at 0.10 before the rise, then 6 at 0.15: hours 156 to 180 hold 6, 6 and 12 hours of each.
    ['mean_24h_to_last', (6 * 0.1 + 6 * 0.15 + 12 * 0.12) / 24 / 0.12 - 1],
    ['min_24h_to_last', 0.1 / 0.12 - 1],
    ['max_24h_to_last', 0.15 / 0.12 - 1],
    ['p10_24h_to_last', 0.1 / 0.12 - 1],
    ['median_24h_to_last', 0],
    ['p90_24h_to_last', 0.15 / 0.12 - 1],
    ['share_at_price_24h', 0.5],
    ['changes_24h', 2],
    ['ups_24h', 1],
    ['downs_24h', 1],
    ['changes_168h', 2],
    ['hours_since_change', 12],
    ['last_change_return', Math.log(120 / 150)],
    ['hour_of_day_sin', 0],
    ['hour_of_day_cos', -1],
    ['vcpu', 4],
    ['memory_gib', 16],
    ['size_rank', 5],
    ['generation', 5],
    ['zones_known', 1],
  ])('has a %s of %d', (name, expected) => {
    expect(featureAt(name, 180)).toBeCloseTo(expected, 12);
  });

  it('is unknown, not zero, after a silence of more than 24.5 h', () => {
    expect(featureAt('last_price_usd', 204.4)).toBeCloseTo(0.12, 12);
    expect(featureAt('last_price_usd', 204.6)).toBeNaN();
    expect(featureAt('changes_168h', 204.6)).toBeNaN();
  });

  it('is unknown where history does not reach back far enough, a catalog knows nothing, or nobody is beside it', () => {
    expect(featureAt('mean_168h_to_last', 167)).toBeNaN();
    expect(featureAt('return_168h', 167)).toBeNaN();
    expect(featureAt('price_to_on_demand', 180, { ...facts, onDemandMicroUsdPerHour: undefined })).toBeNaN();
    expect(featureAt('zones_return_24h', 180)).toBeNaN();
  });

  it('has an exact 0 where a price rests, so that a model without intercept predicts it to rest', () => {
    for (const name of ['mean_24h_to_last', 'std_24h_to_last', 'median_24h_to_last', 'return_24h']) {
      expect(featureAt(name, 155)).toBe(0);
    }
  });
});

describe('the feature catalog', () => {
  const all = featureCatalog.all();
  const names = all.map(feature => feature.name);

  it('lists near matches of a wrong name, nearest first', () => {
    expect(featureCatalog.nearMatches('return_24')).toEqual(['return_24h', 'return_1h', 'return_6h']);
    expect(featureCatalog.nearMatches('wind_speed_at_the_harbour_in_knots')).toEqual([]);
  });

  it('has unique names, each with unit and description', () => {
    expect(new Set(names).size).toBe(names.length);
    for (const { unit, description, lookbackMs, revision } of all) {
      expect(unit).not.toBe('');
      expect(description).not.toBe('');
      expect(lookbackMs).toBeLessThanOrEqual(9 * MS_PER_DAY);
      expect(revision).toBeGreaterThanOrEqual(1);
    }
  });

  it('keeps the names and meanings of the sample models', () => {
    const first = [
      ...['last_price_usd', 'log_last_price', 'price_to_on_demand'],
      ...[1, 6, 24, 72, 168].map(hours => `return_${hours}h`),
      ...[24, 168].flatMap(hours => [
        ...['mean', 'std', 'min', 'max'].map(figure => `${figure}_${hours}h_to_last`),
        `changes_${hours}h`,
      ]),
      ...['hours_since_change', 'last_change_return'],
      ...['hour_of_day_sin', 'hour_of_day_cos', 'day_of_week_sin', 'day_of_week_cos', 'vcpu', 'memory_gib'],
    ];
    // What predictions that are on disk say they were made from.
    expect(featureSetHash(first)).toBe('1b2c2bbce79b9e7f');
    expect(first.filter(name => !featureCatalog.known(name))).toEqual([]);
  });

  it('tells which features need the prices of other pools', () => {
    expect(lookAtNeighbours(['vcpu', 'return_24h', 'no such name'])).toBe(false);
    expect(lookAtNeighbours(['vcpu', 'zones_return_24h'])).toBe(true);
  });
});
