import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlugInAnswer, ProposedMove } from '../../../common/contracts/index.ts';
import type { DecisionForecasts, DecisionState, EngineAnswer } from '../engines/engine.ts';
import { exposureOf } from '../engines/spot/exposure.ts';
import { spotEngine } from '../engines/spot/spot-engine.ts';
import { defaultPolicy } from '../policy.ts';
import { budgetOf, forecastsOf, GIB, nodeAt, podOn, smallTypes, stateOf } from '../small-cluster.fixture.ts';
import { judgeAnswer } from './judge-answer.ts';
import { madeCluster } from './made-clusters.ts';
import { readAnswer } from './run-plug-in.ts';

const cheap = forecastsOf({
  'm5.large/us-east-1a': 30_000,
  'm5.xlarge/us-east-1a': 60_000,
  'm5.large/us-east-1b': 20_000,
});
const five = ['a', 'b', 'c', 'd', 'e'].map(name => nodeAt(name));

function move(node: string, instanceType = 'm5.large', zone = 'us-east-1a'): ProposedMove {
  return { nodeUid: `uid-${node}`, target: { instanceType, zone, capacityType: 'spot' }, reasons: [] };
}

function judge(
  proposals: readonly ProposedMove[],
  state: DecisionState = stateOf(five, []),
  forecasts: DecisionForecasts = cheap,
  blocked: PlugInAnswer['blocked'] = [],
): EngineAnswer {
  return judgeAnswer('mine', { proposals: [...proposals], blocked }, state, forecasts, defaultPolicy);
}
const codes = (answer: EngineAnswer) => answer.refused?.map(({ reasons }) => reasons.map(({ code }) => code));

describe('what a plug-in proposes', () => {
  it('becomes the proposal of the built-in engine, to the dollar', () => {
    const builtIn = spotEngine.decide(stateOf(five, []), cheap, defaultPolicy).proposals[0];
    const { proposals, refused } = judge([move('a')]);
    expect(refused).toEqual([]);
    expect(proposals).toEqual([builtIn]);
    expect(proposals[0]?.cost.savingMicroUsdPerHour).toBeGreaterThan(0);
  });

  it('has its words beside ours, as one line without control characters', () => {
    const reasons = [{ code: 'why', text: 'because\n\u001b[31mI say so\ud800' }];
    const { proposals } = judge([{ ...move('a'), reasons }]);
    expect(proposals[0]?.reasons.at(-1)).toEqual({
      code: 'engine-why',
      text: 'mine: because [31mI say so\ufffd',
    });
  });

  const one = [nodeAt('a'), nodeAt('b')];
  it.each<[string, ProposedMove[], DecisionState, DecisionForecasts, string[][]]>([
    ['of a node that is not there', [move('z')], stateOf(five, []), cheap, [['unknown-node']]],
    [
      'twice for one node',
      [move('a'), move('a', 'm5.xlarge')],
      stateOf(five, []),
      cheap,
      [['proposed-twice'], ['proposed-twice']],
    ],
    [
      'into a type that is not in the catalog',
      [move('a', 'z9.huge')],
      stateOf(five, []),
      cheap,
      [['unknown-type']],
    ],
    ['into a pool without a price', [move('a', 'm6i.xlarge')], stateOf(five, []), cheap, [['unknown-price']]],
    ['into another zone', [move('a', 'm5.large', 'us-east-1b')], stateOf(five, []), cheap, [['other-zone']]],
    [
      'into a zone that is not there',
      [move('a', 'm5.large', 'mars-1a')],
      stateOf(five, []),
      cheap,
      [['unknown-price']],
    ],
    [
      'into a type that is too small',
      [move('a')],
      stateOf(five, [podOn('a', 'p', { requests: { cpuMilli: 3_000, memoryBytes: GIB } })]),
      cheap,
      [['does-not-fit']],
    ],
    [
      'that saves too little',
      [move('a')],
      stateOf(five, []),
      forecastsOf({ 'm5.large/us-east-1a': 190_000 }),
      [['saving-too-small']],
    ],
    [
      'of a node whose pods may not move',
      [move('a')],
      stateOf(five, [podOn('a', 'p')], { budgets: [budgetOf('web', { app: 'web' }, 0)] }),
      cheap,
      [['budget-exhausted']],
    ],
    [
      'of a node that somebody cordoned',
      [move('a')],
      stateOf([nodeAt('a', { cordoned: true }), nodeAt('b')], []),
      cheap,
      [['node-cordoned']],
    ],
    [
      'of a node of unknown price',
      [move('a')],
      stateOf([nodeAt('a', { priceMicroUsdPerHour: null }), nodeAt('b')], []),
      cheap,
      [['unknown-price']],
    ],
    [
      'of a node that an approved plan replaces already',
      [move('a')],
      {
        ...stateOf(five, []),
        underWay: [
          {
            removes: ['uid-a'],
            adds: [{ instanceType: 'm5.large', zone: 'us-east-1a', capacityType: 'spot' }],
          },
        ],
      },
      cheap,
      [['move-under-way']],
    ],
    ['of the last on-demand nodes', [move('a'), move('b')], stateOf(one, []), cheap, [['on-demand-floor']]],
    [
      'of more nodes than a pool may hold',
      five.slice(0, 3).map(({ name }) => move(name)),
      stateOf(five, []),
      cheap,
      [['pool-limit']],
    ],
    [
      'to where the node is already',
      [move('a', 'm5.xlarge')],
      stateOf([nodeAt('a', { capacityType: 'spot' }), ...five.slice(1)], []),
      cheap,
      [['no-move']],
    ],
    [
      'into another architecture',
      [move('a')],
      stateOf(five, []),
      { ...cheap, types: smallTypes.map(type => ({ ...type, arch: 'arm64' as const })) },
      [['other-architecture']],
    ],
  ])('is refused: %s', (_name, proposals, state, forecasts, expected) => {
    const answer = judge(proposals, state, forecasts);
    expect(codes(answer)).toEqual(expected);
    const refused = new Set(answer.refused?.map(({ node }) => node));
    expect(answer.proposals.filter(({ remove }) => remove.some(({ name }) => refused.has(name)))).toEqual([]);
  });

  it('is refused into a pool of unknown risk', () => {
    const pools = new Map(
      [...cheap.pools].map(([key, outlook]) => [
        key,
        { ...outlook, interruptionMaxPercentPerMonth: undefined },
      ]),
    );
    expect(codes(judge([move('a')], stateOf(five, []), { ...cheap, pools }))).toEqual([['unknown-risk']]);
  });

  it('leaves every other node where it is, with the reason that the plug-in gives', () => {
    const blocked = [{ nodeUid: 'uid-b', reasons: [{ code: 'quiet', text: 'Leave it.' }] }];
    const answer = judge([move('a')], stateOf(five, []), cheap, blocked);
    expect(answer.blocked.map(({ node, reasons }) => [node, reasons[0]?.code])).toEqual([
      ['b', 'quiet'],
      ['c', 'not-proposed'],
      ['d', 'not-proposed'],
      ['e', 'not-proposed'],
    ]);
  });

  it('keeps caps, floors and blockers whatever it is', () => {
    const { state, forecasts } = madeCluster('tried', 30, 10, 7);
    const places = [...forecasts.pools.values()].map(({ pool }) => pool);
    const wish = fc.record({
      node: fc.nat(state.nodes.length),
      place: fc.nat(places.length - 1),
      ownZone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 60 }), wishes => {
        const proposals = wishes.map(({ node, place, ownZone }): ProposedMove => {
          const pool = places[place];
          const found = state.nodes[node];
          const zone = (ownZone ? found?.zone : pool?.availabilityZone) ?? 'none';
          const target = { instanceType: pool?.instanceType ?? 'none', zone, capacityType: 'spot' as const };
          return { nodeUid: found?.uid ?? 'nobody', target, reasons: [] };
        });
        const answer = judge(proposals, state, forecasts);
        const accepted = new Set(answer.proposals.flatMap(({ remove }) => remove.map(({ uid }) => uid)));
        expect(accepted.size + (answer.refused?.length ?? 0)).toBe(proposals.length);
        const exposure = exposureOf(state.nodes, [], defaultPolicy);
        for (const {
          remove: [node],
          add: [target],
        } of answer.proposals) {
          if (!node || !target) throw new Error('a move replaces one node by one');
          expect(exposure.hasRoom(target)).toBe(true);
          if (node.capacityType === 'on-demand') expect(exposure.mayGiveUpOnDemand()).toBe(true);
          exposure.take(node, target);
          expect(state.nodes.find(({ uid }) => uid === node.uid)?.cordoned).toBe(false);
          expect(target.zone).toBe(node.zone);
        }
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});

describe('an answer', () => {
  it.each([
    ['is no JSON', '{', /no JSON/],
    ['has no proposals', '{}', /proposals/],
    ['is a list', '[]', /object/],
    ['is null', 'null', /object/],
    [
      'brings its own dollars',
      JSON.stringify({ proposals: [{ ...move('a'), cost: { savingMicroUsdPerHour: 1 } }] }),
      /cost/,
    ],
    [
      'wants on-demand',
      JSON.stringify({
        proposals: [{ ...move('a'), target: { ...move('a').target, capacityType: 'on-demand' } }],
      }),
      /spot/,
    ],
    [
      'has a reason without end',
      JSON.stringify({ proposals: [{ ...move('a'), reasons: [{ code: 'x', text: 'x'.repeat(501) }] }] }),
      /reasons/,
    ],
    ['reaches for prototypes', '{"proposals":[],"__proto__":{"isAdmin":true}}', /__proto__|unrecognized/i],
    [
      'has a proposal too many',
      JSON.stringify({ proposals: Array.from({ length: 20_001 }, () => move('a')) }),
      /proposals/,
    ],
  ])('is not used when it %s', (_name, text, reason) => {
    const run = readAnswer(text);
    expect(run).toMatchObject({ ok: false, isFault: false });
    expect(run.ok ? '' : run.reason).toMatch(reason);
  });
});
