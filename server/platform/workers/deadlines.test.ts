import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadlines } from './deadlines.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('deadlines behind one timer', () => {
  it('are missed each at its time, the met ones never', () => {
    const deadlines = new Deadlines();
    const missed: string[] = [];
    const set = (name: string, delayMs: number) => deadlines.set(delayMs, () => missed.push(name));
    set('late', 300);
    const met = set('met', 100);
    set('soon', 200);
    vi.advanceTimersByTime(50);
    deadlines.meet(met);
    set('first', 20);
    vi.advanceTimersByTime(21);
    expect(missed).toEqual(['first']);
    vi.advanceTimersByTime(128);
    expect(missed).toEqual(['first']);
    vi.advanceTimersByTime(2);
    expect(missed).toEqual(['first', 'soon']);
    vi.advanceTimersByTime(1_000);
    expect(missed).toEqual(['first', 'soon', 'late']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('use the timer of one that was met for the next', () => {
    const deadlines = new Deadlines();
    let missed = 0;
    for (let run = 0; run < 9; run++) {
      deadlines.meet(deadlines.set(100, () => missed++));
      vi.advanceTimersByTime(10);
      expect(vi.getTimerCount()).toBe(1);
    }
    deadlines.set(100, () => missed++);
    vi.advanceTimersByTime(99);
    expect(missed).toBe(0);
    vi.advanceTimersByTime(2);
    expect(missed).toBe(1);
  });

  it('that were cleared are forgotten', () => {
    const deadlines = new Deadlines();
    deadlines.set(100, () => expect.unreachable());
    deadlines.clear();
    vi.advanceTimersByTime(1_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
