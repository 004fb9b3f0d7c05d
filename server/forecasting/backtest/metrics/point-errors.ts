/**
 * Errors of point forecasts as running sums, so that memory does not grow with points. Errors have the unit of the values
 * that come in.
 *
 * Sources: R. J. Hyndman, A. B. Koehler, "Another look at measures of forecast accuracy", IJF 22 (2006) 679–688, for MAE,
 * RMSE and MAPE.
 */
export class PointErrors {
  #points = 0;
  #absolute = 0;
  #squares = 0;
  #signed = 0;
  #relative = 0;

  /** @param actual above 0, as prices are */
  add(predicted: number, actual: number): void {
    const error = predicted - actual;
    const absolute = Math.abs(error);
    this.#points++;
    this.#absolute += absolute;
    this.#squares += error * error;
    this.#signed += error;
    this.#relative += absolute / actual;
  }

  /** Takes in what another one has counted. */
  merge(other: PointErrors): void {
    this.#points += other.#points;
    this.#absolute += other.#absolute;
    this.#squares += other.#squares;
    this.#signed += other.#signed;
    this.#relative += other.#relative;
  }

  get points(): number {
    return this.#points;
  }

  /** Mean absolute error; NaN without a point, as all that follow. */
  get mae(): number {
    return this.#absolute / this.#points;
  }

  /** Root of the mean squared error. */
  get rmse(): number {
    return Math.sqrt(this.#squares / this.#points);
  }

  /** Mean error: above 0 when forecasts are too high. */
  get bias(): number {
    return this.#signed / this.#points;
  }

  /** Mean absolute percentage error, in percent. */
  get mapePercent(): number {
    return (100 * this.#relative) / this.#points;
  }
}
