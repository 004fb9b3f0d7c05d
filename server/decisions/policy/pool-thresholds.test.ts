import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../policy.ts';
import { strictestThresholds, thresholdsFor } from './pool-thresholds.ts';

const HOUR = 3_600_000;
const node = (nodePool: string) => ({
  instanceType: 'm5.large',
  zone: 'us-east-1a',
  capacityType: 'on-demand' as const,
  nodePool,
});
/** What saves little is fine in batch; web asks for much, soon; anything else is as for all. */
const policy = {
  ...defaultPolicy,
  pools: [
    {
      name: 'batch',
      match: { nodePools: ['batch'] },
      minimumSavingShare: 0.01,
      minimumSavingMicroUsdPerMonth: 0,
      startUpMs: HOUR,
    },
    { name: 'web', match: { nodePools: ['web'] }, minimumSavingShare: 0.5, maximumPaybackMs: HOUR },
  ],
};

describe('thresholds of a plan for several nodes', () => {
  it('are the strictest of its pools', () => {
    const both = strictestThresholds(policy, [node('batch'), node('web')]);
    expect(both).toMatchObject({
      minimumSavingShare: 0.5,
      maximumPaybackMs: HOUR,
      minimumSavingMicroUsdPerHour: defaultPolicy.minimumSavingMicroUsdPerHour,
      overlapMs: defaultPolicy.overlapMs + HOUR,
    });
    expect(strictestThresholds(policy, [node('web'), node('batch')])).toEqual(both);
  });

  it('are those of the only pool, be they laxer than for all', () => {
    const batch = strictestThresholds(policy, [node('batch'), node('batch')]);
    expect(batch.minimumSavingShare).toBe(0.01);
    expect(batch).toEqual(thresholdsFor(policy, node('batch')));
  });

  it('are those for all where no node goes', () => {
    expect(strictestThresholds(policy, [])).toEqual(policy);
  });
});
