import { expect, it } from 'vitest';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../../common/units/index.ts';
import { noShares } from './cost-shares.ts';
import { unseenMs } from './unseen-time.ts';

const first = { clusterId: 'c1', atMs: 0, lengthMs: MS_PER_HOUR };
const shares = { ...noShares(), observedMs: 20 * MS_PER_MINUTE };

it('counts holes since a cluster was first seen, and nothing before', () => {
  const range = { fromMs: 0, toMs: 5 * MS_PER_HOUR };
  const seen = new Map([['c1', 20 * MS_PER_MINUTE + 3 * MS_PER_HOUR]]);
  expect(unseenMs([{ ...first, shares }], seen, range, 9 * MS_PER_HOUR)).toBe(MS_PER_HOUR);
  expect(unseenMs([{ ...first, shares }], seen, { ...range, clusterId: 'c2' }, 9 * MS_PER_HOUR)).toBe(0);
});

it('misses nothing in the first minutes of a cluster', () => {
  const range = { fromMs: 0, toMs: MS_PER_HOUR };
  const seen = new Map([['c1', 20 * MS_PER_MINUTE]]);
  expect(unseenMs([{ ...first, shares }], seen, range, 50 * MS_PER_MINUTE)).toBe(0);
});
