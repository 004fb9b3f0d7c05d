/**
 * Mean, variance, skewness and the covariance of neighbours of a stream, from running sums alone. Values are held
 * relative to the first one, so that a large mean with a small spread costs no digits.
 */
export class RunningMoments {
  #count = 0;
  #origin = 0;
  #sum = 0;
  #squares = 0;
  #cubes = 0;
  /** Sum of each value times the one before it. */
  #neighbours = 0;
  #last = 0;

  add(value: number): void {
    if (this.#count === 0) this.#origin = value;
    const away = value - this.#origin;
    // The first value is the origin itself, so its product with "the one before" is nothing.
    this.#neighbours += away * this.#last;
    this.#sum += away;
    this.#squares += away * away;
    this.#cubes += away * away * away;
    this.#last = away;
    this.#count++;
  }

  get count(): number {
    return this.#count;
  }

  /** NaN before the first value. */
  get mean(): number {
    return this.#origin + this.#sum / this.#count;
  }

  /** Sample variance with the divisor `count − 1`; 0 below two values. */
  get variance(): number {
    const count = this.#count;
    if (count < 2) return 0;
    return Math.max(0, this.#squares - (this.#sum * this.#sum) / count) / (count - 1);
  }

  /** Covariance of each value with the one before it, with the divisor of `variance`. */
  get neighbourCovariance(): number {
    const count = this.#count;
    if (count < 3) return 0;
    const mean = this.#sum / count;
    // Every value but the last, and every value but the first (which is 0 here), once each.
    const both = 2 * this.#sum - this.#last;
    return (this.#neighbours - mean * both + (count - 1) * mean * mean) / (count - 1);
  }

  /**
   * Sample skewness G1, corrected for its bias under normality; 0 below three values or without spread.
   *
   * Source: D. N. Joanes, C. A. Gill, "Comparing measures of sample skewness and kurtosis", The Statistician 47 (1998) 183–189.
   */
  get skewness(): number {
    const count = this.#count;
    const { variance } = this;
    if (count < 3 || !(variance > 0)) return 0;
    const mean = this.#sum / count;
    const third = this.#cubes - 3 * mean * this.#squares + 2 * count * mean * mean * mean;
    return (third * count) / ((count - 1) * (count - 2) * variance ** 1.5);
  }
}
