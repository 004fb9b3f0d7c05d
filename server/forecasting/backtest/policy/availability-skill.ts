import type { PolicyReport } from '../../../../common/contracts/index.ts';
import { MS_PER_HOUR } from '../../../../common/units/index.ts';
import { ProbabilityScores } from '../../probability-scores.ts';
import type { CapacityTrace } from './capacity-trace.ts';

const HORIZON_MS = MS_PER_HOUR;

/**
 * How well simple forecasts foresee whether a pool can be had in an hour, from what each pool showed before: the bar for a model of
 * risk. *Persistence* says that it stays as it is; *base rate* how often it could be had so far; *transition rate* how often it could
 * be had an hour after it had been as it is now (Laplace's rule of succession for both).
 * @returns nothing for traces that never change
 */
export function availabilitySkill(
  traces: readonly CapacityTrace[],
): NonNullable<PolicyReport['availability']> {
  const scores = {
    persistence: new ProbabilityScores(),
    base: new ProbabilityScores(),
    transition: new ProbabilityScores(),
  };
  for (const { spot, stepMs } of traces) {
    const lag = Math.max(1, Math.round(HORIZON_MS / stepMs));
    for (const prices of spot) scorePool(prices, lag, scores);
  }
  const { persistence, base, transition } = scores;
  if (persistence.points === 0 || persistence.brierOfBaseRate === 0) return [];
  const entry = (name: string, sentence: string, own: ProbabilityScores) => ({
    name,
    sentence,
    brier: own.brier,
    skillAgainstBaseRate: own.skillAgainst(base.brier),
    skillAgainstPersistence: own.skillAgainst(persistence.brier),
    calibrationError: own.calibrationError,
    calibration: own.calibration.map(({ meanForecast, observed, points }) => ({
      meanForecast,
      observed,
      points,
    })),
  });
  return [
    entry('persistence', 'in an hour it is as it is now', persistence),
    entry('base rate', 'as often as it could be had so far', base),
    entry('transition rate', 'as often as so far an hour after it was as it is now', transition),
  ];
}

function scorePool(
  prices: Float64Array,
  lag: number,
  scores: Readonly<Record<'persistence' | 'base' | 'transition', ProbabilityScores>>,
): void {
  const isThere = (tick: number) => !Number.isNaN(prices[tick] ?? Number.NaN);
  let seen = 0;
  let there = 0;
  /** By whether it could be had: how often that was, and how often it could be had an hour later. */
  const after = { away: { seen: 0, there: 0 }, there: { seen: 0, there: 0 } };
  for (let tick = 0; tick + lag < prices.length; tick++) {
    seen++;
    if (isThere(tick)) there++;
    if (tick >= lag) {
      // What is known by now of an hour ago.
      const before = after[isThere(tick - lag) ? 'there' : 'away'];
      before.seen++;
      if (isThere(tick)) before.there++;
    }
    const state = after[isThere(tick) ? 'there' : 'away'];
    const happened = isThere(tick + lag);
    scores.persistence.add(isThere(tick) ? 1 : 0, happened);
    scores.base.add((there + 1) / (seen + 2), happened);
    scores.transition.add((state.there + 1) / (state.seen + 2), happened);
  }
}
