import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkPlan } from '../../check-plan.ts';
import { FleetBill } from '../../fleet-bill.ts';
import { type DecisionPolicy, defaultPolicy } from '../../policy.ts';
import { forecastsOf, nodeAt, podOn, smallTypes, stateOf } from '../../small-cluster.fixture.ts';
import type { MoveUnderWay } from '../engine.ts';
import { spotEngine } from './spot-engine.ts';

const cheap = forecastsOf({ 'm5.xlarge/us-east-1a': 20_000, 'm6i.xlarge/us-east-1a': 21_000 });
/** Nothing but floors of workloads holds nodes back. */
const free: DecisionPolicy = { ...defaultPolicy, maximumPoolShare: 1, onDemandShare: 0, onDemandNodes: 0 };
const keep = (rule: Partial<DecisionPolicy['workloads'][number]>): DecisionPolicy => ({
  ...free,
  workloads: [{ name: 'web stays', only: ['Deployment/shop/web'], ...rule }],
});
/** Six on-demand nodes with a pod of the workload each. */
const nodes = ['a', 'b', 'c', 'd', 'e', 'f'].map(name => nodeAt(name));
const state = stateOf(
  nodes,
  nodes.map(({ name }) => podOn(name, `web-${name}`)),
);

it('keeps a part or a number of a workload’s pods on-demand, and says by which rule', () => {
  expect(spotEngine.decide(state, cheap, free).proposals).toHaveLength(6);
  const half = spotEngine.decide(state, cheap, keep({ onDemandShare: 0.5 }));
  expect(half.proposals).toHaveLength(3);
  expect(half.blocked.map(({ node }) => node)).toHaveLength(3);
  expect(half.blocked[0]?.reasons[0]).toMatchObject({
    code: 'workload-floor',
    object: 'Deployment/shop/web',
    text: 'The policy ("web stays") keeps 3 pods of Deployment/shop/web on on-demand nodes; without this one 2 would be left.',
    unblock: expect.stringContaining('web stays'),
  });
  expect(spotEngine.decide(state, cheap, keep({ onDemandPods: 5 })).proposals).toHaveLength(1);
  expect(spotEngine.decide(state, cheap, keep({ onDemandPods: 9 })).proposals).toHaveLength(0);
  expect(
    spotEngine.decide(state, cheap, keep({ only: ['*/other/*'], onDemandPods: 9 })).proposals,
  ).toHaveLength(6);
});

it('is asked again when a plan is approved', () => {
  const [proposal] = spotEngine.decide(state, cheap, free).proposals;
  const plan = { ...proposal, clusterName: 'c', steps: [{ kind: 'add-node' }], pods: [] } as never;
  const check = (policy: DecisionPolicy) =>
    checkPlan(plan, state, [], smallTypes, policy, new FleetBill(nodes, undefined));
  expect(check(free)).toEqual({ verdict: 'holds' });
  expect(check(keep({ onDemandPods: 6 }))).toMatchObject({
    verdict: 'stale',
    text: expect.stringContaining('keeps 6 pods of Deployment/shop/web on on-demand nodes'),
  });
});

it('never lets all proposals together break a floor, whatever is under way', () => {
  const cluster = fc.array(
    fc.record({
      capacityType: fc.constantFrom('on-demand', 'spot', 'unknown'),
      pods: fc.integer({ min: 0, max: 4 }),
      isLeaving: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(
      cluster,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(6),
      (made, onDemandShare, onDemandPods) => {
        const all = made.map(({ capacityType }, n) =>
          nodeAt(`n${n}`, { capacityType: capacityType as never, priceMicroUsdPerHour: 192_000 }),
        );
        const pods = made.flatMap((node, n) =>
          Array.from({ length: node.pods }, (_, k) => podOn(`n${n}`, `web-${n}-${k}`)),
        );
        const underWay: MoveUnderWay[] = made.flatMap(({ isLeaving }, n) =>
          isLeaving ? [{ removes: [`uid-n${n}`], adds: [] }] : [],
        );
        const { proposals } = spotEngine.decide(
          { ...stateOf(all, pods), underWay },
          cheap,
          keep({ onDemandShare, onDemandPods }),
        );
        const gone = new Set([
          ...underWay.flatMap(({ removes }) => removes),
          ...proposals.flatMap(({ remove }) => remove.map(({ uid }) => uid)),
        ]);
        const left = (without: ReadonlySet<string>) =>
          made.reduce(
            (sum, node, n) =>
              node.capacityType === 'on-demand' && !without.has(`uid-n${n}`) ? sum + node.pods : sum,
            0,
          );
        const floor = Math.max(onDemandPods, Math.ceil(onDemandShare * pods.length));
        const before = left(new Set(underWay.flatMap(({ removes }) => removes)));
        // Below its floor already, none of it leaves.
        expect(left(gone)).toBeGreaterThanOrEqual(Math.min(before, floor));
      },
    ),
    { numRuns: 300, seed: 3 },
  );
});
