import { describe, expect, it } from 'vitest';
import { featureCatalog, featureTable } from './index.ts';
import { randomMarket, randomTimes, sliceOf } from './random-market.fixture.ts';
import { slowFeature } from './slow-features.fixture.ts';

const names = featureCatalog.all().map(feature => feature.name);
const SEEDS = Array.from({ length: 5 }, (_, index) => 700 + index);

/** Values of a feature over random markets beside those of its slow twin. */
const compared = new Map<string, { fast: number; slow: number; where: string }[]>(
  names.map(name => [name, []]),
);
for (const seed of SEEDS) {
  const market = randomMarket(seed);
  const times = randomTimes(market, 24);
  for (const { pool, values, columns } of featureTable(names, sliceOf(market, market.prices), times)) {
    const own = market.prices.find(prices => prices.pool === pool);
    if (!own) throw new Error('A pool has no prices.');
    for (const [row, at] of times.entries()) {
      for (const [column, name] of names.entries()) {
        const fast = values[row * columns + column] ?? Number.POSITIVE_INFINITY;
        const slow = slowFeature(name, market, own, at);
        const where = `seed ${seed}, ${pool.availabilityZone} ${pool.instanceType}, ${new Date(at).toISOString()}`;
        compared.get(name)?.push({ fast, slow, where });
      }
    }
  }
}

describe('the value of', () => {
  it.each(names)('%s is as a slow and obvious calculation has it, known or not', name => {
    const all = compared.get(name) ?? [];
    const wrong = all.filter(({ fast, slow }) => !isClose(fast, slow));
    expect(wrong).toEqual([]);
    // Both kinds were met, else this would show little; what needs no price is never unknown.
    expect(all.filter(({ slow }) => !Number.isNaN(slow)).length).toBeGreaterThan(100);
    if (!isAlwaysKnown(name)) expect(all.filter(({ slow }) => Number.isNaN(slow)).length).toBeGreaterThan(20);
  });
});

function isClose(fast: number, slow: number): boolean {
  if (Number.isNaN(slow)) return Number.isNaN(fast);
  return Math.abs(fast - slow) <= 1e-11 * Math.max(1, Math.abs(slow));
}

function isAlwaysKnown(name: string): boolean {
  return /^(hour_of_day|day_of_week|time_of_year|is_weekend)/.test(name);
}
