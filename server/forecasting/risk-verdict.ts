import type { RiskEvaluation } from '../../common/contracts/index.ts';
import type { DieboldMariano } from './diebold-mariano.ts';
import { isSignificant } from './gain-by-time.ts';

const FEWEST_POINTS = 100;
const FEWEST_TIMES = 12;
/** Fewer interruptions than this are too few to judge by. */
export const FEWEST_INTERRUPTIONS = 10;

/** Brier scores on the same points, and how much stands behind them. */
export interface ComparedRisk {
  readonly points: number;
  /** Different made-at times. */
  readonly times: number;
  /** Distinct ones, not the points at which one was ahead. */
  readonly interruptions: number;
  readonly brier: number;
  readonly baseRateBrier: number;
  readonly persistenceBrier: number;
}

/** Whether there is enough to judge at all. */
export function isRiskTooRare({
  points,
  times,
  interruptions,
}: Pick<ComparedRisk, 'points' | 'times' | 'interruptions'>): boolean {
  return points < FEWEST_POINTS || times < FEWEST_TIMES || interruptions < FEWEST_INTERRUPTIONS;
}

/** The baseline that is harder to beat: its gain is what has to be no chance. */
export function barOf({
  baseRateBrier,
  persistenceBrier,
}: Pick<ComparedRisk, 'baseRateBrier' | 'persistenceBrier'>): 'baseRate' | 'persistence' {
  return persistenceBrier < baseRateBrier ? 'persistence' : 'baseRate';
}

/**
 * "Better" asks for a smaller Brier score than both the base rate's and persistence's, and a one-sided Diebold-Mariano test of the gain
 * over the harder one of them at 5 %.
 * @param test of the gain over `barOf`; `undefined` when it has no answer
 */
export function judgeRisk(
  risk: ComparedRisk,
  test: DieboldMariano | undefined,
): { readonly verdict: RiskEvaluation['verdict']; readonly reason: string } {
  if (isRiskTooRare(risk)) return { verdict: 'too-few-points', reason: 'too few to judge' };
  const no = (reason: string) => ({ verdict: 'no-better' as const, reason });
  if (!(risk.brier < risk.baseRateBrier)) return no('no better than the base rate');
  if (!(risk.brier < risk.persistenceBrier)) return no('no better than persistence');
  if (isSignificant(test)) return { verdict: 'better', reason: 'better than both' };
  return no(`a gain over ${barOf(risk) === 'baseRate' ? 'the base rate' : 'persistence'} that may be chance`);
}
