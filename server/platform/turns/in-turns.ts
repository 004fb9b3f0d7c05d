import { setImmediate } from 'node:timers/promises';

/** Longest that a piece of work has the event loop to itself. */
const TURN_MS = 10;

/** Does work that is told apart by `yield` in short turns, between which everybody else gets theirs. The answer is that of the whole. */
export async function inTurns<Answer>(work: Generator<void, Answer>): Promise<Answer> {
  for (;;) {
    const endMs = performance.now() + TURN_MS;
    do {
      const step = work.next();
      if (step.done) return step.value;
    } while (performance.now() < endMs);
    await setImmediate();
  }
}

/** The same at once. */
export function atOnce<Answer>(work: Generator<void, Answer>): Answer {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
