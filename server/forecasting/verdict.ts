import type { Evaluation } from '../../common/contracts/index.ts';
import type { DieboldMariano } from './diebold-mariano.ts';

const FEWEST_POINTS = 100;
const FEWEST_TIMES = 12;
const SIGNIFICANCE = 0.05;

/** Mean absolute errors on the same points, in USD per hour. */
export interface ComparedErrors {
  readonly points: number;
  readonly pools: number;
  /** Different made-at times. */
  readonly times: number;
  readonly maeUsd: number;
  readonly baselineMaeUsd: number;
}

/** Whether there is enough to judge at all. */
export function areTooFew({ points, times }: Pick<ComparedErrors, 'points' | 'times'>): boolean {
  return points < FEWEST_POINTS || times < FEWEST_TIMES;
}

/**
 * "Better" asks for a smaller mean absolute error and a one-sided Diebold-Mariano test at 5 %; anything else means that
 * persistence serves.
 * @param test `undefined` when it has no answer
 */
export function judge(errors: ComparedErrors, test: DieboldMariano | undefined): Evaluation['verdict'] {
  if (areTooFew(errors)) return 'too-few-points';
  const isSmaller = errors.maeUsd < errors.baselineMaeUsd;
  return isSmaller && test !== undefined && test.p < SIGNIFICANCE ? 'better' : 'no-better';
}

/** The verdict as a sentence. */
export function sentenceOf(
  verdict: Evaluation['verdict'],
  { points, pools, maeUsd, baselineMaeUsd }: ComparedErrors,
  test: DieboldMariano | undefined,
): string {
  if (verdict === 'too-few-points') {
    return `Only ${points.toLocaleString('en-US')} predictions can be compared so far, too few to judge; persistence ("the last price stays") serves.`;
  }
  // Errors are far below a cent: three digits tell them apart.
  const usd = (value: number) => `$${Number(value.toPrecision(3))}/h`;
  const compared = `On ${points.toLocaleString('en-US')} points of ${pools.toLocaleString('en-US')} pools the model is off by ${usd(maeUsd)} on average, persistence ("the last price stays") by ${usd(baselineMaeUsd)}`;
  if (verdict === 'better') {
    return `${compared}: ${Math.round((1 - maeUsd / baselineMaeUsd) * 100)} % better, so the model serves.`;
  }
  const reason =
    maeUsd < baselineMaeUsd ? `a gain that may be chance (p = ${(test?.p ?? 1).toFixed(2)})` : 'no gain';
  return `${compared}: ${reason}, so persistence serves.`;
}
