import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../check-plan.ts';
import { checkWave } from '../check-wave.ts';
import { FleetBill } from '../fleet-bill.ts';
import { freshSteps, withStep } from '../plan-progress.ts';
import { type DecisionPolicy, defaultPolicy } from '../policy.ts';
import { nodeAt, podOn, smallTypes, stateOf } from '../small-cluster.fixture.ts';
import { planSnapshot } from './plan-snapshot.ts';
import { quoteMachines } from './quote-machines.ts';
import { readSnapshot } from './read-snapshot.ts';
import { deployment, listOf, node, pod, smallMarket } from './small-snapshot.fixture.ts';
import { snapshotCluster } from './snapshot-cluster.ts';
import { snapshotProblem } from './snapshot-problem.ts';

const keeps = (rule: Partial<DecisionPolicy['workloads'][number]>): DecisionPolicy => ({
  ...defaultPolicy,
  maximumWaveShare: 1,
  workloads: [{ name: 'web stays', only: ['Deployment/shop/web'], ...rule }],
});
const spot = (name: string, taints: object[] = []) =>
  node(name, { labels: { 'eks.amazonaws.com/capacityType': 'SPOT' }, spec: { taints } });
type Json = Record<string, unknown>;
const plan = (items: readonly (Json | readonly Json[])[], policy: DecisionPolicy) =>
  planSnapshot(readSnapshot(listOf(...items), 'it'), smallMarket, policy, { seed: 1, timeLimitMs: 20_000 });

describe('packing a cluster whose workloads keep pods on-demand', () => {
  const nodes = ['a', 'b', 'c', 'd'];
  const pods = nodes.map(on => pod(`web-${on}`, 'web', on));
  const cluster = (...others: ReturnType<typeof node>[]) => [
    nodes.map(name => node(name)),
    others,
    pods,
    deployment('web', 4),
  ];

  it('puts no pod of an on-demand node on a Spot node, although one has room', async () => {
    const { nodes: after, moves } = await plan(cluster(spot('s')), defaultPolicy);
    expect(after.remove).toHaveLength(4);
    expect(moves.map(({ to }) => to)).not.toContain('s');
  });

  it('leaves as many where they are as the floor asks for, since the scheduler may put them on Spot', async () => {
    const three = await plan(cluster(spot('s')), keeps({ onDemandPods: 3 }));
    expect(three.nodes.remove).toHaveLength(1);
    const told = three.blocked.filter(({ reasons }) => reasons.some(({ code }) => code === 'workload-floor'));
    expect(told).toHaveLength(3);
    expect(told[0]?.reasons[0]).toMatchObject({
      object: 'Deployment/shop/web',
      text: 'The policy ("web stays") keeps 3 pods of Deployment/shop/web on on-demand nodes; 1 pod on this one, evicted, might be put on a Spot node by the scheduler.',
    });
    expect((await plan(cluster(spot('s')), keeps({ onDemandShare: 1 }))).nodes.remove).toEqual([]);
  });

  it('evicts no pod that a floor holds, for another’s sake either', () => {
    const policy = keeps({ onDemandPods: 3 });
    const snapshot = readSnapshot(listOf(...cluster(spot('s'))), 'it');
    const machines = quoteMachines(snapshot.nodes, smallMarket);
    const { problem } = snapshotProblem(snapshotCluster(snapshot, machines, policy), machines, policy);
    const movable = problem.existing.filter(({ pods: here }) => here.some(({ canMove }) => canMove));
    expect(movable.map(({ name }) => name)).toEqual(['d']);
  });

  it('holds nothing back where no Spot node would take the pods', async () => {
    const tainted = spot('s', [{ key: 'spot', effect: 'NoSchedule' }]);
    expect((await plan(cluster(tainted), keeps({ onDemandShare: 1 }))).nodes.remove).toHaveLength(4);
    expect((await plan(cluster(), keeps({ onDemandShare: 1 }))).nodes.remove).toHaveLength(4);
  });

  it('never breaks a floor, were every pod that moves put on Spot', async () => {
    const made = fc.record({
      nodes: fc.array(
        fc.record({ isSpot: fc.boolean(), web: fc.nat(3), other: fc.nat(2), isTainted: fc.boolean() }),
        { minLength: 2, maxLength: 6 },
      ),
      onDemandPods: fc.nat(8),
      onDemandShare: fc.constantFrom(0, 0.3, 0.7, 1),
    });
    let moved = 0;
    await fc.assert(
      fc.asyncProperty(made, async ({ nodes: all, onDemandPods, onDemandShare }) => {
        const named = all.map((one, at) => ({ ...one, name: `n${at}` }));
        const items = named.flatMap(({ name, isSpot, isTainted, web, other }) => [
          isSpot ? spot(name, isTainted ? [{ key: 'spot', effect: 'NoSchedule' }] : []) : node(name),
          ...Array.from({ length: web }, (_, k) => pod(`web-${name}-${k}`, 'web', name)),
          ...Array.from({ length: other }, (_, k) => pod(`other-${name}-${k}`, 'other', name)),
        ]);
        const webs = named.reduce((sum, { web }) => sum + web, 0);
        const answer = await plan(
          [items, deployment('web', webs), deployment('other', 1)],
          keeps({ onDemandPods, onDemandShare }),
        );
        const before = named.reduce((sum, { isSpot, web }) => sum + (isSpot ? 0 : web), 0);
        const isOpen = named.some(({ isSpot, isTainted }) => isSpot && !isTainted);
        const left = answer.moves.filter(
          ({ pod: key, from }) =>
            key.startsWith('shop/web') && named.some(one => one.name === from && !one.isSpot),
        );
        moved += left.length;
        const floor = Math.max(onDemandPods, Math.ceil(onDemandShare * webs));
        if (isOpen && left.length > 0) expect(before - left.length).toBeGreaterThanOrEqual(floor);
      }),
      { numRuns: 40, seed: 7 },
    );
    expect(moved).toBeGreaterThan(10);
  }, 60_000);
});

describe('the rails of a plan that removes on-demand nodes and brings none', () => {
  const nodes = [nodeAt('a'), nodeAt('b'), nodeAt('c'), nodeAt('s', { capacityType: 'spot' })];
  const state = stateOf(
    nodes,
    ['a', 'b', 'c'].map(on => podOn(on, `web-${on}`)),
  );
  const remove = ['a', 'b'].map(name => ({
    name,
    uid: `uid-${name}`,
    instanceType: 'm5.xlarge',
    zone: 'us-east-1a',
    capacityType: 'on-demand' as const,
    priceMicroUsdPerHour: 192_000,
  }));
  const steps = freshSteps(remove.map(one => ({ remove: [one], order: [] })));
  const cost = {
    nowMicroUsdPerHour: 384_000,
    afterMicroUsdPerHour: 0,
    savingMicroUsdPerHour: 384_000,
    riskMicroUsdPerHour: 0,
    switchingMicroUsd: 0,
    paybackMs: 0,
  };
  const made = withStep(
    { clusterName: 'c', remove, add: [], pods: [], steps, cost, reasons: [] } as never,
    0,
    { startedAt: 1 },
  );
  const free = { onDemandShare: 0, onDemandNodes: 0 };
  const approved = (policy: DecisionPolicy, of = state) =>
    checkPlan(made, of, [], smallTypes, { ...policy, ...free }, new FleetBill(of.nodes, undefined));
  const text = expect.stringContaining('keeps 2 pods of Deployment/shop/web on on-demand nodes');

  it('refuses it where a Spot node would take pods of a floor', () => {
    expect(approved(keeps({ onDemandPods: 1 }))).toEqual({ verdict: 'holds' });
    expect(approved(keeps({ onDemandPods: 2 }))).toMatchObject({ verdict: 'stale', text });
    const without = stateOf(
      nodes.filter(({ name }) => name !== 's'),
      state.inventory.pods,
    );
    expect(approved(keeps({ onDemandPods: 2 }), without)).toEqual({ verdict: 'holds' });
  });

  it('asks again before each wave, as pods may have been put on Spot by the one before', () => {
    const later = (pods = state.inventory.pods) =>
      checkWave(made, { wave: 2 }, stateOf(nodes.slice(1), pods), smallTypes, keeps({ onDemandPods: 2 }));
    expect(later([podOn('b', 'web-b'), podOn('c', 'web-c'), podOn('c', 'web-a')]).verdict).toBe('holds');
    expect(later([podOn('b', 'web-b'), podOn('c', 'web-c'), podOn('s', 'web-a')])).toMatchObject({
      verdict: 'stale',
      text,
    });
  });

  it('counts pods that leave nodes that stay', () => {
    const pods = [{ ...podOn('c', 'web-c'), from: 'c' } as never];
    const room = [{ node: { name: 'c', uid: 'uid-c' }, pods }];
    const evicts = { ...made, remove: [], steps: freshSteps([{ remove: [], order: [], room }]) };
    const check = (onDemandPods: number) =>
      checkWave(evicts, { wave: 1 }, state, smallTypes, keeps({ onDemandPods })).verdict;
    expect([check(2), check(3)]).toEqual(['holds', 'stale']);
  });
});
