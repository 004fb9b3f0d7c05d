/** Forecasts of about the same probability, and how often it happened. */
export interface CalibrationBin {
  readonly meanForecast: number;
  readonly observed: number;
  readonly points: number;
}

const BINS = 10;

/**
 * Scores of probability forecasts of an event as running sums. The Brier score is the mean squared difference between the
 * probability and what happened (0 or 1); its skill against a reference is 1 − Brier / Brier of the reference: 1 is
 * perfect, 0 no better, below 0 worse. Calibration holds mean forecasts beside frequencies in ten bins of equal width.
 *
 * Sources: G. W. Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78 (1950)
 * 1–3; A. H. Murphy, "A new vector partition of the probability score", J. Applied Meteorology 12 (1973) 595–600, for the
 * bins.
 */
export class ProbabilityScores {
  readonly #count = new Float64Array(BINS);
  readonly #forecast = new Float64Array(BINS);
  readonly #happened = new Float64Array(BINS);
  #points = 0;
  #squares = 0;
  #events = 0;

  /** @param probability 0…1 */
  add(probability: number, happened: boolean): void {
    const outcome = happened ? 1 : 0;
    const bin = Math.min(BINS - 1, Math.floor(probability * BINS));
    this.#count[bin] = (this.#count[bin] ?? 0) + 1;
    this.#forecast[bin] = (this.#forecast[bin] ?? 0) + probability;
    this.#happened[bin] = (this.#happened[bin] ?? 0) + outcome;
    this.#squares += (probability - outcome) ** 2;
    this.#events += outcome;
    this.#points++;
  }

  get points(): number {
    return this.#points;
  }

  /** NaN without a point, as all that follow. */
  get brier(): number {
    return this.#squares / this.#points;
  }

  /** How often it happened at all. */
  get baseRate(): number {
    return this.#events / this.#points;
  }

  /** Brier score of saying this base rate each time, which nobody knows before: the hardest constant to beat. */
  get brierOfBaseRate(): number {
    return this.baseRate * (1 - this.baseRate);
  }

  /** Skill against a Brier score on the same points; `null` when that one is 0. */
  skillAgainst(brierOfReference: number): number | null {
    return brierOfReference === 0 ? null : 1 - this.brier / brierOfReference;
  }

  /** Bins with at least one forecast, ascending. */
  get calibration(): CalibrationBin[] {
    const bins: CalibrationBin[] = [];
    for (const [bin, points] of this.#count.entries()) {
      if (points === 0) continue;
      const [forecast = 0, happened = 0] = [this.#forecast[bin], this.#happened[bin]];
      bins.push({ meanForecast: forecast / points, observed: happened / points, points });
    }
    return bins;
  }

  /** Mean distance of frequency and forecast over bins, weighted by points. */
  get calibrationError(): number {
    const away = this.calibration.reduce(
      (sum, { meanForecast, observed, points }) => sum + points * Math.abs(meanForecast - observed),
      0,
    );
    return away / this.#points;
  }
}
