import { describe, expect, it } from 'vitest';
import { MS_PER_HOUR } from '../../common/units/index.ts';
import { holesOf, isStillInForce } from './step-function.ts';

const at = (hours: number) => ({ atMs: hours * MS_PER_HOUR, priceMicroUsdPerHour: 1 });

describe('holesOf', () => {
  it('believes a price for as long as EC2 takes to emit it again', () => {
    expect(holesOf([at(0), at(24), at(48.4)], 60 * MS_PER_HOUR)).toEqual([]);
  });

  it('finds a hole from the end of belief to the next record', () => {
    expect(holesOf([at(0), at(30)], 31 * MS_PER_HOUR)).toEqual([
      { fromMs: 24.5 * MS_PER_HOUR, toMs: 30 * MS_PER_HOUR },
    ]);
  });

  it('finds a pool that fell silent before the end', () => {
    expect(holesOf([at(0)], 100 * MS_PER_HOUR)).toEqual([
      { fromMs: 24.5 * MS_PER_HOUR, toMs: 100 * MS_PER_HOUR },
    ]);
  });
});

describe('isStillInForce', () => {
  const hours = (from: number, to: number) => ({ fromMs: from * MS_PER_HOUR, toMs: to * MS_PER_HOUR });

  it('believes a record until its repetition is overdue', () => {
    expect(isStillInForce(at(0), 24.5 * MS_PER_HOUR, [hours(0, 100)])).toBe(true);
    expect(isStillInForce(at(0), 24.6 * MS_PER_HOUR, [hours(0, 100)])).toBe(false);
  });

  it('keeps the last known price where nothing is on disk, for silence there says nothing', () => {
    expect(isStillInForce(at(0), 300 * MS_PER_HOUR, [hours(-10, 5)])).toBe(true);
    expect(isStillInForce(at(0), 300 * MS_PER_HOUR, [hours(-10, 5), hours(200, 300)])).toBe(false);
  });
});
