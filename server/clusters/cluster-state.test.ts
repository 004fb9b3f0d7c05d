import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AgentMessageBody,
  type InventoryObject,
  inventoryKey,
} from '../../common/agent-protocol/index.ts';
import { InventoryState } from './cluster-state.ts';
import { summarize, viewNode, viewPod } from './cluster-views.ts';
import { mergeInventory } from './merge-inventory.ts';
import { nodeFacts } from './node-facts.ts';
import { readBatch } from './read-cursor.ts';
import { delta, messages, snapshot, testNode, testPod } from './testing/test-objects.ts';

const noPrice = () => ({ unknown: 'no price' });

function viewOf(state: InventoryState) {
  return {
    nodes: [...state.nodes.values()]
      .map(node => viewNode(state, node, noPrice))
      .sort((a, b) => a.name.localeCompare(b.name)),
    pods: [...state.pods.values()]
      .map(pod => viewPod(state, pod))
      .sort((a, b) => a.name.localeCompare(b.name)),
    budgets: new Map([...state.budgets].sort()),
    workloads: new Map([...state.workloads].sort()),
    figures: summarize(state, noPrice),
  };
}

const names = fc.constantFrom('a', 'b', 'c');
const anyObject: fc.Arbitrary<InventoryObject> = fc.oneof(
  fc
    .record({ name: names, unschedulable: fc.boolean() })
    .map(({ name, unschedulable }) => testNode(name, { unschedulable })),
  fc
    .record({
      name: names,
      node: fc.option(names),
      cpuMilli: fc.nat(9),
      phase: fc.constantFrom('Pending', 'Running', 'Succeeded'),
      uid: fc.nat(2),
    })
    .map(({ name, node, cpuMilli, phase, uid }) =>
      testPod(name, node, { phase, uid: `${uid}`, requests: { cpuMilli, memoryBytes: cpuMilli } }),
    ),
  fc.record({ name: names, disruptionsAllowed: fc.nat(2) }).map(({ name, disruptionsAllowed }) => ({
    kind: 'PodDisruptionBudget' as const,
    namespace: 'shop',
    name,
    uid: name,
    selector: {},
    minAvailable: '1',
    maxUnavailable: null,
    disruptionsAllowed,
    currentHealthy: 1,
    desiredHealthy: 1,
    expectedPods: 1,
  })),
  fc.record({ name: names, replicas: fc.nat(3) }).map(({ name, replicas }) => ({
    kind: 'Deployment' as const,
    namespace: 'shop',
    name,
    uid: name,
    replicas,
    readyReplicas: 0,
    ownerKind: null,
    ownerName: null,
  })),
);
const anyBody: fc.Arbitrary<AgentMessageBody> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.array(anyObject, { maxLength: 4 }), fc.array(anyObject.map(inventoryKey), { maxLength: 3 }))
      .map(([upserts, removals]) => delta(upserts, removals)),
  },
  { weight: 1, arbitrary: fc.array(anyObject, { maxLength: 5 }).map(objects => snapshot(...objects)) },
);

/** The plainest reading of the protocol: a table of objects by key. */
function tableOf(bodies: readonly AgentMessageBody[]): Map<string, InventoryObject> {
  let table = new Map<string, InventoryObject>();
  for (const body of bodies) {
    if (body.kind === 'inventory.snapshot') table = new Map(body.objects.map(o => [inventoryKey(o), o]));
    if (body.kind !== 'inventory.delta') continue;
    for (const key of body.removals) table.delete(key);
    for (const object of body.upserts) table.set(inventoryKey(object), object);
  }
  return table;
}

describe('InventoryState', () => {
  it('equals a snapshot of the final state after any sequence of deltas and snapshots, however batched', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyBody, { maxLength: 4 }), { maxLength: 8 }), batches => {
        const stepwise = new InventoryState();
        for (const batch of batches) stepwise.apply(mergeInventory(stepwise.objects, messages(1, ...batch)));
        const final = tableOf(batches.flat());
        const atOnce = new InventoryState();
        atOnce.apply(mergeInventory(atOnce.objects, messages(1, snapshot(...final.values()))));
        expect(new Map([...stepwise.objects].sort())).toEqual(new Map([...final].sort()));
        expect(viewOf(stepwise)).toEqual(viewOf(atOnce));
      }),
      { numRuns: 500 },
    );
  });

  it('tells what a step touches: the pod, and the nodes it left and came to', () => {
    const state = new InventoryState();
    const step = (body: AgentMessageBody) => state.apply(mergeInventory(state.objects, messages(1, body)));
    step(snapshot(testNode('a'), testNode('b'), testNode('c'), testPod('p', 'a')));
    expect(step(delta([testPod('p', 'b')]))).toEqual({
      nodes: new Set(['a', 'b']),
      pods: new Set(['shop/p']),
    });
    expect(state.requestedOn('a').pods).toBe(0);
    expect(state.requestedOn('b')).toEqual({ cpuMilli: 500, memoryBytes: 1_000_000_000, pods: 1 });
    // Nothing is new in a repeated snapshot.
    expect(step(snapshot(testNode('a'), testNode('b'), testNode('c'), testPod('p', 'b')))).toEqual({
      nodes: new Set(),
      pods: new Set(),
    });
  });

  it('shows usage only of the object it was measured on', () => {
    const state = new InventoryState();
    const step = (body: AgentMessageBody) => state.apply(mergeInventory(state.objects, messages(1, body)));
    const used = { cpuMilli: 7, memoryBytes: 8 };
    step(snapshot(testNode('a'), testPod('p', 'a')));
    state.applyUsage(
      {
        kind: 'usage',
        nodes: [
          { name: 'a', used },
          { name: 'gone', used },
        ],
        pods: [{ namespace: 'shop', name: 'p', used }],
      },
      1_000,
    );
    step(delta([testPod('p', 'a', { ready: false })]));
    expect(viewOf(state)).toMatchObject({ nodes: [{ used }], pods: [{ used }] });
    step(delta([testPod('p', 'a', { uid: 'anew' })]));
    expect(viewOf(state)).toMatchObject({ pods: [{ used: null }] });
    expect(state.nodeUsage.has('gone')).toBe(false);
  });
});

it('keeps of every pod and container what the last report of it said', () => {
  const used = fc.record({ cpuMilli: fc.nat(9), memoryBytes: fc.nat(9) });
  const container = fc.record({ name: fc.constantFrom('app', 'proxy', 'other'), used });
  const told = fc.record({
    name: fc.constantFrom('p', 'q', 'r'),
    used,
    containers: fc.option(fc.array(container, { maxLength: 3 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(fc.array(told, { maxLength: 3 }), { maxLength: 10 }), reports => {
      const state = new InventoryState();
      state.apply(
        mergeInventory(state.objects, messages(1, snapshot(testPod('p', null), testPod('q', null)))),
      );
      const last = new Map<string, unknown>();
      for (const [at, pods] of reports.entries()) {
        const frozen = structuredClone(pods);
        const report = pods.map(one => ({ namespace: 'shop', ...one })) as never;
        state.applyUsage({ kind: 'usage', nodes: [], pods: report }, at);
        expect(pods).toEqual(frozen);
        for (const { name, used, containers } of frozen)
          if (name !== 'r') last.set(`shop/${name}`, { at, used, containers });
      }
      expect(state.podMeasures).toEqual(last);
    }),
  );
});

describe('readBatch', () => {
  it('lets every message through once, whatever is sent again', () => {
    fc.assert(
      fc.property(
        fc.nat(20),
        fc.array(fc.tuple(fc.nat(20), fc.nat(8)), { maxLength: 20 }),
        (size, resends) => {
          const all = messages(1, snapshot(), ...Array.from({ length: size }, () => delta([])));
          let cursor = { bootEpoch: 0, ackedSeq: 0, needsSnapshot: true };
          const seen: number[] = [];
          for (const [back, length] of [...resends, [all.length, all.length] as const]) {
            const from = Math.max(0, cursor.ackedSeq - back);
            const part = all.slice(from, from + length);
            if (part.length === 0) continue;
            const read = readBatch(cursor, { bootEpoch: 1, messages: part });
            if (read === 'superseded') throw new Error('not expected');
            seen.push(...read.fresh.map(message => message.seq));
            cursor = read.cursor;
          }
          const rest = readBatch(cursor, { bootEpoch: 1, messages: all });
          if (rest === 'superseded') throw new Error('not expected');
          seen.push(...rest.fresh.map(message => message.seq));
          expect(seen).toEqual(all.map(message => message.seq));
          expect(rest.cursor).toEqual({ bootEpoch: 1, ackedSeq: all.length, needsSnapshot: false });
        },
      ),
    );
  });
});

describe('nodeFacts', () => {
  const facts = (labels: Record<string, string>, providerId: string | null = null) =>
    nodeFacts({ labels, providerId });

  it('reads the capacity type of Karpenter, EKS and lifecycle labels, and does not guess', () => {
    expect(facts({ 'karpenter.sh/capacity-type': 'spot' }).capacityType).toBe('spot');
    expect(facts({ 'eks.amazonaws.com/capacityType': 'ON_DEMAND' }).capacityType).toBe('on-demand');
    expect(facts({ 'eks.amazonaws.com/capacityType': 'SPOT' }).capacityType).toBe('spot');
    expect(facts({ lifecycle: 'Ec2Spot' }).capacityType).toBe('spot');
    expect(facts({ 'node-lifecycle': 'on-demand' }).capacityType).toBe('on-demand');
    expect(facts({ 'karpenter.sh/capacity-type': 'reserved' }).capacityType).toBe('unknown');
    expect(facts({}).capacityType).toBe('unknown');
  });

  it('finds zone and region in the provider id where labels are missing', () => {
    expect(facts({}, 'aws:///us-gov-west-1b/i-1')).toMatchObject({
      zone: 'us-gov-west-1b',
      region: 'us-gov-west-1',
    });
    expect(facts({}, 'kind://docker/kind/node')).toMatchObject({ zone: null, region: null });
  });
});
