import { describe, expect, it } from 'vitest';
import type { CoverageMap } from '../../../../common/contracts/index.ts';
import { cellsOfRuns, countsAt, heatRows, mappedPools, runAround, totalsOf, worstAt } from './map-rows.ts';

const map: CoverageMap = {
  region: 'eu-west-1',
  product: 'Linux/UNIX',
  fromMs: 0,
  days: 6,
  nowMs: 0,
  reachMs: 0,
  zones: ['eu-west-1a', 'eu-west-1b'],
  types: ['m5.large', 'm5.12xlarge', 'c5.large'],
  zone: [0, 1, 0, 0],
  type: [0, 0, 1, 2],
  cells: ['1n5h', '1n2h2o1h', '1n3h2r', '6h'],
};

describe('rows of the coverage map', () => {
  const pools = mappedPools(map);

  it('unpack runs of days', () => {
    expect([...cellsOfRuns('1n2h2o1h', 6)]).toEqual([2, 0, 0, 3, 3, 0]);
  });

  it('are pools, types or families, in natural order', () => {
    const labels = (level: 'family' | 'type' | 'pool') =>
      heatRows(pools, level, false).map(({ label, pools: members }) => `${label} ${members.length}`);
    expect(labels('family')).toEqual(['c5 1', 'm5 3']);
    expect(labels('type')).toEqual(['c5.large 1', 'm5.12xlarge 1', 'm5.large 2']);
    expect(labels('pool')).toHaveLength(4);
  });

  it('tell the worst of their pools, and since when and until when it is so', () => {
    const [, m5] = heatRows(pools, 'family', false);
    if (!m5) throw new Error('no m5');
    expect(countsAt(m5, 4)).toEqual([1, 0, 0, 1, 1, 0]);
    expect([0, 1, 3, 5].map(day => worstAt(m5, day))).toEqual(['n', 'h', 'o', 'r']);
    expect(runAround(m5, 4, 6)).toEqual({ from: 3, to: 4 });
  });

  it('add up', () => {
    const totals = totalsOf(heatRows(pools, 'pool', false));
    expect([totals.all, totals.of('h'), totals.of('o'), totals.of('n'), totals.of('r')]).toEqual([
      24, 17, 2, 3, 2,
    ]);
    expect([totals.holed, totals.retired]).toEqual([1, 1]);
  });
});
