import { describe, expect, it } from 'vitest';
import {
  type EngineExperiment,
  type EngineGuardrailResult,
  engineExperimentResult,
} from '../../../common/contracts/index.ts';
import { MS_PER_HOUR } from '../../../common/units/index.ts';
import type { EngineAnswer, Proposal } from '../engines/engine.ts';
import { hourOf, judgeTrials } from './judge-trials.ts';
import { figuresOf } from './trial-figures.ts';
import type { ArmTotals, TrialTotals } from './trial-store.ts';

const experiment: EngineExperiment = {
  id: 'x',
  championId: 'spot',
  challengerId: 'new',
  championName: 'spot',
  challengerName: 'new 1.0.0',
  challengerParameters: {},
  rule: { experimentId: 'x', mode: 'shadow', unit: 'cluster', challengerShare: 0, salt: 's' },
  alpha: 0.05,
  guardrails: { invalidAnswers: 3, overruns: 2, refusedShare: 0.2, movesFactor: 3 },
  startedAt: 1_000,
  startedBy: 'Ann',
  endedAt: null,
  endedBy: null,
  outcome: 'running',
  endReason: null,
};
const armOf = (change: Partial<ArmTotals> = {}): ArmTotals => ({
  clusters: 2,
  runs: 100,
  savedMicroUsdPerHour: 100_000_000,
  savedShare: 10,
  moves: 50,
  ...change,
});
const totalsOf = (change: Partial<TrialTotals> = {}): TrialTotals => ({
  runs: 100,
  compared: 100,
  champion: armOf(),
  challenger: armOf({ savedShare: 12 }),
  proposals: 300,
  refused: 0,
  invalidAnswers: 0,
  overruns: 0,
  failureReason: null,
  ...change,
});
/** Hours around a mean, by turns above and below. */
const hoursOf = (count: number, mean: number, spread = 0.01) =>
  Array.from({ length: count }, (_, hour) => ({ hour, value: mean + (hour % 2 === 0 ? spread : -spread) }));
const judge = (
  hours: ReturnType<typeof hoursOf>,
  totals = totalsOf(),
  change: Partial<EngineExperiment> = {},
) => judgeTrials({ ...experiment, ...change }, hours, totals, 9_000_000);

describe('an experiment between engines', () => {
  it('says nothing before there are enough hours', () => {
    const result = judge(hoursOf(19, 0.3));
    expect(result).toMatchObject({
      verdict: 'too-few',
      hours: 19,
      lower: null,
      hoursLeft: null,
      runsLeft: null,
    });
    expect(result.sentence).toBe(
      '100 runs compared, and 19 hours with runs over; from 20 such hours on there is something to say.',
    );
    expect(judge([], totalsOf({ compared: 0 })).sentence).toBe('No run has been compared yet.');
  });

  it('finds who saves more, either way, with bounds that hold at all times', () => {
    const better = judge(hoursOf(40, 0.02));
    expect(engineExperimentResult.parse(better)).toEqual(better);
    expect(better).toMatchObject({ verdict: 'challenger-better', hoursLeft: 0, runsLeft: 0 });
    expect(better.lower).toBeGreaterThan(0);
    expect(better.series[39]?.atMs).toBe(1_000 + 40 * MS_PER_HOUR);
    expect(better.sentence).toBe(
      'Over 100 runs in 40 hours the challenger proposes to save 12 % of the cost on average, the champion 10 %: the challenger saves more.',
    );
    expect(judge(hoursOf(40, -0.02)).verdict).toBe('champion-better');
  });

  it('says how many more runs it may take, at the rate so far', () => {
    const result = judge(hoursOf(40, 0.004, 0.02));
    expect(result.verdict).toBe('undecided');
    expect(result.hoursLeft).toBeGreaterThan(0);
    expect(result.runsLeft).toBe(Math.ceil((result.hoursLeft ?? 0) * 2.5));
    expect(result.sentence).toMatch(/undecided so far; it may take [\d,]+ more runs in [\d,]+ hours/);
    expect(judge(hoursOf(40, 0)).sentence).toMatch(/when it will be decided cannot be foreseen/);
  });

  it('makes up no verdict in an A/B', () => {
    const rule = { ...experiment.rule, mode: 'ab' as const };
    expect(judge([], totalsOf(), { rule })).toMatchObject({ verdict: 'unknown', hoursLeft: null });
  });

  it('has no figure for a side that was not asked', () => {
    const nothing = { clusters: 0, runs: 0, savedMicroUsdPerHour: 0, savedShare: 0, moves: 0 };
    expect(judge([], totalsOf({ champion: nothing })).champion).toEqual({
      clusters: 0,
      runs: 0,
      savedMicroUsdPerHour: null,
      savedShare: null,
      movesPerUsdPerHour: null,
    });
  });
});

describe('guardrails', () => {
  const breachedBy = (change: Partial<TrialTotals>): EngineGuardrailResult['name'][] =>
    judge(hoursOf(5, 0), totalsOf(change)).guardrails.flatMap(({ name, breached }) =>
      breached ? [name] : [],
    );
  const cases: [string, Partial<TrialTotals>, Partial<TrialTotals>][] = [
    ['invalid-answers', { invalidAnswers: 2 }, { invalidAnswers: 3 }],
    ['deadline-overruns', { overruns: 1 }, { overruns: 2 }],
    ['refused-moves', { proposals: 80, refused: 20 }, { proposals: 79, refused: 21 }],
    ['moves-per-dollar', { challenger: armOf({ moves: 150 }) }, { challenger: armOf({ moves: 151 }) }],
  ];
  it.each(cases)('%s end it at their limit, and not before', (name, kept, passed) => {
    expect(breachedBy(kept)).toEqual([]);
    expect(breachedBy(passed)).toEqual([name]);
    const result = judge(hoursOf(5, 0), totalsOf(passed));
    expect(result.sentence).toBe(result.guardrails.find(({ breached }) => breached)?.sentence);
  });

  it('wait for enough moves and runs, and know a challenger that moves pods for nothing', () => {
    expect(breachedBy({ proposals: 0, refused: 19 })).toEqual([]);
    expect(breachedBy({ challenger: armOf({ moves: 1_000, runs: 19 }) })).toEqual([]);
    expect(breachedBy({ challenger: armOf({ savedMicroUsdPerHour: 0 }) })).toEqual(['moves-per-dollar']);
    expect(breachedBy({ champion: armOf({ moves: 0 }) })).toEqual([]);
  });
});

describe('figures of an answer', () => {
  const answerOf = (...savings: number[]): EngineAnswer => ({
    proposals: savings.map(
      savingMicroUsdPerHour => ({ cost: { savingMicroUsdPerHour }, pods: [{}, {}] }) as unknown as Proposal,
    ),
    blocked: [],
    refused: [{ node: 'a', target: 'b', reasons: [] }],
    nodesConsidered: 1,
    unknownPrices: 0,
    unknownRisks: 0,
    costNowMicroUsdPerHour: 100,
    costAfterMicroUsdPerHour: 50,
  });

  it('are sums, with the saving as a part of what is paid and never more than that', () => {
    expect(figuresOf(answerOf(20, 30), 100)).toEqual({
      savedMicroUsdPerHour: 50,
      savedShare: 0.5,
      moves: 4,
      proposals: 2,
      refused: 1,
    });
    expect(figuresOf(answerOf(80, 80), 100).savedShare).toBe(1);
    expect(figuresOf(answerOf(20), null).savedShare).toBeNull();
    expect(figuresOf(answerOf(20), 0).savedShare).toBeNull();
  });
});

it('counts hours from the start of the experiment', () => {
  expect(hourOf(experiment, 1_000)).toBe(0);
  expect(hourOf(experiment, 1_000 + MS_PER_HOUR - 1)).toBe(0);
  expect(hourOf(experiment, 1_000 + MS_PER_HOUR)).toBe(1);
});
