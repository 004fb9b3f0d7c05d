/** Outcome of the test. */
export interface DieboldMariano {
  readonly statistic: number;
  /** One-sided: chance of a gain this large if there were none. */
  readonly p: number;
}

/**
 * Diebold-Mariano test of "the gain is not above zero" on a series of gains (loss of the baseline less loss of the
 * model), with the small-sample factor of Harvey, Leybourne and Newbold. The long-run variance takes `stepsAhead − 1`
 * lags with Bartlett weights (Newey and West), which keep it from being negative.
 *
 * Sources: F. X. Diebold, R. S. Mariano, "Comparing Predictive Accuracy", JBES 13 (1995) 253–263; D. Harvey, S. Leybourne,
 * P. Newbold, "Testing the equality of prediction mean squared errors", IJF 13 (1997) 281–291, equation 9; W. K. Newey,
 * K. D. West, Econometrica 55 (1987) 703–708.
 * @returns `undefined` when gains do not vary, or are fewer than two horizons
 */
export function dieboldMariano(gains: readonly number[], stepsAhead: number): DieboldMariano | undefined {
  const count = gains.length;
  const steps = Math.max(1, Math.round(stepsAhead));
  if (count < 2 * steps || count < 2) return undefined;
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / count;
  let variance = autocovariance(gains, mean, 0);
  for (let lag = 1; lag < steps; lag++) {
    variance += 2 * (1 - lag / steps) * autocovariance(gains, mean, lag);
  }
  if (!(variance > 0)) return undefined;
  const correction = Math.sqrt((count + 1 - 2 * steps + (steps * (steps - 1)) / count) / count);
  const statistic = (correction * mean) / Math.sqrt(variance / count);
  return { statistic, p: 1 - normalDistribution(statistic) };
}

function autocovariance(values: readonly number[], mean: number, lag: number): number {
  let sum = 0;
  for (let index = lag; index < values.length; index++) {
    sum += ((values[index] ?? 0) - mean) * ((values[index - lag] ?? 0) - mean);
  }
  return sum / values.length;
}

/** Normal distribution function to 1.5e-7: Abramowitz and Stegun, 7.1.26. */
function normalDistribution(value: number): number {
  const x = Math.abs(value) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const polynomial =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const error = 1 - polynomial * Math.exp(-x * x);
  return value >= 0 ? (1 + error) / 2 : (1 - error) / 2;
}
