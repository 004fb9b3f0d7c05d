/** Forecasts of about the same probability, and how often it happened. */
export interface CalibrationBin {
  /** Edges of the bin; the upper one belongs to the next, but for 1. */
  readonly from: number;
  readonly to: number;
  readonly meanForecast: number;
  readonly observed: number;
  /** Points behind it, and those of them where it happened. */
  readonly points: number;
  readonly happened: number;
}

/** The parts of a Brier score: reliability − resolution + uncertainty, up to what forecasts differ within a bin. */
export interface BrierParts {
  /** Mean squared distance of forecast and frequency over bins: 0 is calibrated. */
  readonly reliability: number;
  /** Mean squared distance of the frequencies of bins from the base rate: 0 tells nothing apart. */
  readonly resolution: number;
  /** Brier score of saying the base rate of these very points each time. */
  readonly uncertainty: number;
}

/** Ten bins of equal width. */
export const TENTHS: readonly number[] = Array.from({ length: 11 }, (_, tenth) => tenth / 10);
/** Bins for interruptions: finer at the low end, because most are rare. */
export const RISK_EDGES: readonly number[] = [0, 0.001, 0.003, 0.01, 0.03, ...TENTHS.slice(1)];
/** A probability of zero for something that happened would cost infinitely much. */
const SMALLEST_PROBABILITY = 1e-4;

/** Squared error of a probability, of weights with which it happened and did not. */
export function squaredLoss(probability: number, happened: number, not: number): number {
  return happened * (1 - probability) ** 2 + not * probability ** 2;
}

/**
 * Scores of probability forecasts of an event as running sums. The Brier score is the mean squared difference between the
 * probability and what happened (0 or 1); its skill against a reference is 1 − Brier / Brier of the reference: 1 is
 * perfect, 0 no better, below 0 worse. Calibration holds mean forecasts beside frequencies in bins. What counts more or less
 * than one is given a weight.
 *
 * Sources: G. W. Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78 (1950)
 * 1–3; A. H. Murphy, "A new vector partition of the probability score", J. Applied Meteorology 12 (1973) 595–600, for the
 * bins and the parts.
 */
export class ProbabilityScores {
  readonly #edges: readonly number[];
  readonly #weight: Float64Array;
  readonly #forecast: Float64Array;
  readonly #happened: Float64Array;
  readonly #points: Float64Array;
  readonly #happenedPoints: Float64Array;
  #squares = 0;
  #logs = 0;
  #events = 0;
  #all = 0;

  /** @param edges of the bins, ascending from 0 to 1 */
  constructor(edges: readonly number[] = TENTHS) {
    this.#edges = edges;
    const empty = () => new Float64Array(edges.length - 1);
    this.#weight = empty();
    this.#forecast = empty();
    this.#happened = empty();
    this.#points = empty();
    this.#happenedPoints = empty();
  }

  /** @param probability 0…1 */
  add(probability: number, happened: boolean): void {
    this.addWeighted(probability, happened ? 1 : 0, happened ? 0 : 1);
  }

  /**
   * @param probability 0…1
   * @param happened weight with which it happened, `not` with which it did not
   * @param happenedPoints what stands behind these weights, where that is not the same
   */
  addWeighted(
    probability: number,
    happened: number,
    not: number,
    happenedPoints = happened,
    notPoints = not,
  ): void {
    let bin = this.#edges.length - 2;
    while (bin > 0 && probability < (this.#edges[bin] ?? 0)) bin--;
    const weight = happened + not;
    addAt(this.#weight, bin, weight);
    addAt(this.#forecast, bin, weight * probability);
    addAt(this.#happened, bin, happened);
    addAt(this.#points, bin, happenedPoints + notPoints);
    addAt(this.#happenedPoints, bin, happenedPoints);
    this.#squares += squaredLoss(probability, happened, not);
    const p = Math.min(1 - SMALLEST_PROBABILITY, Math.max(SMALLEST_PROBABILITY, probability));
    this.#logs -= happened * Math.log(p) + not * Math.log1p(-p);
    this.#events += happened;
    this.#all += weight;
  }

  get points(): number {
    return this.#points.reduce((sum, points) => sum + points, 0);
  }

  /** Points at which it happened. */
  get happened(): number {
    return this.#happenedPoints.reduce((sum, points) => sum + points, 0);
  }

  /** NaN without a point, as all that follow. */
  get brier(): number {
    return this.#squares / this.#all;
  }

  /** Mean of −ln of the probability given to what came; probabilities are kept from 0.01 % to 99.99 %. */
  get logLoss(): number {
    return this.#logs / this.#all;
  }

  /** Mean probability. */
  get meanForecast(): number {
    return this.#forecast.reduce((sum, forecast) => sum + forecast, 0) / this.#all;
  }

  /** How often it happened at all. */
  get baseRate(): number {
    return this.#events / this.#all;
  }

  /** Brier score of saying this base rate each time, which nobody knows before: the hardest constant to beat. */
  get brierOfBaseRate(): number {
    return this.baseRate * (1 - this.baseRate);
  }

  /** Skill against a Brier score on the same points; `null` when that one is 0. */
  skillAgainst(brierOfReference: number): number | null {
    return brierOfReference > 0 ? 1 - this.brier / brierOfReference : null;
  }

  /** Bins with at least one forecast, ascending. */
  get calibration(): CalibrationBin[] {
    const bins: CalibrationBin[] = [];
    for (const [bin, points] of this.#points.entries()) {
      const weight = this.#weight[bin] ?? 0;
      if (weight === 0) continue;
      bins.push({
        from: this.#edges[bin] ?? 0,
        to: this.#edges[bin + 1] ?? 1,
        meanForecast: (this.#forecast[bin] ?? 0) / weight,
        observed: (this.#happened[bin] ?? 0) / weight,
        points,
        happened: this.#happenedPoints[bin] ?? 0,
      });
    }
    return bins;
  }

  /** Mean distance of frequency and forecast over bins, weighted by points. */
  get calibrationError(): number {
    return this.#overBins((forecast, observed) => Math.abs(forecast - observed));
  }

  get parts(): BrierParts {
    const { baseRate } = this;
    return {
      reliability: this.#overBins((forecast, observed) => (forecast - observed) ** 2),
      resolution: this.#overBins((_, observed) => (observed - baseRate) ** 2),
      uncertainty: this.brierOfBaseRate,
    };
  }

  #overBins(distance: (forecast: number, observed: number) => number): number {
    let sum = 0;
    for (const [bin, weight] of this.#weight.entries()) {
      if (weight === 0) continue;
      sum += weight * distance((this.#forecast[bin] ?? 0) / weight, (this.#happened[bin] ?? 0) / weight);
    }
    return sum / this.#all;
  }
}

function addAt(sums: Float64Array, place: number, value: number): void {
  sums[place] = (sums[place] ?? 0) + value;
}
