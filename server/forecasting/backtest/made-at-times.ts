import { AppError } from '../../../common/errors.ts';
import { isoTime } from './report-parts.ts';

/** Which times are to be tested. */
export interface TimeWindow {
  /** First and last time that anything is known of. */
  readonly knownFromMs: number;
  readonly knownToMs: number;
  /** What is known, in words: `prices`. */
  readonly what: string;
  readonly horizonMs: number;
  readonly stepMs: number;
  /** Nothing before is counted; from the first record on unless told. */
  readonly fromMs: number | undefined;
  /** Nothing after is looked at; until the last record unless told. */
  readonly toMs: number | undefined;
  /** `undefined` where nothing was trained. */
  readonly trainedUntilMs: number | undefined;
  readonly isEmbargoLifted: boolean;
}

/** More made-at times than this are a mistake in the step. */
const MOST_TIMES = 1_000_000;

/**
 * Made-at times on whole multiples of the step, such that the horizon of each lies within the window. Unless lifted, an
 * embargo of one horizon keeps away what the model may have seen in training: its last targets reach `trainedUntil`, and
 * features near it share their hours.
 * @throws AppError `input.invalid` when no time is left, saying why
 */
export function madeAtTimes(window: TimeWindow): Float64Array {
  const { knownFromMs, knownToMs, what, horizonMs, stepMs, trainedUntilMs, isEmbargoLifted } = window;
  const fromMs = Math.max(knownFromMs, window.fromMs ?? knownFromMs);
  const toMs = Math.min(knownToMs, window.toMs ?? knownToMs) - horizonMs;
  const embargoMs = trainedUntilMs === undefined || isEmbargoLifted ? fromMs : trainedUntilMs + horizonMs;
  if (embargoMs > toMs && trainedUntilMs !== undefined && fromMs <= toMs) {
    throw new AppError(
      'input.invalid',
      `The model was trained until ${isoTime(trainedUntilMs)}, and the ${what} end ${isoTime(toMs + horizonMs)}: none of them lies far enough behind for a fair test.`,
      {
        hint: `Give newer ${what}; --include-trained (includeTrained) counts times that the model may have seen.`,
      },
    );
  }
  if (!(fromMs <= toMs)) {
    throw new AppError(
      'input.invalid',
      `No time is left to test: ${what} from ${isoTime(fromMs)} to ${isoTime(toMs + horizonMs)} do not hold a horizon of ${horizonMs / 3_600_000} h.`,
      { hint: `Give ${what} of a longer time, or change --from, --to or --horizon.` },
    );
  }
  const start = Math.ceil(Math.max(fromMs, embargoMs) / stepMs);
  const count = Math.floor(toMs / stepMs) - start + 1;
  if (count > MOST_TIMES) {
    throw new AppError('input.invalid', `A step of ${stepMs / 60_000} min makes ${count} times to test.`, {
      hint: 'Take a longer --step.',
    });
  }
  return Float64Array.from({ length: Math.max(0, count) }, (_, index) => (start + index) * stepMs);
}
