import { describe, expect, it } from 'vitest';
import type { InventoryBudget, InventoryPod } from '../../common/agent-protocol/index.ts';
import type { NodeView, Plan } from '../../common/contracts/index.ts';
import { checkWave } from './check-wave.ts';
import { byCriticality } from './drain-order.ts';
import { occupancyByNode } from './node-occupancy.ts';
import { freshSteps, withStep } from './plan-progress.ts';
import { defaultPolicy } from './policy.ts';
import { budgetOf, GIB, nodeAt, podOn, smallTypes, stateOf } from './small-cluster.fixture.ts';

const startedAt = 50_000;

/** A running plan that removes a in its first wave and b in its second, for nodes of these types to come. */
function planOf(add: readonly string[] = []): Plan {
  const remove = ['a', 'b'].map(name => {
    const { uid, capacityType } = nodeAt(name);
    const machine = { instanceType: 'm5.xlarge', zone: 'us-east-1a', capacityType };
    return { name, uid, ...machine, priceMicroUsdPerHour: 192_000 };
  });
  const plan = {
    clusterName: 'shop',
    state: 'running',
    remove,
    add: add.map(instanceType => ({ instanceType, zone: 'us-east-1a', capacityType: 'spot' })),
    pods: [{ namespace: 'shop', name: 'web-0', uid: 'u', owner: 'Deployment/shop/web' }],
    steps: freshSteps(remove.map(node => ({ remove: [node], order: [] }))),
  } as unknown as Plan;
  return withStep(plan, 0, { startedAt });
}

const large = { requests: { cpuMilli: 3_000, memoryBytes: GIB } };

/** How wave 2 stands: node b goes, node c stays. */
function second(
  pods: readonly InventoryPod[],
  more: {
    add?: string[];
    nodes?: NodeView[];
    budgets?: InventoryBudget[];
  } = {},
) {
  const { add, nodes = [nodeAt('b'), nodeAt('c')], budgets = [] } = more;
  return checkWave(planOf(add), { wave: 2 }, stateOf(nodes, pods, { budgets }), smallTypes, defaultPolicy);
}

describe('the look at a cluster before a wave', () => {
  it('puts pods where the plan foresees them before it looks for other places', () => {
    // The large pod comes first and would take the only room that the one with a zone has.
    const zonal = { nodeSelector: { 'topology.kubernetes.io/zone': 'us-east-1a' } };
    const pods = [
      podOn('b', 'zonal', { requests: { cpuMilli: 500, memoryBytes: GIB }, ...zonal }),
      podOn('b', 'large', { requests: { cpuMilli: 600, memoryBytes: GIB } }),
      podOn('c', 'fills', large),
    ];
    const nodes = [nodeAt('b'), nodeAt('c'), nodeAt('d', { zone: 'us-east-1b' })];
    const look = (planned: object[]) =>
      checkWave(
        { ...planOf(), pods: planned as Plan['pods'] },
        { wave: 2 },
        stateOf(nodes, pods),
        smallTypes,
        defaultPolicy,
      );
    expect(look([])).toMatchObject({ verdict: 'stale' });
    const to = { owner: null, from: 'b', requests: null, namespace: 'shop' };
    expect(
      look([
        { ...to, name: 'zonal', uid: 'uid-zonal', to: 'c' },
        { ...to, name: 'large', uid: 'uid-large', to: 'd' },
      ]),
    ).toEqual({ verdict: 'holds', gone: [] });
  });

  it('passes while nothing differs, and names what went by itself', () => {
    expect(second([podOn('b', 'web-1')])).toEqual({ verdict: 'holds', gone: [] });
    expect(second([], { nodes: [nodeAt('c')] })).toEqual({ verdict: 'holds', gone: ['uid-b'] });
  });

  it.each<[string, Partial<NodeView>, RegExp]>([
    ['cordoned by somebody', { cordoned: true }, /Node b is cordoned already/],
    ['not ready', { ready: false }, /Node b is not ready/],
    ['of another type', { instanceType: 'c5.xlarge' }, /Node b is c5.xlarge now, not m5.xlarge/],
  ])('refuses a node that is %s', (_, change, words) => {
    expect(second([], { nodes: [nodeAt('b', change), nodeAt('c')] })).toMatchObject({
      verdict: 'stale',
      text: expect.stringMatching(words),
    });
  });

  it('refuses a pod that came and would lose its data', () => {
    const check = second([podOn('b', 'cache', { hasLocalStorage: true })]);
    expect(check).toMatchObject({ verdict: 'stale', text: expect.stringMatching(/shop\/cache would lose/) });
  });

  it('refuses when a pod fits nowhere any more, and says what keeps it out', () => {
    expect(second([podOn('b', 'big', large), podOn('c', 'other', large)])).toEqual({
      verdict: 'stale',
      text: 'Pod shop/big of node b would find no place now: room on 1 node.',
    });
    const tied = podOn('b', 'tied', { nodeSelector: { disk: 'ssd' } });
    expect(second([tied])).toMatchObject({ text: expect.stringMatching(/node selector on 1 node\.$/) });
  });

  it('knows the rules between pods that the agent tells', () => {
    const alone = {
      kind: 'PodShape' as const,
      name: 'alone',
      podAntiAffinity: [
        { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } },
      ],
    };
    const scheduling = { shapes: [alone], claims: [], volumes: [], storageClasses: [], namespaces: [] };
    const check = (others: InventoryPod[]) =>
      checkWave(
        planOf(),
        { wave: 2 },
        {
          ...stateOf([nodeAt('b'), nodeAt('c')], [podOn('b', 'web-1', { shape: 'alone' }), ...others]),
          scheduling,
        },
        smallTypes,
        defaultPolicy,
      );
    expect(check([])).toMatchObject({ verdict: 'holds' });
    expect(check([podOn('c', 'web-2')])).toMatchObject({
      verdict: 'stale',
      text: expect.stringMatching(/web-1 of node b would find no place now: pod anti-affinity on 1 node/),
    });
  });

  it('counts on nodes that are still to come, once each, and not on nodes that go later', () => {
    const pods = [podOn('b', 'big', large), podOn('c', 'other', large)];
    expect(second(pods, { add: ['m6i.xlarge'] })).toMatchObject({ verdict: 'holds' });
    // The node for wave 1 is there, and full; no other comes.
    const came = nodeAt('new', { createdAt: 60_000, instanceType: 'm6i.xlarge', capacityType: 'spot' });
    const nodes = [nodeAt('b'), nodeAt('c'), came];
    const full = [...pods, podOn('new', 'third', large)];
    expect(second(full, { add: ['m6i.xlarge'], nodes })).toMatchObject({ verdict: 'stale' });
    expect(second(full, { add: ['m6i.xlarge', 'r5.xlarge'], nodes })).toMatchObject({ verdict: 'holds' });
    const first = checkWave(
      planOf(),
      { wave: 1 },
      stateOf([nodeAt('a'), nodeAt('b')], [podOn('a', 'web-1')]),
      smallTypes,
      defaultPolicy,
    );
    expect(first).toMatchObject({ verdict: 'stale', text: expect.stringMatching(/there is no other node/) });
  });

  it('waits while a budget allows nothing, and for what the wave before moved', () => {
    const budgets = [budgetOf('web', { app: 'web' }, 0)];
    expect(second([podOn('b', 'web-1')], { budgets })).toMatchObject({
      verdict: 'wait',
      text: expect.stringMatching(/shop\/web allows no disruption/),
    });
    const pending = podOn(null, 'web-9', { phase: 'Pending', createdAt: 60_000 });
    expect(second([pending])).toEqual({
      verdict: 'wait',
      text: 'Pod shop/web-9 waits for a node since the wave before.',
    });
    const older = podOn(null, 'web-9', { phase: 'Pending', createdAt: 40_000 });
    expect(second([older])).toMatchObject({ verdict: 'holds' });
  });
});

describe('the order of drains', () => {
  it('is by what matters most on each node, the works of the cluster last', () => {
    const pods = [
      podOn('a', 'dns', { namespace: 'kube-system', priority: 0 }),
      podOn('b', 'pay', { priority: 1_000 }),
      podOn('b', 'batch', { priority: -5 }),
      podOn('c', 'web', { priority: 10 }),
      podOn('e', 'proxy', { namespace: 'kube-system', ownerKind: 'DaemonSet', priority: 2_000_001_000 }),
    ];
    const nodes = ['a', 'b', 'c', 'd', 'e'].map(name => ({ name }));
    expect(byCriticality(nodes, occupancyByNode(pods)).map(({ name }) => name)).toEqual([
      'd',
      'e',
      'c',
      'b',
      'a',
    ]);
  });
});
