/** Ends work in its midst; never leaves this folder. */
class OutOfTime extends Error {}

/** Asked in the midst of work that can be done without; absent where the work has to be finished. */
export type LateCheck = (() => boolean) | undefined;

/** Ends the work under `unlessOutOfTime` that this is called from, once it is too late for it. */
export function giveUpIf(isTooLate: LateCheck): void {
  if (isTooLate?.()) throw new OutOfTime();
}

/** What the work gives, or `undefined` when it was given up. */
export function unlessOutOfTime<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof OutOfTime) return undefined;
    throw error;
  }
}
