import { addTo } from './add-to.ts';

/** Places in the sums. */
const POINTS = 0;
const ABSOLUTE = 1;
const SQUARES = 2;
const SIGNED = 3;
const RELATIVE = 4;

/**
 * Errors of point forecasts as running sums, so that memory does not grow with points. Errors have the unit of the values
 * that come in.
 *
 * Sources: R. J. Hyndman, A. B. Koehler, "Another look at measures of forecast accuracy", IJF 22 (2006) 679–688, for MAE,
 * RMSE and MAPE.
 */
export class PointErrors {
  static readonly SUMS = 5;
  /** All that is known, as numbers that another thread can be sent. */
  readonly sums: Float64Array;

  /** @param sums of an earlier one, to go on from; they are written to */
  constructor(sums: Float64Array = new Float64Array(PointErrors.SUMS)) {
    this.sums = sums;
  }

  /**
   * @param predicted one for each of `actual`
   * @param actual above 0, as prices are
   */
  add(predicted: Float64Array, actual: Float64Array): void {
    const { sums } = this;
    // In variables of its own: a store for each of millions of points would be most of the work.
    let [, absolutes = 0, squares = 0, signed = 0, relative = 0] = sums;
    for (let point = 0; point < actual.length; point++) {
      const came = actual[point] as number;
      const error = (predicted[point] as number) - came;
      const absolute = Math.abs(error);
      absolutes += absolute;
      squares += error * error;
      signed += error;
      relative += absolute / came;
    }
    sums.set([this.points + actual.length, absolutes, squares, signed, relative]);
  }

  /** Takes in what another one has counted. */
  merge(other: PointErrors): void {
    addTo(this.sums, other.sums);
  }

  get points(): number {
    return this.sums[POINTS] as number;
  }

  /** Mean absolute error; NaN without a point, as all that follow. */
  get mae(): number {
    return (this.sums[ABSOLUTE] as number) / this.points;
  }

  /** Root of the mean squared error. */
  get rmse(): number {
    return Math.sqrt((this.sums[SQUARES] as number) / this.points);
  }

  /** Mean error: above 0 when forecasts are too high. */
  get bias(): number {
    return (this.sums[SIGNED] as number) / this.points;
  }

  /** Mean absolute percentage error, in percent. */
  get mapePercent(): number {
    return (100 * (this.sums[RELATIVE] as number)) / this.points;
  }
}
