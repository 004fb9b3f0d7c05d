import type { RiskEvaluation } from '../../common/contracts/index.ts';
import { formatDuration, MS_PER_DAY } from '../../common/units/index.ts';
import { testGains } from './gain-by-time.ts';
import { ProbabilityScores, RISK_EDGES, squaredLoss } from './probability-scores.ts';
import { persistenceMs } from './risk-baselines.ts';
import type { RiskOutcome, RiskOutcomes } from './risk-outcomes.ts';
import { barOf, FEWEST_INTERRUPTIONS, isRiskTooRare, judgeRisk } from './risk-verdict.ts';

/** A probability of the model beside those of simple rules, and what happened. */
export interface JudgedRisk extends RiskOutcome {
  readonly baseRate: number;
  readonly persistence: number;
  /** `undefined` where the advisor knows no band. */
  readonly advisor: number | undefined;
}

/**
 * Holds probabilities against the base rate, persistence and the advisor on the very same nodes: Brier score, its skill against
 * each, and log loss; see `ProbabilityScores` and `judgeRisk`.
 * @param stepsAhead horizon in steps between made-at times
 * @returns `null` without points
 */
export function evaluateRisk(
  points: readonly JudgedRisk[],
  counts: Pick<RiskOutcomes, 'nodes' | 'interruptions' | 'censored'>,
  stepsAhead: number,
  horizonHours: number,
): RiskEvaluation | null {
  const timed = points.map(point => ({ ...point, madeAt: point.prediction.madeAt }));
  const times = [...new Set(timed.map(({ madeAt }) => madeAt))].sort((a, b) => a - b);
  const [firstMs] = times;
  if (firstMs === undefined) return null;
  const own = scoresOf(timed, ofModel);
  const held = (list: readonly JudgedRisk[], of: (point: JudgedRisk) => number) => {
    const { brier, logLoss } = scoresOf(list, of);
    return { brier, logLoss, skill: scoresOf(list, ofModel).skillAgainst(brier) };
  };
  const baseRate = held(timed, point => point.baseRate);
  const persistence = held(timed, point => point.persistence);
  const advised = timed.filter(({ advisor }) => advisor !== undefined);
  const compared = {
    points: timed.length,
    times: times.length,
    interruptions: counts.interruptions,
    brier: own.brier,
    baseRateBrier: baseRate.brier,
    persistenceBrier: persistence.brier,
  };
  const bar = barOf(compared);
  const gainOf = (point: JudgedRisk) =>
    (lossOf(point, point[bar]) - lossOf(point, ofModel(point))) / weightOf(point);
  const test = isRiskTooRare(compared) ? undefined : testGains(timed, gainOf, stepsAhead, weightOf);
  const { verdict, reason } = judgeRisk(compared, test);
  const figures = {
    ...counts,
    points: timed.length,
    pools: new Set(timed.map(({ prediction }) => prediction.pool)).size,
    fromMs: firstMs,
    toMs: times.at(-1) ?? firstMs,
    brier: own.brier,
    logLoss: own.logLoss,
    baseRate,
    persistence,
    advisor:
      advised.length === 0
        ? null
        : { ...held(advised, point => point.advisor ?? Number.NaN), points: advised.length },
    calibration: own.calibration.map(({ from, to, meanForecast, observed, points: nodes, happened }) => ({
      from,
      to,
      predicted: meanForecast,
      observed,
      nodes,
      interrupted: happened,
    })),
    verdict,
  };
  return { ...figures, sentence: sentenceOf(figures, horizonHours, reason) };
}

const ofModel = (point: JudgedRisk) => point.prediction.probability;
const weightOf = (point: RiskOutcome) => point.interrupted + point.survived;
const lossOf = ({ interrupted, survived }: RiskOutcome, probability: number) =>
  squaredLoss(probability, interrupted, survived);

function scoresOf(points: readonly JudgedRisk[], of: (point: JudgedRisk) => number): ProbabilityScores {
  const scores = new ProbabilityScores(RISK_EDGES);
  for (const point of points) {
    const { interrupted, survived, interruptedNodes, survivedNodes } = point;
    scores.addWeighted(of(point), interrupted, survived, interruptedNodes, survivedNodes);
  }
  return scores;
}

function sentenceOf(risk: Omit<RiskEvaluation, 'sentence'>, horizonHours: number, reason: string): string {
  const count = (value: number, one: string) =>
    `${value.toLocaleString('en-US')} ${one}${value === 1 ? '' : 's'}`;
  const seen = `${count(risk.interruptions, 'interruption')} of ${count(risk.nodes, 'Spot node')} in ${count(risk.pools, 'pool')}`;
  if (risk.verdict === 'too-few-points') {
    return `Only ${seen} can be compared so far, too few to judge (from ${FEWEST_INTERRUPTIONS} interruptions on); the advisor's band serves.`;
  }
  const score = (value: number) => `${Number(value.toPrecision(3))}`;
  const recentMs = persistenceMs(horizonHours);
  const recent = recentMs === MS_PER_DAY ? 'the last day' : `the last ${formatDuration(recentMs)}`;
  const compared = `On ${seen} the model's Brier score is ${score(risk.brier)}, that of the base rate ${score(risk.baseRate.brier)}, of persistence (what ${recent} did to the pool goes on) ${score(risk.persistence.brier)}`;
  return `${compared}: ${reason}, so ${risk.verdict === 'better' ? 'the model' : "the advisor's band"} serves.`;
}
