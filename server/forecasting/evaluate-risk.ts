import type { RiskEvaluation } from '../../common/contracts/index.ts';
import { formatDuration, MS_PER_DAY } from '../../common/units/index.ts';
import { isSignificant, testGains } from './gain-by-time.ts';
import { persistenceMs } from './risk-baselines.ts';
import type { RiskOutcome, RiskOutcomes } from './risk-outcomes.ts';

/** A probability of the model beside those of simple rules, and what happened. */
export interface JudgedRisk extends RiskOutcome {
  readonly baseRate: number;
  readonly persistence: number;
  /** `undefined` where the advisor knows no band. */
  readonly advisor: number | undefined;
}

const FEWEST_POINTS = 100;
const FEWEST_TIMES = 12;
const FEWEST_INTERRUPTIONS = 10;
/** A probability of zero for something that happened would cost infinitely much. */
const SMALLEST_PROBABILITY = 1e-4;
/** Edges of the calibration table: interruptions are rare, so it is finest at the low end. */
const EDGES = [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1];

/**
 * Holds probabilities against the base rate, persistence and the advisor on the very same nodes: Brier score (G. W. Brier,
 * Monthly Weather Review 78 (1950) 1–3), its skill against each, and log loss. "Better" asks for a smaller Brier score than
 * both the base rate's (one-sided Diebold-Mariano test at 5 %) and persistence's.
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
  const brier = meanLoss(timed, squaredLoss, ofModel);
  const held = (list: readonly JudgedRisk[], of: (point: JudgedRisk) => number) => {
    const own = meanLoss(list, squaredLoss, of);
    const ofTheModel = meanLoss(list, squaredLoss, ofModel);
    return { brier: own, logLoss: meanLoss(list, logLoss, of), skill: own > 0 ? 1 - ofTheModel / own : null };
  };
  const baseRate = held(timed, point => point.baseRate);
  const persistence = held(timed, point => point.persistence);
  const advised = timed.filter(({ advisor }) => advisor !== undefined);
  const tooFew =
    timed.length < FEWEST_POINTS ||
    times.length < FEWEST_TIMES ||
    counts.interruptions < FEWEST_INTERRUPTIONS;
  const gainOf = (point: JudgedRisk) =>
    (squaredLoss(point, point.baseRate) - squaredLoss(point, ofModel(point))) / weightOf(point);
  const test = tooFew ? undefined : testGains(timed, gainOf, stepsAhead, weightOf);
  const beatsBaseRate = brier < baseRate.brier && isSignificant(test);
  const isBetter = beatsBaseRate && brier < persistence.brier;
  const figures = {
    ...counts,
    points: timed.length,
    pools: new Set(timed.map(({ prediction }) => prediction.pool)).size,
    fromMs: firstMs,
    toMs: times.at(-1) ?? firstMs,
    brier,
    logLoss: meanLoss(timed, logLoss, ofModel),
    baseRate,
    persistence,
    advisor:
      advised.length === 0
        ? null
        : { ...held(advised, point => point.advisor ?? Number.NaN), points: advised.length },
    calibration: calibrationOf(timed),
    verdict: tooFew ? ('too-few-points' as const) : isBetter ? ('better' as const) : ('no-better' as const),
  };
  return { ...figures, sentence: sentenceOf(figures, horizonHours, beatsBaseRate) };
}

const ofModel = (point: JudgedRisk) => point.prediction.probability;
const weightOf = (point: RiskOutcome) => point.interrupted + point.survived;

type Loss = (outcome: RiskOutcome, probability: number) => number;

const squaredLoss: Loss = ({ interrupted, survived }, probability) =>
  interrupted * (1 - probability) ** 2 + survived * probability ** 2;

const logLoss: Loss = ({ interrupted, survived }, probability) => {
  const p = Math.min(1 - SMALLEST_PROBABILITY, Math.max(SMALLEST_PROBABILITY, probability));
  return -interrupted * Math.log(p) - survived * Math.log1p(-p);
};

function meanLoss(points: readonly JudgedRisk[], loss: Loss, of: (point: JudgedRisk) => number): number {
  let sum = 0;
  let weight = 0;
  for (const point of points) {
    sum += loss(point, of(point));
    weight += weightOf(point);
  }
  return sum / weight;
}

/** Bins that hold any node, lowest first. */
function calibrationOf(points: readonly JudgedRisk[]): RiskEvaluation['calibration'] {
  const bins = EDGES.slice(0, -1).map((from, index) => {
    const to = EDGES[index + 1] ?? 1;
    const own = points.filter(point => {
      const probability = ofModel(point);
      return probability >= from && (probability < to || to === 1);
    });
    const weight = own.reduce((sum, point) => sum + weightOf(point), 0);
    const mean = (of: (point: JudgedRisk) => number) =>
      own.reduce((sum, point) => sum + of(point), 0) / weight;
    return {
      from,
      to,
      predicted: mean(point => weightOf(point) * ofModel(point)),
      observed: mean(point => point.interrupted),
      nodes: own.reduce((sum, point) => sum + point.interruptedNodes + point.survivedNodes, 0),
      interrupted: own.reduce((sum, point) => sum + point.interruptedNodes, 0),
    };
  });
  return bins.filter(({ nodes }) => nodes > 0);
}

function sentenceOf(
  risk: Omit<RiskEvaluation, 'sentence'>,
  horizonHours: number,
  beatsBaseRate: boolean,
): string {
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
  if (risk.verdict === 'better') {
    return `${compared}: better than both, so the model serves.`;
  }
  const reason = beatsBaseRate
    ? 'no better than persistence'
    : risk.brier < risk.baseRate.brier
      ? 'a gain over the base rate that may be chance'
      : 'no better than the base rate';
  return `${compared}: ${reason}, so the advisor's band serves.`;
}
