import type { BandEvaluation, PriceQuantile } from '../../common/contracts/index.ts';
import { MICRO_USD_PER_USD } from '../../common/units/index.ts';
import { isSignificant, testGains } from './gain-by-time.ts';

/** A prediction with quantiles whose time has come, and what past changes alone would have said. Micro-USD per hour. */
export interface BandPoint {
  readonly madeAt: number;
  readonly actual: number;
  /** Ascending by `q`; the same levels for all points. */
  readonly quantiles: readonly PriceQuantile[];
  readonly baseline: readonly PriceQuantile[];
  readonly isCrossed: boolean;
}

const FEWEST_POINTS = 100;
const FEWEST_TIMES = 12;

/**
 * Holds quantiles against those of the baseline on the very same points: pinball loss (R. Koenker, G. Bassett, "Regression
 * Quantiles", Econometrica 46 (1978) 33–50), and how often the price lay within the outermost two. "Better" asks for a smaller
 * loss and a one-sided Diebold-Mariano test at 5 %.
 * @param stepsAhead horizon in steps between made-at times
 * @returns `null` without points
 */
export function evaluateBand(points: readonly BandPoint[], stepsAhead: number): BandEvaluation | null {
  const [first] = points;
  if (!first) return null;
  const levels = first.quantiles.map(({ q }) => q);
  const mean = (of: (point: BandPoint) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const usd = (of: (point: BandPoint) => number) => mean(of) / MICRO_USD_PER_USD;
  const ofModel = (point: BandPoint) => pinballLoss(point.quantiles, point.actual);
  const ofBaseline = (point: BandPoint) => pinballLoss(point.baseline, point.actual);
  const pinballUsd = usd(ofModel);
  const baselinePinballUsd = usd(ofBaseline);
  const times = new Set(points.map(({ madeAt }) => madeAt)).size;
  const tooFew = points.length < FEWEST_POINTS || times < FEWEST_TIMES;
  const test = tooFew
    ? undefined
    : testGains(points, point => ofBaseline(point) - ofModel(point), stepsAhead);
  const isBetter = pinballUsd < baselinePinballUsd && isSignificant(test);
  const figures = {
    points: points.length,
    levels,
    pinballUsd,
    baselinePinballUsd,
    nominalCoverage: Number(((levels.at(-1) ?? 0) - (levels[0] ?? 0)).toFixed(6)),
    coverage: mean(point => Number(isWithin(point.quantiles, point.actual))),
    baselineCoverage: mean(point => Number(isWithin(point.baseline, point.actual))),
    widthUsd: usd(point => widthOf(point.quantiles)),
    baselineWidthUsd: usd(point => widthOf(point.baseline)),
    crossed: points.filter(({ isCrossed }) => isCrossed).length,
    verdict: tooFew ? ('too-few-points' as const) : isBetter ? ('better' as const) : ('no-better' as const),
  };
  return { ...figures, sentence: sentenceOf(figures) };
}

/** Mean over quantiles of `q · (y − x)` where the price `y` lies above the quantile `x`, else `(1 − q) · (x − y)`. */
export function pinballLoss(quantiles: readonly PriceQuantile[], actual: number): number {
  let sum = 0;
  for (const { q, priceMicroUsdPerHour } of quantiles) {
    const above = actual - priceMicroUsdPerHour;
    sum += above >= 0 ? q * above : (q - 1) * above;
  }
  return sum / quantiles.length;
}

function isWithin(quantiles: readonly PriceQuantile[], actual: number): boolean {
  const lowest = quantiles[0]?.priceMicroUsdPerHour ?? Number.NaN;
  const highest = quantiles.at(-1)?.priceMicroUsdPerHour ?? Number.NaN;
  return lowest <= actual && actual <= highest;
}

function widthOf(quantiles: readonly PriceQuantile[]): number {
  return (quantiles.at(-1)?.priceMicroUsdPerHour ?? 0) - (quantiles[0]?.priceMicroUsdPerHour ?? 0);
}

function sentenceOf(band: Omit<BandEvaluation, 'sentence'>): string {
  const count = band.points.toLocaleString('en-US');
  if (band.verdict === 'too-few-points') {
    return `Only ${count} bands can be compared so far, too few to judge.`;
  }
  const percent = (share: number) => `${Number((share * 100).toPrecision(3))} %`;
  const usd = (value: number) => `$${Number(value.toPrecision(3))}/h`;
  const lowest = percent(band.levels[0] ?? 0);
  const highest = percent(band.levels.at(-1) ?? 0);
  const held = `Between its ${lowest} and ${highest} quantiles lay ${percent(band.coverage)} of ${count} prices, where ${percent(band.nominalCoverage)} should`;
  const losses = `its pinball loss is ${usd(band.pinballUsd)}, that of past changes of the same pools ${usd(band.baselinePinballUsd)}`;
  return `${held}; ${losses}: ${band.verdict === 'better' ? 'the band is better' : 'the band is no better'}.`;
}
