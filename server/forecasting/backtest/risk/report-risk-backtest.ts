import type { RiskBacktestPoolRow, RiskBacktestReport } from '../../../../common/contracts/index.ts';
import { seededRandom } from '../../../../common/seeded-random.ts';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../../../common/units/index.ts';
import { dieboldMariano } from '../../diebold-mariano.ts';
import type { ProbabilityScores } from '../../probability-scores.ts';
import { barOf, isRiskTooRare, judgeRisk } from '../../risk-verdict.ts';
import { blockBootstrap } from '../metrics/block-bootstrap.ts';
import { type Embargoed, embargoOf, isoTime, stretchesOf } from '../report-parts.ts';
import type { Origins } from './pool-availability.ts';
import type { RiskForecaster } from './risk-forecaster.ts';
import type { RiskTally } from './run-risk-backtest.ts';

/** What a report says besides the sums. */
export interface RiskReportFacts extends Embargoed {
  readonly forecaster: RiskForecaster;
  readonly stepMs: number;
  readonly origins: Origins;
  readonly nodes: number;
  /** Pools in the recordings. */
  readonly poolsRecorded: number;
  readonly notes: readonly string[];
}

/** The same input always gives the same interval. */
const SEED = 1;

/** The report of a backtest of probabilities, from its sums. */
export function reportRiskBacktest(tally: RiskTally, facts: RiskReportFacts): RiskBacktestReport {
  const { forecaster, stepMs, timesMs, origins, nodes, poolsRecorded } = facts;
  const { model, baseRate, persistence } = tally.totals;
  const counted = [...timesMs.keys()].filter(place => (tally.pointsAt[place] ?? 0) > 0);
  const interruptions = tally.pools.reduce((sum, pool) => sum + pool.interruptions, 0);
  const compared = {
    points: model.points,
    times: counted.length,
    interruptions,
    brier: model.brier,
    baseRateBrier: baseRate.brier,
    persistenceBrier: persistence.brier,
  };
  const stepsAhead = forecaster.horizonMs / stepMs;
  const test = isRiskTooRare(compared)
    ? undefined
    : dieboldMariano(gains(tally, barOf(compared), counted), stepsAhead);
  const judged = judgeRisk(compared, test);
  const verdict: RiskBacktestReport['verdict'] = forecaster.isBaseline ? 'baseline' : judged.verdict;
  const figures = {
    task: 'interruption' as const,
    model: forecaster.name,
    horizonHours: forecaster.horizonMs / MS_PER_HOUR,
    pools: tally.pools.length,
    points: model.points,
    happened: model.happened,
    interruptions,
    brier: model.brier,
    logLoss: model.logLoss,
    baseRate: heldAgainst(model, baseRate),
    persistence: heldAgainst(model, persistence),
    parts: model.parts,
    calibrationError: model.calibrationError,
    calibration: model.calibration.map(({ meanForecast, ...bin }) => ({ ...bin, predicted: meanForecast })),
    dieboldMariano: test ?? null,
    intervals: intervalsOf(tally, counted, stepsAhead),
    verdict,
  };
  return {
    ...figures,
    sentence: sentenceOf(figures, judged.reason),
    origins,
    nodes,
    from: isoTime(timesMs[counted[0] ?? 0] ?? 0),
    to: isoTime(timesMs[counted.at(-1) ?? 0] ?? 0),
    stepMinutes: stepMs / MS_PER_MINUTE,
    embargo: embargoOf(tally.pointsAt, facts),
    leftOut: {
      ...tally.leftOut,
      pools: poolsRecorded - tally.pools.length,
      unknownFeatures: [...forecaster.unknownFeatures]
        .map(([feature, rows]) => ({ feature, rows }))
        .sort((a, b) => b.rows - a.rows),
    },
    timeline: stretchesOf(timesMs, tally.pointsAt).map(({ at, points, meanOf }) => ({
      at,
      points,
      brier: meanOf(tally.modelErrorAt),
      baseRateBrier: meanOf(tally.baseRateErrorAt),
      persistenceBrier: meanOf(tally.persistenceErrorAt),
    })),
    notes: [...facts.notes],
  };
}

/** One row for each pool with points, the one that is farthest behind the base rate first. */
export function riskPoolRows({ pools }: RiskTally): RiskBacktestPoolRow[] {
  return pools
    .map(({ pool, scores: { model, baseRate, persistence }, interruptions }) => ({
      pool,
      points: model.points,
      happened: model.happened,
      interruptions,
      predicted: model.meanForecast,
      observed: model.baseRate,
      brier: model.brier,
      baseRateBrier: baseRate.brier,
      persistenceBrier: persistence.brier,
      skillAgainstBaseRate: model.skillAgainst(baseRate.brier),
      skillAgainstPersistence: model.skillAgainst(persistence.brier),
    }))
    .sort((a, b) => b.brier - b.baseRateBrier - (a.brier - a.baseRateBrier) || (a.pool < b.pool ? -1 : 1));
}

function heldAgainst(model: ProbabilityScores, baseline: ProbabilityScores): RiskBacktestReport['baseRate'] {
  const { brier, logLoss } = baseline;
  return { brier, logLoss, skill: model.skillAgainst(brier) };
}

/** Pools go together, so their points at one time are one observation: their mean gain over a baseline. */
function gains(tally: RiskTally, over: 'baseRate' | 'persistence', counted: readonly number[]): number[] {
  const { modelErrorAt, pointsAt } = tally;
  const barErrorAt = over === 'baseRate' ? tally.baseRateErrorAt : tally.persistenceErrorAt;
  return counted.map(
    place => ((barErrorAt[place] ?? 0) - (modelErrorAt[place] ?? 0)) / (pointsAt[place] ?? 1),
  );
}

function intervalsOf(
  tally: RiskTally,
  counted: readonly number[],
  stepsAhead: number,
): RiskBacktestReport['intervals'] {
  const { modelErrorAt, baseRateErrorAt, persistenceErrorAt, pointsAt } = tally;
  const columns = [modelErrorAt, baseRateErrorAt, persistenceErrorAt, pointsAt].map(column =>
    Float64Array.from(counted, place => column[place] ?? 0),
  );
  // Blocks are as long as the horizon, within which outcomes overlap.
  const block = Math.max(stepsAhead, Math.cbrt(counted.length));
  const interval = (statistic: (sums: Float64Array) => number) =>
    blockBootstrap(columns, statistic, block, seededRandom(SEED)) ?? null;
  return {
    brier: interval(([model = 0, , , points = 0]) => model / points),
    skillAgainstBaseRate: interval(([model = 0, base = 0]) => 1 - model / base),
    skillAgainstPersistence: interval(([model = 0, , stays = 0]) => 1 - model / stays),
  };
}

type Figures = Pick<
  RiskBacktestReport,
  | 'points'
  | 'pools'
  | 'interruptions'
  | 'horizonHours'
  | 'brier'
  | 'baseRate'
  | 'persistence'
  | 'verdict'
  | 'model'
>;

function sentenceOf(figures: Figures, reason: string): string {
  const { points, pools, interruptions, verdict, brier, baseRate, persistence, model } = figures;
  const seen = `${counted(points, 'point')} of ${counted(pools, 'pool')} with ${counted(interruptions, 'interruption')}`;
  if (verdict === 'too-few-points') return `Only ${seen} can be compared, too few to judge.`;
  const bars = `that of the base rate ${score(baseRate.brier)}, of persistence (what cannot be had now goes on to be away) ${score(persistence.brier)}`;
  if (verdict === 'baseline')
    return `This is the bar: on ${seen} the Brier score of ${model} is ${score(brier)}, ${bars}.`;
  return `On ${seen} the model's Brier score is ${score(brier)}, ${bars}: ${reason}.`;
}

function counted(value: number, one: string): string {
  return `${value.toLocaleString('en-US')} ${one}${value === 1 ? '' : 's'}`;
}

function score(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}
