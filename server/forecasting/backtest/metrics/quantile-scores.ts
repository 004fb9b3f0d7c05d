import { addTo } from './add-to.ts';

/** Places in the sums; losses and counts of the levels follow. */
const POINTS = 0;
const INSIDE = 1;
const WIDTH = 2;
const BEFORE_LEVELS = 3;

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
  /** All that is known, as numbers that another thread can be sent. */
  readonly sums: Float64Array;
  readonly #levels: readonly number[];
  readonly #loss: Float64Array;
  readonly #below: Float64Array;

  /**
   * @param levels ascending, between 0 and 1
   * @param sums of an earlier one, to go on from; they are written to
   */
  constructor(
    levels: readonly number[],
    sums: Float64Array = new Float64Array(BEFORE_LEVELS + 2 * levels.length),
  ) {
    this.sums = sums;
    this.#levels = levels;
    this.#loss = sums.subarray(BEFORE_LEVELS, BEFORE_LEVELS + levels.length);
    this.#below = sums.subarray(BEFORE_LEVELS + levels.length);
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
    const isInside = lowest <= actual && actual <= highest;
    addTo(this.sums.subarray(0, BEFORE_LEVELS), [1, isInside ? 1 : 0, highest - lowest]);
  }

  /** Takes in what another one of the same levels has counted. */
  merge(other: QuantileScores): void {
    addTo(this.sums, other.sums);
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
    return { nominal, observed: this.#mean(INSIDE), width: this.#mean(WIDTH) };
  }

  get #points(): number {
    return this.sums[POINTS] as number;
  }

  #mean(place: number): number {
    return (this.sums[place] as number) / this.#points;
  }
}
