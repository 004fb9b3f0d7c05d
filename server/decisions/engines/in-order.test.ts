import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InventoryNode } from '../../../common/agent-protocol/index.ts';
import { plan as planSchema } from '../../../common/contracts/index.ts';
import { FleetBill } from '../fleet-bill.ts';
import { defaultPolicy } from '../policy.ts';
import { resizingEngine } from '../resizing/resizing-engine.ts';
import { webProposal } from '../resizing/sizing-proposal.fixture.ts';
import { forecastsOf, marketOf, nodeAt, podOn, stateOf } from '../small-cluster.fixture.ts';
import { binPackingEngine } from './bin-packing/bin-packing-engine.ts';
import type { DecisionState, EngineAnswer, Proposal, RunnableEngine } from './engine.ts';
import { inOrder } from './in-order.ts';
import { spotEngine } from './spot/spot-engine.ts';

const cheap = forecastsOf({ 'm5.large/us-east-1a': 30_000, 'm6i.xlarge/us-east-1a': 50_000 });

/** m5.xlarge nodes on demand, each with pods of these requests in milli-CPU, as an agent of protocol 3 tells of them. */
function clusterOf(pods: readonly (readonly number[])[]): DecisionState {
  const nodes = pods.map((_, index) => nodeAt(`n${index}`));
  const state = stateOf(
    nodes,
    pods.flatMap((own, node) =>
      own.map((cpuMilli, index) =>
        podOn(`n${node}`, `p${node}-${index}`, {
          shape: 'plain',
          requests: { cpuMilli, memoryBytes: 1e8 },
        }),
      ),
    ),
  );
  return {
    ...state,
    inventory: { ...state.inventory, nodes: nodes.map(({ name, uid }) => inventoryNode(name, uid)) },
    scheduling: { ...state.scheduling, shapes: [{ kind: 'PodShape', name: 'plain' }] },
  };
}

function inventoryNode(name: string, uid: string): InventoryNode {
  return {
    kind: 'Node',
    name,
    uid,
    providerId: null,
    labels: {
      'kubernetes.io/hostname': name,
      'kubernetes.io/arch': 'amd64',
      'topology.kubernetes.io/zone': 'us-east-1a',
      'topology.kubernetes.io/region': 'us-east-1',
      'node.kubernetes.io/instance-type': 'm5.xlarge',
      'eks.amazonaws.com/capacityType': 'ON_DEMAND',
    },
    taints: [],
    unschedulable: false,
    ready: true,
    createdAt: 0,
    allocatable: { cpuMilli: 3_920, memoryBytes: 14 * 2 ** 30, pods: 58 },
    extended: {},
  };
}

const packing = binPackingEngine({
  catalog: marketOf(cheap).market.catalog,
  signal: new AbortController().signal,
});

describe('packing, then Spot', () => {
  const both = inOrder('packing-then-spot', [packing, spotEngine]);

  it('packs first, and Spot decides on what is left with the pods where they then are', async () => {
    const state = clusterOf([[500], [500], [500], [500], [1_500, 1_500], [1_900, 1_900], [1_900, 1_900]]);
    const answer = await both.decide(state, cheap, defaultPolicy);
    const [repack, ...moves] = answer.proposals;
    expect(repack).toMatchObject({ kind: 'repack', engine: 'bin-packing' });
    // Two nodes stay full, and the other 5,000 m fit on one that there is and a new m5.large.
    expect(repack?.remove).toHaveLength(4);
    expect(repack?.add.map(({ instanceType }) => instanceType)).toEqual(['m5.large']);
    expect(repack?.waves?.flat().toSorted()).toEqual(repack?.remove.map(({ name }) => name).toSorted());
    expect(repack?.pods.every(({ from, to }) => from !== to && to !== null)).toBe(true);
    const { proof } = repack ?? {};
    expect(proof?.afterMicroUsdPerHour).toBe(3 * 192_000 + 96_000);
    expect(proof?.lowerBoundMicroUsdPerHour).toBeLessThanOrEqual(3 * 192_000 + 96_000);
    expect(proof?.lowerBoundMicroUsdPerHour).toBeGreaterThan(2 * 192_000);
    // One of the three that stay has to be on demand.
    expect(moves.map(({ engine, kind }) => [engine, kind])).toEqual(Array(2).fill(['spot', 'replace-node']));
    const removed = answer.proposals.flatMap(({ remove }) => remove.map(({ uid }) => uid));
    expect(new Set(removed).size).toBe(removed.length);
    expect(answer.blocked.map(({ node }) => node)).toHaveLength(1);
    expect(answer.costNowMicroUsdPerHour).toBe(7 * 192_000);
    for (const { engine: _, waves: __, ...proposal } of answer.proposals)
      planSchema.pick({ remove: true, add: true, pods: true, cost: true, proof: true }).parse(proposal);
  });

  it('moves a pod off a node that stays where only that makes room, if it saves enough', async () => {
    // Two nodes hold all, but the pods of none fit on the other two as they are.
    const state = clusterOf([[1_990, 900], [1_990, 900], [1_860, 100], []]);
    const [repack] = (await packing.decide(state, cheap, defaultPolicy)).proposals;
    expect(repack?.remove).toHaveLength(2);
    expect(repack?.add).toEqual([]);
    const roomy = new Set(repack?.makeRoom?.map(({ name }) => name));
    expect(roomy.size).toBeGreaterThan(0);
    expect(repack?.remove.filter(({ name }) => roomy.has(name))).toEqual([]);
    const left = new Set(repack?.pods.map(({ from }) => from));
    expect(new Set([...roomy, ...(repack?.remove ?? []).map(({ name }) => name), 'n3'])).toEqual(
      left.add('n3'),
    );
    expect(repack?.waves?.flat().toSorted()).toEqual([...left].toSorted());
    const codes = (proposal: Proposal | undefined) => proposal?.reasons.map(({ code }) => code);
    expect(codes(repack)).toEqual(expect.arrayContaining(['makes-room', 'scheduler-decides']));

    // A new m5.large for the largest pod costs 96,000 more, and that is less than this policy wants of a plan.
    const policy = { ...defaultPolicy, minimumSavingMicroUsdPerHour: 96_001 };
    const [whole] = (await packing.decide(state, cheap, policy)).proposals;
    expect(whole?.add.map(({ instanceType }) => instanceType)).toEqual(['m5.large']);
    expect(whole?.makeRoom).toBeUndefined();
    expect(codes(whole)).toContain('makes-no-room');
  });

  it('proposes no packing while a plan of the cluster is under way', async () => {
    const state = { ...clusterOf([[500], [500], [500]]), underWay: [{ removes: ['uid-n0'], adds: [] }] };
    const answer = await packing.decide(state, cheap, defaultPolicy);
    expect(answer.proposals).toEqual([]);
    expect(answer.blocked.flatMap(({ reasons }) => reasons.map(({ code }) => code))).toEqual(
      Array(3).fill('move-under-way'),
    );
  });

  it('says what a small saving would be, and leaves it', async () => {
    const policy = { ...defaultPolicy, minimumSavingMicroUsdPerHour: 1_000_000 };
    const answer = await packing.decide(clusterOf([[500], [500]]), cheap, policy);
    expect(answer.proposals).toEqual([]);
    expect(answer.blocked.flatMap(({ reasons }) => reasons.map(({ code }) => code))).toContain(
      'saving-too-small',
    );
    expect(answer.costAfterMicroUsdPerHour).toBe(answer.costNowMicroUsdPerHour);
  });

  it('asks of a plan what the pools of its nodes ask, and tells them', async () => {
    const state = clusterOf([[500], [500]]);
    const nodes = state.inventory.nodes.map(node => ({
      ...node,
      labels: { ...node.labels, 'karpenter.sh/nodepool': 'web' },
    }));
    const inPool = { ...state, inventory: { ...state.inventory, nodes } };
    const asking = (pool: string) => ({
      ...defaultPolicy,
      pools: [{ name: pool, match: { nodePools: [pool] }, minimumSavingShare: 0.99 }],
    });
    const refused = await packing.decide(inPool, cheap, asking('web'));
    expect(refused.proposals).toEqual([]);
    const allowed = await packing.decide(inPool, cheap, asking('batch'));
    expect(allowed.proposals[0]?.remove.map(({ nodePool }) => nodePool)).toContain('web');
  });
});

describe('rightsizing, then packing', () => {
  it('packs by the sizes that will be asked for, after the resizes that make the room', async () => {
    // Two pods of 3,000 m need a node each; with 1,000 m they share one.
    const state = clusterOf([[3_000], [3_000], [3_900]]);
    const now = {
      cpuRequestMilli: 3_000,
      memoryRequestBytes: 1e8,
      cpuLimitMilli: null,
      memoryLimitBytes: null,
    };
    const pods = state.inventory.pods.map(pod =>
      pod.nodeName === 'n2'
        ? { ...pod, ownerKind: 'StatefulSet', ownerName: 'other' }
        : {
            ...pod,
            containers: [{ name: 'app', requests: { cpuMilli: 3_000, memoryBytes: 1e8 }, limits: {} }],
          },
    );
    const sized = {
      ...state,
      inventory: { ...state.inventory, pods },
      sizes: { proposals: [webProposal({ now, recommended: { ...now, cpuRequestMilli: 1_000 } })] },
    };
    const alone = await packing.decide(sized, cheap, defaultPolicy);
    expect(alone.proposals).toEqual([]);
    const answer = await inOrder('all', [resizingEngine, packing]).decide(sized, cheap, defaultPolicy);
    const [resize, repack] = answer.proposals;
    expect(resize).toMatchObject({ kind: 'resize', cost: { savingMicroUsdPerHour: 0 } });
    expect(repack?.kind).toBe('repack');
    expect(repack?.after?.map(({ title }) => title)).toEqual([resize?.title]);
    const { costNowMicroUsdPerHour: cost, costAfterMicroUsdPerHour: after } = answer;
    expect(cost).toBe(3 * 192_000);
    expect((cost ?? 0) - (after ?? 0)).toBeGreaterThanOrEqual(96_000);
    expect(answer.nodesConsidered).toBe(3);
  });
});

describe('engines in order', () => {
  /** Takes any nodes it is told of and brings nothing: the harshest thing that an engine before another can do. */
  const taking = (places: readonly number[]): RunnableEngine => ({
    name: 'taking',
    decide: ({ nodes, openBill }): EngineAnswer => {
      const bill = openBill();
      const proposals = [...new Set(places)].flatMap((place): Proposal[] => {
        const node = nodes[place % Math.max(1, nodes.length)];
        const saved = node && bill.savedWithout(node);
        if (!node || saved === undefined) return [];
        bill.remove(node.uid);
        return [proposalOf(node.name, node.uid, saved)];
      });
      const cost = nodes.reduce((sum, node) => sum + Math.floor(node.priceMicroUsdPerHour ?? 0), 0);
      const unique = proposals.filter(
        (one, index) => proposals.findIndex(({ title }) => title === one.title) === index,
      );
      const saved = unique.reduce((sum, one) => sum + one.cost.savingMicroUsdPerHour, 0);
      return {
        proposals: unique,
        blocked: [],
        nodesConsidered: nodes.length,
        unknownPrices: 0,
        unknownRisks: 0,
        costNowMicroUsdPerHour: cost,
        costAfterMicroUsdPerHour: cost - saved,
      };
    },
  });

  it('reckon with a bill without what went before: what commitments pay for is saved once', async () => {
    const nodes = ['n0', 'n1', 'n2'].map(name => nodeAt(name));
    // Two of three are paid for whether they run or not.
    const total = (paid: readonly unknown[]) => 300_000 + 192_000 * Math.max(0, paid.length - 2);
    const state = { ...stateOf(nodes, []), openBill: () => new FleetBill(nodes, total) };
    const seen: (number | undefined)[][] = [];
    const asking: RunnableEngine = {
      name: 'asks',
      decide: async (after, ...rest) => {
        seen.push(after.nodes.map(node => after.openBill().savedWithout(node)));
        return taking([]).decide(after, ...rest);
      },
    };
    await inOrder('all', [asking, taking([0]), asking]).decide(state, cheap, defaultPolicy);
    expect(seen).toEqual([
      [192_000, 192_000, 192_000],
      [0, 0],
    ]);
  });

  it('never save more than the cluster costs, take no node twice, and add up', async () => {
    const prices = fc.array(fc.integer({ min: 1, max: 500_000 }), { minLength: 1, maxLength: 12 });
    const places = fc.array(fc.nat(11), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(prices, places, places, async (costs, first, second) => {
        const nodes = costs.map((priceMicroUsdPerHour, index) =>
          nodeAt(`n${index}`, { priceMicroUsdPerHour }),
        );
        const state = stateOf(nodes, []);
        const engine = inOrder('all', [taking(first), taking(second), spotEngine]);
        const {
          proposals,
          costNowMicroUsdPerHour: now,
          costAfterMicroUsdPerHour: after,
        } = await engine.decide(state, cheap, defaultPolicy);
        const removed = proposals.flatMap(({ remove }) => remove.map(({ uid }) => uid));
        expect(new Set(removed).size).toBe(removed.length);
        const gross = proposals.reduce(
          (sum, { cost }) => sum + cost.nowMicroUsdPerHour - cost.afterMicroUsdPerHour,
          0,
        );
        expect(now).toBe(costs.reduce((sum, cost) => sum + cost, 0));
        expect(gross).toBe((now ?? 0) - (after ?? 0));
        expect(gross).toBeLessThanOrEqual(now ?? 0);
      }),
      { numRuns: 200 },
    );
  });
});

function proposalOf(name: string, uid: string, saved: number): Proposal {
  return {
    kind: 'repack',
    title: name,
    reasons: [],
    remove: [
      {
        name,
        uid,
        instanceType: 'm5.xlarge',
        zone: 'us-east-1a',
        capacityType: 'on-demand',
        priceMicroUsdPerHour: saved,
      },
    ],
    add: [],
    cost: {
      nowMicroUsdPerHour: saved,
      afterMicroUsdPerHour: 0,
      riskMicroUsdPerHour: 0,
      switchingMicroUsd: 0,
      savingMicroUsdPerHour: saved,
      paybackMs: 0,
    },
    pods: [],
    proof: null,
  };
}
