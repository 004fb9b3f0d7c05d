import { describe, expect, it } from 'vitest';
import { MS_PER_HOUR } from '../../common/units/index.ts';
import { holesOf } from './step-function.ts';

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
