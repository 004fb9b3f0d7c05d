import { expect, it } from 'vitest';
import { savedSteps } from './saved-steps.ts';

const HOUR = 3_600_000;
const row = (hour: number, realized: number, predicted: number) => ({
  key: String(hour * HOUR),
  clusterId: null,
  name: '',
  plans: 1,
  predictedMicroUsd: predicted * 1e6,
  realizedMicroUsd: realized * 1e6,
  knownMs: HOUR,
  unknownMs: 0,
});

it('adds steps up to now, over steps in which nothing was saved', () => {
  expect(savedSteps([row(1, -1, 2), row(3, 4, 2)], HOUR, 3.5 * HOUR)).toEqual({
    timesMs: [HOUR, 2 * HOUR, 3 * HOUR, 3.5 * HOUR],
    realized: [0, -1, -1, 3],
    predicted: [0, 2, 2, 4],
  });
});

it('has no point where nothing was booked', () => {
  expect(savedSteps([], HOUR, HOUR).timesMs).toEqual([]);
});
