import { describe, expect, it } from 'vitest';
import type { DisruptionBudget } from '../../../common/contracts/index.ts';
import { budgetHolds, type ClusterSize } from './budgets.ts';
import type { Disruption } from './plan-disruption.ts';

const HOUR = 3_600_000;
const nowMs = 1_000 * HOUR;
const node = (name: string, zone = 'a', nodePool: string | null = null) => ({
  name,
  uid: name,
  instanceType: 'm5.large',
  zone,
  capacityType: 'spot' as const,
  nodePool,
});
const plan = (change: Partial<Disruption> = {}): Disruption => ({
  planId: 'p',
  kind: 'replace-node',
  nodes: [node('n')],
  roomy: [],
  targets: [],
  pods: [],
  startedAt: null,
  leftAt: new Map(),
  isUnderWay: false,
  hasFullEvidence: true,
  ...change,
});
const budget = (change: Partial<DisruptionBudget>): DisruptionBudget => ({
  name: 'b',
  per: 'cluster',
  withinMs: 0,
  ...change,
});
const size = (nodes: number, podsOf: Record<string, number> = {}): ClusterSize => ({
  nodes: Array.from({ length: nodes }, (_, index) => node(`n${index}`, index % 2 === 0 ? 'a' : 'b')),
  podsOf: new Map(Object.entries(podsOf)),
});
const holds = (one: DisruptionBudget, what = plan(), history: Disruption[] = [], of = size(10)) =>
  budgetHolds([one], what, history, of, nowMs);

describe('a disruption budget', () => {
  it('counts what is under way, and with a span what began within it', () => {
    const running = plan({ planId: 'r', isUnderWay: true, startedAt: nowMs - 9 * HOUR });
    const ended = plan({ planId: 'e', startedAt: nowMs - HOUR });
    expect(holds(budget({ count: 1 }), plan(), [running])).toMatchObject([{ code: 'budget', untilMs: null }]);
    expect(holds(budget({ count: 1 }), plan(), [ended])).toEqual([]);
    expect(holds(budget({ count: 1, withinMs: 2 * HOUR }), plan(), [ended])).toMatchObject([
      {
        untilMs: nowMs + HOUR,
        text: expect.stringMatching(/allows 1 nodes of the cluster within 2 h; 1 is used/),
      },
    ]);
    expect(holds(budget({ count: 1, withinMs: HOUR }), plan(), [ended])).toEqual([]);
    expect(holds(budget({ count: 2, withinMs: 2 * HOUR }), plan(), [ended])).toEqual([]);
  });

  it('takes the stricter of number and part, rounds down, and always lets one go unless the part is 0', () => {
    const three = plan({ nodes: [node('1'), node('2'), node('3')] });
    expect(holds(budget({ share: 0.3 }), three)).toEqual([]);
    expect(holds(budget({ share: 0.29 }), three)).toHaveLength(1);
    expect(holds(budget({ share: 0.3, count: 2 }), three)).toHaveLength(1);
    expect(holds(budget({ share: 0.01 }))).toEqual([]);
    expect(holds(budget({ share: 0 }))).toMatchObject([
      { text: expect.stringMatching(/cannot start/), untilMs: null },
    ]);
  });

  it('counts each zone and pool by itself, only those that it names', () => {
    const inA = plan({ planId: 'x', isUnderWay: true, nodes: [node('x', 'a', 'batch')] });
    expect(holds(budget({ per: 'zone', count: 1 }), plan({ nodes: [node('n', 'b')] }), [inA])).toEqual([]);
    expect(holds(budget({ per: 'zone', count: 1 }), plan({ nodes: [node('n', 'a')] }), [inA])).toHaveLength(
      1,
    );
    expect(holds(budget({ per: 'zone', only: ['b'], count: 0 }), plan())).toEqual([]);
    expect(
      holds(budget({ per: 'pool', count: 1 }), plan({ nodes: [node('n', 'a', 'batch')] }), [inA]),
    ).toHaveLength(1);
    expect(holds(budget({ per: 'pool', count: 1 }), plan({ nodes: [node('n', 'a', 'web')] }), [inA])).toEqual(
      [],
    );
  });

  it('counts pods of each workload', () => {
    const pod = (uid: string, owner: string | null) => ({
      namespace: 's',
      name: uid,
      uid,
      owner,
      from: 'n',
      to: null,
    });
    const two = plan({
      pods: [pod('1', 'Deployment/shop/web'), pod('2', 'Deployment/shop/web'), pod('3', null)],
    });
    const of = size(10, { 'Deployment/shop/web': 4 });
    expect(holds(budget({ per: 'workload', share: 0.5 }), two, [], of)).toEqual([]);
    expect(holds(budget({ per: 'workload', share: 0.25 }), two, [], of)).toHaveLength(1);
    expect(holds(budget({ per: 'workload', only: ['Deployment/other/*'], count: 0 }), two, [], of)).toEqual(
      [],
    );
  });
});
