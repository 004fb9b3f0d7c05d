import { PointErrors } from './metrics/point-errors.ts';

/** From this relative move on a change is one that somebody would act on. */
export const MOVE_THRESHOLD = 0.01;

/** Sums over the points of one pool, or of many. */
export class PoolTally {
  readonly model = new PointErrors();
  readonly persistence = new PointErrors();
  /** Of points whose price is not the one when predicted. */
  readonly changedModel = new PointErrors();
  readonly changedPersistence = new PointErrors();
  rightDirection = 0;
  movesHappened = 0;
  movesForetold = 0;
  movesRight = 0;

  /** Prices above 0, in one unit. */
  add(predicted: number, now: number, actual: number): void {
    this.model.add(predicted, actual);
    this.persistence.add(now, actual);
    const foretold = predicted / now - 1;
    const happened = actual / now - 1;
    if (happened !== 0) {
      this.changedModel.add(predicted, actual);
      this.changedPersistence.add(now, actual);
      if (foretold * happened > 0) this.rightDirection++;
    }
    const isForetold = Math.abs(foretold) >= MOVE_THRESHOLD;
    const hasHappened = Math.abs(happened) >= MOVE_THRESHOLD;
    if (isForetold) this.movesForetold++;
    if (hasHappened) this.movesHappened++;
    if (isForetold && hasHappened && foretold * happened > 0) this.movesRight++;
  }

  merge(other: PoolTally): void {
    this.model.merge(other.model);
    this.persistence.merge(other.persistence);
    this.changedModel.merge(other.changedModel);
    this.changedPersistence.merge(other.changedPersistence);
    this.rightDirection += other.rightDirection;
    this.movesHappened += other.movesHappened;
    this.movesForetold += other.movesForetold;
    this.movesRight += other.movesRight;
  }
}
