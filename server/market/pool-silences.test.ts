import { describe, expect, it } from 'vitest';
import { MS_PER_HOUR } from '../../common/units/index.ts';
import { SilenceWatch } from './pool-silences.ts';

const hours = (from: number, to: number) => ({ fromMs: from * MS_PER_HOUR, toMs: to * MS_PER_HOUR });

/** Pools as lists of hours at which they said a price. */
function watch(covered: readonly [number, number][], ...pools: readonly (readonly number[])[]) {
  const silences = new SilenceWatch(covered.map(([from, to]) => hours(from, to)));
  for (const [id, records] of pools.entries()) for (const hour of records) silences.add(id, hour * 3_600);
  return silences.end(pools.map((_, id) => id));
}
const every = (step: number, from: number, to: number) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);

describe('SilenceWatch', () => {
  it('finds a hole where a pool was silent for more than 24.5 h and lived on', () => {
    const [holey, steady] = watch(
      [[0, 240]],
      [...every(24, 0, 96), ...every(24, 148, 240)],
      every(24.4, 0, 240),
    );
    expect(holey).toEqual({ id: 0, holes: [hours(96 + 24.5, 148)], retiredAtMs: null, bornAtMs: null });
    expect(steady).toEqual({ id: 1, holes: [], retiredAtMs: null, bornAtMs: null });
  });

  it('tells a pool that ended, one that came later, and one that never spoke from holes', () => {
    const [ended, late, never] = watch([[0, 240]], every(24, 0, 120), every(24, 72, 240), []);
    expect(ended).toEqual({ id: 0, holes: [], retiredAtMs: 120 * MS_PER_HOUR, bornAtMs: null });
    expect(late).toEqual({ id: 1, holes: [], retiredAtMs: null, bornAtMs: 72 * MS_PER_HOUR });
    expect(never).toEqual({ id: 2, holes: [], retiredAtMs: 0, bornAtMs: null });
  });

  it('says nothing about time that is not covered', () => {
    const [pool] = watch(
      [
        [0, 50],
        [150, 240],
      ],
      [...every(24, 0, 48), ...every(24, 160, 240)],
    );
    expect(pool).toEqual({ id: 0, holes: [], retiredAtMs: null, bornAtMs: null });
    const [half] = watch(
      [
        [0, 100],
        [150, 240],
      ],
      [...every(24, 0, 48), ...every(24, 160, 240)],
    );
    expect(half?.holes).toEqual([hours(48 + 24.5, 100)]);
  });
});
