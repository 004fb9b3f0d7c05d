import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policyDocument } from '../../../common/contracts/index.ts';
import { spotEngine } from '../engines/spot/spot-engine.ts';
import { type DecisionPolicy, defaultPolicy } from '../policy.ts';
import { forecastsOf, nodeAt, podOn, stateOf } from '../small-cluster.fixture.ts';
import { memoryHold, rememberMoves } from './move-memory.ts';
import { type Disruption, disruptionOf } from './plan-disruption.ts';

const HOUR = 3_600_000;
const { memory } = policyDocument.parse({});

/** Every saving counts: nothing but the memory keeps nodes from following prices. */
const eager: DecisionPolicy = {
  ...defaultPolicy,
  minimumSavingShare: 0,
  minimumSpotToSpotSavingShare: 0,
  minimumSavingMicroUsdPerHour: 0,
  maximumPaybackMs: 365 * 24 * HOUR,
  overlapMs: 0,
  maximumPoolShare: 1,
  onDemandShare: 0,
  onDemandNodes: 0,
};

interface Move {
  readonly pod: string;
  readonly at: number;
  readonly from: string;
  readonly to: string;
}

/** Three Spot nodes for a day, a run each 20 minutes, prices around one level; who moved when, pods by what they stand for. */
function aDay(jitter: (run: number, pool: number) => number, hasMemory: boolean): Move[] {
  const types = ['m5.xlarge', 'm6i.xlarge', 'r5.xlarge'];
  let nodes = ['a', 'b', 'c'].map(name =>
    nodeAt(name, { capacityType: 'spot', priceMicroUsdPerHour: 40_000 }),
  );
  let pods = nodes.flatMap(({ name }) => [podOn(name, `${name}1-0`), podOn(name, `${name}2-0`)]);
  const history: Disruption[] = [];
  const moves: Move[] = [];
  for (let run = 0; run < 72; run++) {
    const nowMs = 1_000 * HOUR + run * 20 * 60_000;
    const prices = new Map(types.map((type, pool) => [type, Math.round(40_000 * jitter(run, pool))]));
    nodes = nodes.map(node => ({
      ...node,
      priceMicroUsdPerHour: prices.get(node.instanceType ?? '') ?? 0,
    }));
    const forecasts = forecastsOf(
      Object.fromEntries([...prices].map(([type, price]) => [`${type}/us-east-1a`, price])),
    );
    const { proposals } = spotEngine.decide(stateOf(nodes, pods), forecasts, eager);
    const created = new Map(pods.map(pod => [pod.uid, pod.createdAt]));
    const remembered = rememberMoves(history, memory, nowMs);
    for (const proposal of proposals) {
      const plan = disruptionOf({ ...proposal, id: `plan-${run}` });
      if (hasMemory && memoryHold(plan, remembered, memory, uid => created.get(uid), nowMs)) continue;
      const [old] = proposal.remove;
      const [target] = proposal.add;
      if (!old || !target) throw new Error('a Spot move has one of each');
      history.push({ ...plan, planId: `plan-${run}-${old.name}`, leftAt: new Map([[old.name, nowMs]]) });
      const name = `${old.name.split('.')[0]}.${run}`;
      const replaced = { ...target, name, uid: `uid-${name}`, capacityType: 'spot' as const };
      nodes = nodes.map(node => (node.uid === old.uid ? nodeAt(name, { ...pick(replaced) }) : node));
      pods = pods.map(pod => {
        if (pod.nodeName !== old.name) return pod;
        const [lineage = ''] = pod.name.split('-');
        moves.push({ pod: lineage, at: nowMs, from: old.instanceType, to: target.instanceType });
        return podOn(name, `${lineage}-${run + 1}`, { createdAt: Math.floor(nowMs / 1_000) * 1_000 });
      });
    }
  }
  return moves;
}

function pick({ instanceType, capacityType }: { instanceType: string; capacityType: 'spot' }) {
  return { instanceType, capacityType };
}

/** Returns to a pool within a day of leaving it. */
const returns = (moves: readonly Move[]) =>
  moves.filter(({ pod, at, to }) =>
    moves.some(
      before => before.pod === pod && before.at < at && at < before.at + 24 * HOUR && before.from === to,
    ),
  );
/** Moves of a pod within six hours of another one. */
const restless = (moves: readonly Move[]) =>
  moves.filter(({ pod, at }) =>
    moves.some(before => before.pod === pod && before.at < at && at < before.at + 6 * HOUR),
  );

/** Within 5 % of one, the same for the same seed. */
const jitterOf = (seed: number) => (run: number, pool: number) => {
  const mixed = Math.sin(seed * 12.9898 + run * 78.233 + pool * 37.719) * 43_758.5453;
  return 0.95 + 0.1 * (mixed - Math.floor(mixed));
};

describe('a day of prices within 5 % of each other', () => {
  it('moves no pod back to a pool that it left, and none twice within six hours', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), seed => {
        const moves = aDay(jitterOf(seed), true);
        expect(returns(moves)).toEqual([]);
        expect(restless(moves)).toEqual([]);
        expect(moves.length).toBeGreaterThan(0);
      }),
      { numRuns: 15 },
    );
  }, 120_000);

  it('drives nodes to and fro where nothing is remembered', () => {
    const moves = aDay(jitterOf(7), false);
    expect(returns(moves).length).toBeGreaterThan(10);
    expect(restless(moves).length).toBeGreaterThan(10);
  });
});

describe('the memory of moves', () => {
  const nowMs = 1_000 * HOUR;
  const node = {
    name: 'a',
    uid: 'u',
    instanceType: 'm5.large',
    zone: 'z',
    capacityType: 'spot' as const,
    nodePool: null,
  };
  const web = (uid: string) => ({
    namespace: 'shop',
    name: uid,
    uid,
    owner: 'Deployment/shop/web',
    from: 'a',
    to: null,
  });
  const plan = (change: Partial<Disruption>): Disruption => ({
    planId: 'p',
    kind: 'replace-node',
    nodes: [{ ...node, name: 'b', instanceType: 'm6i.large' }],
    roomy: [],
    targets: [{ instanceType: 'c5.large', zone: 'z', capacityType: 'spot' }],
    pods: [web('new')],
    startedAt: null,
    leftAt: new Map(),
    isUnderWay: false,
    hasFullEvidence: true,
    ...change,
  });
  const past = (hoursAgo: number) =>
    plan({
      planId: 'past',
      nodes: [node],
      pods: [web('old')],
      leftAt: new Map([['a', nowMs - hoursAgo * HOUR]]),
    });
  const hold = (one: Disruption, history: Disruption[], createdAt: number | undefined) =>
    memoryHold(one, rememberMoves(history, memory, nowMs), memory, () => createdAt, nowMs);

  it('says which pod, and when it may move again', () => {
    expect(hold(plan({}), [past(2)], nowMs - 2 * HOUR)).toEqual({
      code: 'moved-recently',
      text: 'Pod shop/new was moved 2 h ago; the policy leaves a pod alone for 6 h.',
      untilMs: nowMs + 4 * HOUR,
    });
    expect(hold(plan({}), [past(6)], nowMs - 6 * HOUR)).toBeUndefined();
  });

  it('keeps pods from the pool that they left for a day', () => {
    const back = plan({ targets: [node] });
    expect(hold(back, [past(7)], nowMs - 7 * HOUR)).toMatchObject({
      code: 'no-return',
      untilMs: nowMs + 17 * HOUR,
    });
    expect(hold(back, [past(24)], nowMs - 24 * HOUR)).toBeUndefined();
  });

  it('keeps pods that made room from the node that they left, and not from others of its kind', () => {
    const made = { ...past(7), nodes: [], roomy: [node] };
    const to = (name: string) => plan({ targets: [node], pods: [{ ...web('new'), from: 'b', to: name }] });
    expect(hold(to('a'), [made], nowMs - 7 * HOUR)).toEqual({
      code: 'no-return',
      text: 'Pod shop/new left node a 7 h ago; the policy lets nothing return within 1 d.',
      untilMs: nowMs + 17 * HOUR,
    });
    expect(hold(to('c'), [made], nowMs - 7 * HOUR)).toBeUndefined();
    expect(hold(to('c'), [{ ...made, leftAt: past(2).leftAt }], nowMs - 2 * HOUR)).toMatchObject({
      code: 'moved-recently',
    });
  });

  it('knows nothing of pods that are older than the move, of other workloads, and of pods that were not moved', () => {
    expect(hold(plan({}), [past(2)], nowMs - 3 * HOUR)).toBeUndefined();
    expect(
      hold(plan({ pods: [{ ...web('new'), owner: 'Deployment/shop/api' }] }), [past(2)], nowMs),
    ).toBeUndefined();
    expect(hold(plan({ pods: [web('old')] }), [past(2)], nowMs)).toBeUndefined();
    expect(hold(plan({}), [{ ...past(2), leftAt: new Map() }], nowMs)).toBeUndefined();
  });
});
