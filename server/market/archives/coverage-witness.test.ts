import { describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND } from '../../../common/units/index.ts';
import { type IntervalSet, intersectionOf, lengthOf } from '../intervals.ts';
import type { PriceRecord } from '../price-batch.ts';
import { CoverageWitness } from './coverage-witness.ts';

const startMs = Date.UTC(2022, 0, 1);
const day = (days: number) => startMs + days * MS_PER_DAY;
const TYPES = 60;

/** Records of 180 pools as EC2 makes them: each pool every 24 h, in a minute of its own, and some in between. */
function market(fromMs: number, toMs: number, types = TYPES): PriceRecord[] {
  const records: PriceRecord[] = [];
  for (let type = 0; type < types; type++) {
    for (const [zone, letter] of ['a', 'b', 'c'].entries()) {
      const pool = type * 3 + zone;
      const everyMs = pool % 3 === 0 ? 5 * MS_PER_HOUR : MS_PER_DAY + MS_PER_MINUTE;
      for (
        let atMs = startMs - 3 * MS_PER_DAY + ((pool * 37) % 1_440) * MS_PER_MINUTE;
        atMs < toMs;
        atMs += everyMs
      ) {
        if (atMs < fromMs) continue;
        records.push({
          region: 'eu-west-1',
          availabilityZone: `eu-west-1${letter}`,
          instanceType: `m${type}.large`,
          product: 'Linux/UNIX',
          atMs,
          priceMicroUsdPerHour: 1_000,
        });
      }
    }
  }
  return records;
}

/** What EC2 answers: records of a window, and of each pool the one in force at its start. */
function pull(fromMs: number, toMs: number): PriceRecord[] {
  const inForce = new Map<string, PriceRecord>();
  for (const record of market(Number.NEGATIVE_INFINITY, fromMs)) {
    const key = `${record.instanceType} ${record.availabilityZone}`;
    if (record.atMs > (inForce.get(key)?.atMs ?? 0)) inForce.set(key, record);
  }
  return [...inForce.values(), ...market(fromMs, toMs)];
}

function witnessOf(records: readonly PriceRecord[], allTypes = false) {
  const witness = new CoverageWitness();
  witness.add(records);
  return witness.stretches(allTypes);
}
const covered = (records: readonly PriceRecord[]): IntervalSet => witnessOf(records);

describe('CoverageWitness', () => {
  it('vouches for a pull of a window from its start to its last record, and for no moment before', () => {
    const [only, ...others] = witnessOf(pull(day(5), day(15)));
    expect(others).toEqual([]);
    const last = Math.max(...pull(day(5), day(15)).map(({ atMs }) => atMs));
    expect(only?.toMs).toBe(last + MS_PER_SECOND);
    expect(only?.fromMs).toBeGreaterThanOrEqual(day(5));
    expect(only?.fromMs).toBeLessThan(day(5) + MS_PER_HOUR);
    expect(only?.instanceTypes).toHaveLength(TYPES);
  });

  it('says the same whatever the order of rows, and when they come twice', () => {
    const records = pull(day(5), day(15));
    expect(covered(records.toReversed())).toEqual(covered(records));
    expect(covered([...records, ...records.toReversed()])).toEqual(covered(records));
  });

  it('vouches for nothing where each pool has only the price in force', () => {
    expect(covered(pull(day(5), day(5)))).toEqual([]);
  });

  it('leaves a day out that was cut out, and vouches for both sides', () => {
    const records = pull(day(2), day(20)).filter(({ atMs }) => atMs < day(10) || atMs >= day(11));
    const set = covered(records);
    expect(lengthOf(intersectionOf(set, [{ fromMs: day(10), toMs: day(11) }]))).toBe(0);
    // On the day after, prices of pools that did not speak yet are not known.
    expect(lengthOf(set)).toBeGreaterThan(16 * MS_PER_DAY);
    expect(set[0]?.fromMs).toBeLessThan(day(2) + MS_PER_HOUR);
  });

  it('leaves hours out in which every pool is silent', () => {
    // With 180 pools more than 13.6 h.
    const cut = (hours: number) =>
      pull(day(2), day(20)).filter(({ atMs }) => atMs < day(10) || atMs >= day(10) + hours * MS_PER_HOUR);
    expect(
      lengthOf(intersectionOf(covered(cut(15)), [{ fromMs: day(10), toMs: day(10) + 15 * MS_PER_HOUR }])),
    ).toBe(0);
  });

  it('leaves time out in which a zone is missing', () => {
    const records = pull(day(2), day(20)).filter(
      ({ atMs, availabilityZone }) => availabilityZone !== 'eu-west-1c' || atMs < day(8) || atMs > day(14),
    );
    expect(lengthOf(intersectionOf(covered(records), [{ fromMs: day(9), toMs: day(14) }]))).toBe(0);
    expect(lengthOf(covered(records))).toBeGreaterThan(11 * MS_PER_DAY);
  });

  it('takes a few pools that end, begin or pause for what they are', () => {
    const records = pull(day(2), day(20)).filter(({ instanceType, atMs }) => {
      if (instanceType === 'm1.large') return atMs < day(9);
      if (instanceType === 'm2.large') return atMs > day(9);
      return instanceType !== 'm3.large' || atMs < day(6) || atMs > day(12);
    });
    expect(covered(records)).toHaveLength(1);
    expect(lengthOf(covered(records))).toBeGreaterThan(17.8 * MS_PER_DAY);
  });

  it('names the types of the file, and vouches for all only when somebody says so', () => {
    const some = market(day(2), day(6), 5);
    expect(witnessOf(some)[0]?.instanceTypes).toEqual([
      'm0.large',
      'm1.large',
      'm2.large',
      'm3.large',
      'm4.large',
    ]);
    expect(witnessOf(some, true)[0]?.instanceTypes).toEqual([]);
  });

  it('does not vouch for types in time for which the file has others', () => {
    const first = pull(day(2), day(8)).filter(
      ({ instanceType }) => Number(/\d+/.exec(instanceType)?.[0]) < 30,
    );
    const second = pull(day(10), day(16)).filter(
      ({ instanceType }) => Number(/\d+/.exec(instanceType)?.[0]) >= 30,
    );
    expect(covered([...first, ...second])).toEqual([]);
  });

  it('gives up on a file that is spread over more time and pools than memory should hold', () => {
    const witness = new CoverageWitness();
    const [sample] = market(day(1), day(2));
    if (!sample) throw new Error('no record');
    const times = [Date.UTC(2010, 0, 1), Date.UTC(2026, 0, 1)];
    for (let pool = 0; pool < 2_000; pool++)
      witness.add(times.map(atMs => ({ ...sample, instanceType: `m${pool}.large`, atMs })));
    expect(witness.gaveUp).toBe(true);
    expect(witness.stretches(false)).toEqual([]);
  });
});
