import { describe, expect, it } from 'vitest';
import { afterPlan, closedBreaker, pausedSentence } from './breaker.ts';

const MINUTE = 60_000;
const limits = { failuresUntilPause: 3, failureSpanMs: 10 * MINUTE };
/** `x` a failure, `o` a success, at these minutes. */
const ended = (...plans: readonly (readonly ['x' | 'o', number])[]) =>
  plans.reduce(
    (breaker, [end, minute]) => afterPlan(breaker, end === 'x', minute * MINUTE, limits),
    closedBreaker,
  );

describe('the circuit breaker', () => {
  it('opens at three failures within ten minutes, whatever succeeded between them', () => {
    const breaker = ended(['x', 0], ['o', 3], ['x', 6], ['o', 7], ['x', 9]);
    expect(breaker.pausedAt).toBe(9 * MINUTE);
    expect(pausedSentence(breaker, limits)).toMatch(/^3 plans failed within 10 min on this cluster/);
    expect(ended(['x', 0], ['o', 3], ['x', 6], ['o', 7], ['x', 11]).pausedAt).toBeNull();
  });

  it('opens at three failures in a row, however slowly', () => {
    expect(ended(['x', 0], ['x', 30], ['x', 60]).pausedAt).toBe(60 * MINUTE);
    expect(ended(['x', 0], ['x', 30], ['o', 45], ['x', 60]).pausedAt).toBeNull();
  });

  it('stays open until somebody closes it', () => {
    expect(ended(['x', 0], ['x', 1], ['x', 2], ['o', 300]).pausedAt).toBe(2 * MINUTE);
  });
});
