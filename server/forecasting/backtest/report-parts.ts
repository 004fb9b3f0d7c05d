import type { BacktestReport } from '../../../common/contracts/index.ts';

/** Times of a backtest, and what keeps it from those that a model may have seen. */
export interface Embargoed {
  readonly forecaster: { readonly horizonMs: number };
  readonly timesMs: Float64Array;
  /** `undefined` for what was not trained. */
  readonly trainedUntilMs: number | undefined;
  /** Whether points before the end of the embargo were let in. */
  readonly isEmbargoLifted: boolean;
}

const STRETCHES = 120;

/** What a report says of the embargo. @param pointsAt points at each time */
export function embargoOf(
  pointsAt: Float64Array,
  { forecaster, timesMs, trainedUntilMs, isEmbargoLifted }: Embargoed,
): BacktestReport['embargo'] {
  if (trainedUntilMs === undefined)
    return { trainedUntil: null, until: null, lifted: false, pointsBefore: 0 };
  const untilMs = trainedUntilMs + forecaster.horizonMs;
  const pointsBefore = pointsAt.reduce(
    (sum, points, place) => ((timesMs[place] ?? 0) < untilMs ? sum + points : sum),
    0,
  );
  return {
    trainedUntil: isoTime(trainedUntilMs),
    until: isoTime(untilMs),
    lifted: isEmbargoLifted,
    pointsBefore,
  };
}

/** A stretch of made-at times with points. */
interface Stretch {
  readonly at: number;
  readonly points: number;
  /** Mean over its points of what was summed at each time. */
  meanOf(sumsAt: Float64Array): number;
}

/** At most so many equal stretches of made-at times that a line over them shows; those without points are left out. */
export function stretchesOf(timesMs: Float64Array, pointsAt: Float64Array): Stretch[] {
  const length = Math.max(1, Math.ceil(timesMs.length / STRETCHES));
  const stretches: Stretch[] = [];
  for (let from = 0; from < timesMs.length; from += length) {
    const sum = (column: Float64Array) =>
      column.subarray(from, from + length).reduce((total, value) => total + value, 0);
    const points = sum(pointsAt);
    if (points === 0) continue;
    stretches.push({ at: timesMs[from] ?? 0, points, meanOf: sumsAt => sum(sumsAt) / points });
  }
  return stretches;
}

/** ISO 8601 without needless milliseconds. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
