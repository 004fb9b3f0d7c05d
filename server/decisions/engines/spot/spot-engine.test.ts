import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CapacityType } from '../../../../common/contracts/index.ts';
import { plan } from '../../../../common/contracts/index.ts';
import { FleetBill } from '../../fleet-bill.ts';
import { defaultPolicy } from '../../policy.ts';
import {
  budgetOf,
  forecastsOf,
  GIB,
  nodeAt,
  podOn,
  smallTypes,
  stateOf,
  webWorkloads,
} from '../../small-cluster.fixture.ts';
import type { DecisionForecasts, PoolOutlook } from '../engine.ts';
import { exposureOf } from './exposure.ts';
import { spotEngine } from './spot-engine.ts';

const cheap = forecastsOf({
  'm5.large/us-east-1a': 30_000,
  'm5.xlarge/us-east-1a': 60_000,
  'm6i.xlarge/us-east-1a': 62_000,
  'm5.xlarge/us-east-1b': 10_000,
});
const decide = (state: Parameters<typeof spotEngine.decide>[0], forecasts = cheap, policy = defaultPolicy) =>
  spotEngine.decide(state, forecasts, policy);
const fourNodes = ['a', 'b', 'c', 'd'].map(name => nodeAt(name));
const codes = (answer: ReturnType<typeof decide>, node: string) =>
  answer.blocked.find(entry => entry.node === node)?.reasons.map(reason => reason.code) ?? [];

describe('the Spot engine', () => {
  it('takes the cheapest pool in the zone that holds the pods, with every dollar it is made of', () => {
    const pods = [1, 2, 3, 4].map(index => podOn('a', `web-${index}`));
    const answer = decide(stateOf([nodeAt('a'), nodeAt('z', { priceMicroUsdPerHour: 60_000 })], pods));
    const move = answer.proposals.find(proposal => proposal.remove[0]?.name === 'a');
    // 4 pods of 500 m are 2000 m: a large allocates 1920 m.
    expect(move?.add[0]).toMatchObject({
      instanceType: 'm5.xlarge',
      zone: 'us-east-1a',
      capacityType: 'spot',
    });
    // Risk: 5 %/month over 730 h × (10 min of $0.192 + $0.25) = 0.0000685 × 282,000. Overlap: 5 min of both.
    expect(move?.cost).toEqual({
      nowMicroUsdPerHour: 192_000,
      afterMicroUsdPerHour: 60_000,
      riskMicroUsdPerHour: 20,
      switchingMicroUsd: 21_000,
      savingMicroUsdPerHour: 131_980,
      paybackMs: Math.ceil((21_000 / 131_980) * 3_600_000),
    });
    expect(move?.pods.map(pod => pod.owner)).toEqual(Array(4).fill('Deployment/shop/web'));
    expect(answer.costNowMicroUsdPerHour).toBe(252_000);
    for (const proposal of answer.proposals) {
      const { cost, remove, add, pods: moved, reasons } = proposal;
      expect(
        plan
          .pick({ cost: true, remove: true, add: true, pods: true, reasons: true })
          .safeParse({ cost, remove, add, pods: moved, reasons }).success,
      ).toBe(true);
    }
  });

  it('weighs the forecast: a pool that is expected to become dear is left', () => {
    const rising: DecisionForecasts = {
      ...cheap,
      pools: new Map(
        [...cheap.pools].map(([key, outlook]) => [
          key,
          outlook.pool.instanceType === 'm5.large'
            ? { ...outlook, predictedMicroUsdPerHour: 150_000 }
            : outlook,
        ]),
      ),
    };
    expect(decide(stateOf(fourNodes, []), rising).proposals[0]?.add[0]?.instanceType).toBe('m5.xlarge');
    expect(decide(stateOf(fourNodes, [])).proposals[0]?.add[0]?.instanceType).toBe('m5.large');
  });

  it('names every reason why a node may not be drained, the object, the remedy and what it would save', () => {
    const pods = [
      podOn('a', 'bare', { ownerKind: null, ownerName: null }),
      podOn('a', 'keep', { doNotDisrupt: true }),
      podOn('a', 'disk', { hasLocalStorage: true }),
      podOn('b', 'tight', { labels: { app: 'tight' } }),
      podOn('c', 'twice', { labels: { app: 'twice' } }),
    ];
    const budgets = [
      budgetOf('tight', { app: 'tight' }, 0),
      budgetOf('one', { app: 'twice' }, 1),
      budgetOf('two', {}, 1),
    ];
    const pinned = budgets.map(budget =>
      budget.name === 'two'
        ? { ...budget, selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['twice'] }] } }
        : budget,
    );
    const nodes = [...fourNodes, nodeAt('e', { ready: false }), nodeAt('f', { cordoned: true })];
    const answer = decide(stateOf(nodes, pods, { budgets: pinned }));
    expect(codes(answer, 'a')).toEqual(['do-not-disrupt', 'bare-pod', 'local-storage']);
    expect(codes(answer, 'b')).toEqual(['budget-exhausted']);
    expect(codes(answer, 'c')).toEqual(['two-budgets']);
    expect(codes(answer, 'e')).toEqual(['node-not-ready']);
    expect(codes(answer, 'f')).toEqual(['node-cordoned']);
    const [blocker] = answer.blocked.find(entry => entry.node === 'b')?.reasons ?? [];
    expect(blocker?.object).toBe('PodDisruptionBudget/shop/tight');
    expect(blocker?.unblock).toMatch(/shop\/tight/);
    expect(blocker?.savesMicroUsdPerHour).toBeGreaterThan(100_000);
  });

  it('lists a single replica without a budget as a thing to know, and does not block it', () => {
    const workloads = webWorkloads.map(workload => ({ ...workload, replicas: 1 }));
    const answer = decide(stateOf(fourNodes, [podOn('a', 'web-1')], { workloads }));
    const move = answer.proposals.find(proposal => proposal.remove[0]?.name === 'a');
    expect(move?.reasons.map(reason => reason.code)).toContain('single-replica');
  });

  it('leaves a node whose pods select what is not known of the replacement', () => {
    const pods = [podOn('a', 'web-1', { nodeSelector: { 'example.com/disk': 'ssd' } })];
    expect(codes(decide(stateOf(fourNodes, pods)), 'a')).toEqual(['no-pool-fits']);
  });

  it('moves from Spot to Spot only for a clear gain', () => {
    const spot = (price: number) => [
      nodeAt('a', { capacityType: 'spot', priceMicroUsdPerHour: price }),
      ...fourNodes.slice(1),
    ];
    const pods = [podOn('a', 'big', { requests: { cpuMilli: 3000, memoryBytes: GIB } })];
    expect(codes(decide(stateOf(spot(75_000), pods)), 'a')).toEqual(['saving-too-small']);
    expect(
      decide(stateOf(spot(120_000), pods)).proposals.find(move => move.remove[0]?.name === 'a')?.add[0]
        ?.instanceType,
    ).toBe('m6i.xlarge');
  });

  it('counts unknown prices and risks and acts on neither', () => {
    const nodes = [
      nodeAt('a', { priceMicroUsdPerHour: null }),
      nodeAt('b', { instanceType: 'x9.huge' }),
      nodeAt('c'),
    ];
    const risky: DecisionForecasts = {
      ...cheap,
      pools: new Map(
        [...cheap.pools].map(([key, outlook]) => [
          key,
          { ...outlook, interruptionMaxPercentPerMonth: undefined },
        ]),
      ),
    };
    const answer = decide(stateOf(nodes, []), risky);
    expect(answer.proposals).toEqual([]);
    expect(answer.unknownPrices).toBe(2);
    expect(answer.unknownRisks).toBe(3);
    expect(answer.costNowMicroUsdPerHour).toBe(384_000);
  });
});

const badNumber = fc.constantFrom(
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -1,
  0,
  1e300,
);
const anyState = fc
  .record({
    nodes: fc.array(
      fc.record({
        capacityType: fc.constantFrom<CapacityType>('spot', 'on-demand', 'unknown'),
        instanceType: fc.constantFrom('m5.large', 'm5.xlarge', 'r5.xlarge', null, 'x9.huge'),
        zone: fc.constantFrom('us-east-1a', 'us-east-1b', null),
        priceMicroUsdPerHour: fc.option(fc.integer({ min: 1, max: 1_000_000 })),
        cordoned: fc.boolean(),
      }),
      { maxLength: 25 },
    ),
    prices: fc.dictionary(
      fc.constantFrom(
        'm5.large/us-east-1a',
        'm5.xlarge/us-east-1a',
        'm6i.xlarge/us-east-1b',
        'r5.xlarge/us-east-1b',
      ),
      fc.integer({ min: 1, max: 200_000 }),
    ),
    cpu: fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 40 }),
  })
  .map(({ nodes, prices, cpu }) => ({
    nodes: nodes.map((change, index) => nodeAt(`n${index}`, change)),
    pods: cpu.map((cpuMilli, index) =>
      podOn(`n${index % Math.max(1, nodes.length)}`, `p${index}`, {
        requests: { cpuMilli, memoryBytes: GIB },
      }),
    ),
    forecasts: forecastsOf(prices),
  }));

/** On-demand nodes that all want the same few pools, some of which are half full. */
const crowdedState = fc
  .record({
    onDemand: fc.integer({ min: 0, max: 20 }),
    spot: fc.integer({ min: 0, max: 10 }),
    pools: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ onDemand, spot, pools }) => ({
    nodes: [
      ...Array.from({ length: onDemand }, (_, index) => nodeAt(`od${index}`)),
      ...Array.from({ length: spot }, (_, index) =>
        nodeAt(`s${index}`, {
          capacityType: 'spot',
          instanceType: 'm5.large',
          priceMicroUsdPerHour: 30_000,
        }),
      ),
    ],
    pods: [],
    forecasts: forecastsOf(
      Object.fromEntries(
        smallTypes.slice(0, pools).map((type, index) => [`${type.instanceType}/us-east-1a`, 30_000 + index]),
      ),
    ),
  }));

it('counts what plans under way bring to a pool and take from what is on-demand', () => {
  const nodes = ['a', 'b', 'c', 'd', 'e'].map(name => nodeAt(name));
  const place = { instanceType: 'm5.large', zone: 'us-east-1a' };
  const target = { ...place, capacityType: 'spot' as const };
  const policy = {
    ...defaultPolicy,
    maximumPoolShare: 0.4,
    minimumPoolNodes: 1,
    onDemandNodes: 1,
    onDemandShare: 0,
  };
  const after = (adds: number, removes: string[]) =>
    exposureOf(nodes, [{ removes, adds: Array(adds).fill(target) }], policy);
  expect([1, 2].map(adds => after(adds, []).hasRoom(place))).toEqual([true, false]);
  const gone = ['uid-a', 'uid-b', 'uid-c', 'uid-d'];
  expect([3, 4].map(count => after(0, gone.slice(0, count)).mayGiveUpOnDemand())).toEqual([true, false]);
});

describe('the Spot engine, whatever the cluster', () => {
  it('never exceeds the cap of a pool nor goes below the on-demand floor', () => {
    fc.assert(
      fc.property(fc.oneof(anyState, crowdedState), ({ nodes, pods, forecasts }) => {
        const { proposals } = decide(stateOf(nodes, pods), forecasts);
        const inPool = new Map<string, number>();
        for (const node of nodes)
          if (node.capacityType === 'spot')
            inPool.set(
              `${node.instanceType}/${node.zone}`,
              (inPool.get(`${node.instanceType}/${node.zone}`) ?? 0) + 1,
            );
        const targets = proposals.flatMap(({ add }) => add);
        const taken = new Set(targets.map(target => `${target.instanceType}/${target.zone}`));
        for (const target of targets)
          inPool.set(
            `${target.instanceType}/${target.zone}`,
            (inPool.get(`${target.instanceType}/${target.zone}`) ?? 0) + 1,
          );
        for (const pool of taken)
          expect(inPool.get(pool)).toBeLessThanOrEqual(Math.max(2, Math.floor(0.4 * nodes.length)));
        const onDemand = nodes.filter(node => node.capacityType === 'on-demand').length;
        const given = proposals
          .flatMap(({ remove }) => remove)
          .filter(node => node.capacityType === 'on-demand').length;
        if (given > 0)
          expect(onDemand - given).toBeGreaterThanOrEqual(Math.max(1, Math.ceil(0.2 * nodes.length)));
      }),
    );
  });

  it('says of every node that stays why, and of no node two things', () => {
    fc.assert(
      fc.property(anyState, ({ nodes, pods, forecasts }) => {
        const { proposals, blocked } = decide(stateOf(nodes, pods), forecasts);
        expect(
          [
            ...proposals.flatMap(({ remove }) => remove.map(node => node.name)),
            ...blocked.map(({ node }) => node),
          ].toSorted(),
        ).toEqual(nodes.map(({ name }) => name).toSorted());
        for (const { reasons } of blocked) expect(reasons.length).toBeGreaterThan(0);
      }),
    );
  });

  it('moves no more nodes than leave the bill: those that commitments pay for stay, with the reason', () => {
    // Of ten nodes eight are reserved: their hours are paid for, used or not.
    const nodes = Array.from({ length: 10 }, (_, index) => nodeAt(`n${index}`));
    const reserved = (left: readonly unknown[]) => 8 * 100_000 + Math.max(0, left.length - 8) * 192_000;
    const state = { ...stateOf(nodes, []), openBill: () => new FleetBill(nodes, reserved) };
    const answer = decide(state, cheap, {
      ...defaultPolicy,
      onDemandShare: 0,
      onDemandNodes: 0,
      maximumPoolShare: 1,
    });
    expect(answer.proposals.map(({ cost }) => cost.nowMicroUsdPerHour)).toEqual([192_000, 192_000]);
    expect(answer.blocked).toHaveLength(8);
    for (const { reasons } of answer.blocked)
      expect(reasons.map(({ code }) => code)).toEqual(['agreements', 'saving-too-small']);
    expect(answer.blocked[0]?.reasons[0]?.text).toContain('only $0.00/h leaves the bill');
  });

  it('asks the model of the workload that requests most of a node', () => {
    const other = forecastsOf({ 'm5.xlarge/us-east-1a': 50_000 }).pools;
    const poolsOfWorkload = new Map([
      ['Deployment/shop/web', new Map([...other].map(([key, pool]) => [key, { ...pool, by: 'challenger' }]))],
    ]);
    const pods = [
      podOn('a', 'web-1'),
      podOn('a', 'web-2'),
      podOn('a', 'agent-1', { ownerKind: 'Job', ownerName: 'agent' }),
      podOn('b', 'web-3'),
      podOn('b', 'agent-2', {
        ownerKind: 'Job',
        ownerName: 'agent',
        requests: { cpuMilli: 900, memoryBytes: GIB },
      }),
    ];
    // They stay on-demand, as the floor wants it.
    const idle = ['y', 'z'].map(name => nodeAt(name, { priceMicroUsdPerHour: 60_000 }));
    const { proposals } = decide(stateOf([nodeAt('a'), nodeAt('b'), ...idle], pods), {
      ...cheap,
      poolsOfWorkload,
    });
    const by = (node: string) =>
      proposals.find(proposal => proposal.remove[0]?.name === node)?.add[0]?.forecastBy;
    expect({ a: by('a'), b: by('b') }).toEqual({ a: 'challenger', b: 'persistence' });
  });

  it('proposes nothing on an unknown or senseless price, forecast or risk', () => {
    const senseless = fc.record({
      field: fc.constantFrom<keyof PoolOutlook>(
        'priceMicroUsdPerHour',
        'predictedMicroUsdPerHour',
        'interruptionMaxPercentPerMonth',
      ),
      value: badNumber,
    });
    fc.assert(
      fc.property(anyState, senseless, ({ nodes, pods, forecasts }, { field, value }) => {
        fc.pre(!(field === 'interruptionMaxPercentPerMonth' && value === 0));
        const pools = new Map(
          [...forecasts.pools].map(([key, outlook]) => [key, { ...outlook, [field]: value }]),
        );
        expect(decide(stateOf(nodes, pods), { ...forecasts, pools }).proposals).toEqual([]);
      }),
    );
    fc.assert(
      fc.property(anyState, badNumber, ({ nodes, pods, forecasts }, value) => {
        const priced = nodes.map(node => ({ ...node, priceMicroUsdPerHour: value }));
        const answer = decide(stateOf(priced, pods), forecasts);
        expect(answer.proposals).toEqual([]);
        expect(answer.unknownPrices).toBe(nodes.length);
        expect(answer.costNowMicroUsdPerHour).toBeNull();
      }),
    );
  });

  it('gives the same answer for the same state in another order', () => {
    fc.assert(
      fc.property(fc.oneof(anyState, crowdedState), ({ nodes, pods, forecasts }) => {
        const turned = {
          types: forecasts.types.toReversed(),
          pools: new Map([...forecasts.pools].toReversed()),
          poolsOfWorkload: new Map(),
        };
        expect(decide(stateOf(nodes.toReversed(), pods.toReversed()), turned)).toEqual(
          decide(stateOf(nodes, pods), forecasts),
        );
      }),
    );
  });
});
