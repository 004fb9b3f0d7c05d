import { expect, it } from 'vitest';
import { atOnce, inTurns } from './in-turns.ts';

function* countTo(most: number, until: () => boolean): Generator<void, number> {
  let count = 0;
  while (count < most && !until()) {
    count++;
    yield;
  }
  return count;
}

it('work in turns lets others in, and comes to the same as at once', async () => {
  expect(await inTurns(countTo(1_000, () => false))).toBe(1_000);
  expect(atOnce(countTo(1_000, () => false))).toBe(1_000);
  let isEnded = false;
  setImmediate(() => {
    isEnded = true;
  });
  // Without a pause it would count to the end: what ends it comes with another turn.
  const counted = await inTurns(countTo(Number.POSITIVE_INFINITY, () => isEnded));
  expect(counted).toBeGreaterThan(0);
});
