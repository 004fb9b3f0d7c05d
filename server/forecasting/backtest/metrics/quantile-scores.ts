/** How one quantile did. */
export interface QuantileScore {
  /** The share of outcomes that should lie at or below the forecast: 0…1. */
  readonly level: number;
  /** The share that did. */
  readonly observed: number;
  /** Mean pinball loss, in the unit of the values. */
  readonly pinball: number;
}

/** How an interval between two quantiles did. */
export interface IntervalCoverage {
  readonly nominal: number;
  /** Share of outcomes inside, both ends included. */
  readonly observed: number;
  /** Mean width, in the unit of the values. */
  readonly width: number;
}

/**
 * Scores of quantile forecasts as running sums. The pinball loss of a forecast q at level τ is τ · (y − q) for y ≥ q, else
 * (1 − τ) · (q − y); its mean is smallest for the true quantile. A calibrated forecast has the share τ of outcomes at or
 * below it.
 *
 * Sources: R. Koenker, G. Bassett, "Regression quantiles", Econometrica 46 (1978) 33–50; T. Gneiting, A. E. Raftery,
 * "Strictly proper scoring rules, prediction, and estimation", JASA 102 (2007) 359–378.
 */
export class QuantileScores {
  readonly #levels: readonly number[];
  readonly #loss: Float64Array;
  readonly #below: Float64Array;
  #points = 0;
  #inside = 0;
  #width = 0;

  /** @param levels ascending, between 0 and 1 */
  constructor(levels: readonly number[]) {
    this.#levels = levels;
    this.#loss = new Float64Array(levels.length);
    this.#below = new Float64Array(levels.length);
  }

  /** @param forecasts one for each level; taken in ascending order, since crossing quantiles say nothing else */
  add(forecasts: Float64Array, actual: number): void {
    forecasts.sort();
    for (let index = 0; index < this.#levels.length; index++) {
      const away = actual - (forecasts[index] ?? Number.NaN);
      const level = this.#levels[index] ?? 0;
      this.#loss[index] = (this.#loss[index] ?? 0) + (away >= 0 ? level * away : (level - 1) * away);
      if (away <= 0) this.#below[index] = (this.#below[index] ?? 0) + 1;
    }
    const lowest = forecasts[0] ?? Number.NaN;
    const highest = forecasts[forecasts.length - 1] ?? Number.NaN;
    if (lowest <= actual && actual <= highest) this.#inside++;
    this.#width += highest - lowest;
    this.#points++;
  }

  /** One for each level; NaN without a point. */
  get scores(): QuantileScore[] {
    return this.#levels.map((level, index) => ({
      level,
      observed: (this.#below[index] ?? 0) / this.#points,
      pinball: (this.#loss[index] ?? 0) / this.#points,
    }));
  }

  /** Mean pinball loss over levels. */
  get pinball(): number {
    return this.#loss.reduce((sum, loss) => sum + loss, 0) / (this.#points * this.#levels.length);
  }

  /** Between the lowest and the highest level. */
  get coverage(): IntervalCoverage {
    const nominal = (this.#levels.at(-1) ?? 0) - (this.#levels[0] ?? 0);
    return { nominal, observed: this.#inside / this.#points, width: this.#width / this.#points };
  }
}
