import { addTo } from './metrics/add-to.ts';
import { PointErrors } from './metrics/point-errors.ts';
import { valuesAt } from './price-points.ts';

/** From this relative move on a change is one that somebody would act on. */
export const MOVE_THRESHOLD = 0.01;

/** Places of the counts, after the sums of four kinds of errors. */
const KINDS = 4;
const RIGHT_DIRECTION = KINDS * PointErrors.SUMS;
const MOVES_HAPPENED = RIGHT_DIRECTION + 1;
const MOVES_FORETOLD = RIGHT_DIRECTION + 2;
const MOVES_RIGHT = RIGHT_DIRECTION + 3;
const SUMS = RIGHT_DIRECTION + 4;

/** Sums over the points of one pool, or of many. */
export class PoolTally {
  /** All that is known, as numbers that another thread can be sent. */
  readonly sums: Float64Array;
  readonly model: PointErrors;
  readonly persistence: PointErrors;
  /** Of points whose price is not the one when predicted. */
  readonly changedModel: PointErrors;
  readonly changedPersistence: PointErrors;

  /** @param sums of an earlier one, to go on from; they are written to */
  constructor(sums: Float64Array = new Float64Array(SUMS)) {
    const errors = (kind: number) =>
      new PointErrors(sums.subarray(kind * PointErrors.SUMS, (kind + 1) * PointErrors.SUMS));
    this.sums = sums;
    this.model = errors(0);
    this.persistence = errors(1);
    this.changedModel = errors(2);
    this.changedPersistence = errors(3);
  }

  /** Prices above 0, in one unit, at the same points: foretold, in force when foretold, and what came. */
  add(predicted: Float64Array, now: Float64Array, actual: Float64Array): void {
    this.model.add(predicted, actual);
    this.persistence.add(now, actual);
    const changed = new Uint32Array(actual.length);
    let [changes, right, happenings, foretellings, hits] = [0, 0, 0, 0, 0];
    for (let point = 0; point < actual.length; point++) {
      const was = now[point] as number;
      const foretold = (predicted[point] as number) / was - 1;
      const happened = (actual[point] as number) / was - 1;
      const isRight = foretold * happened > 0;
      if (happened !== 0) {
        changed[changes++] = point;
        if (isRight) right++;
      }
      const isForetold = Math.abs(foretold) >= MOVE_THRESHOLD;
      const hasHappened = Math.abs(happened) >= MOVE_THRESHOLD;
      if (isForetold) foretellings++;
      if (hasHappened) happenings++;
      if (isForetold && hasHappened && isRight) hits++;
    }
    const places = changed.subarray(0, changes);
    const came = valuesAt(actual, places);
    this.changedModel.add(valuesAt(predicted, places), came);
    this.changedPersistence.add(valuesAt(now, places), came);
    addTo(this.sums.subarray(RIGHT_DIRECTION), [right, happenings, foretellings, hits]);
  }

  merge(other: PoolTally): void {
    addTo(this.sums, other.sums);
  }

  get rightDirection(): number {
    return this.sums[RIGHT_DIRECTION] as number;
  }

  get movesHappened(): number {
    return this.sums[MOVES_HAPPENED] as number;
  }

  get movesForetold(): number {
    return this.sums[MOVES_FORETOLD] as number;
  }

  get movesRight(): number {
    return this.sums[MOVES_RIGHT] as number;
  }
}
