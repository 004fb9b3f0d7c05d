import { expect, it } from 'vitest';
import { backtestOrder } from '../../../common/contracts/backtests.ts';
import { backtestOrderOf, INITIAL_ORDER, taskOf, whyNotTest } from './order-values.ts';

it('begins with what the contract takes by itself', () => {
  const values = { ...INITIAL_ORDER, modelId: 'model-1' };
  expect(backtestOrderOf(values, 'spot-price')).toEqual(backtestOrder.parse({ modelId: 'model-1' }));
  const worth = backtestOrder.parse({ modelId: 'model-1', policy: {} });
  expect(backtestOrderOf({ ...values, isWorthAsked: true }, 'spot-price')).toEqual(worth);
});

it('gives a horizon to baselines alone: a model has its own', () => {
  expect(
    backtestOrderOf({ ...INITIAL_ORDER, modelId: 'seasonal', horizonHours: 6 }, 'spot-price'),
  ).toMatchObject({
    horizonHours: 6,
  });
  expect(
    backtestOrderOf({ ...INITIAL_ORDER, modelId: 'model-1', horizonHours: 6 }, 'spot-price'),
  ).not.toHaveProperty('horizonHours');
});

it('says what keeps it from being sent', () => {
  expect(whyNotTest(INITIAL_ORDER, 'spot-price')).toBe('Choose what to test.');
  expect(
    whyNotTest({ ...INITIAL_ORDER, modelId: 'm', from: '2026-10-02', to: '2026-10-01' }, 'spot-price'),
  ).toContain('last day');
  expect(
    whyNotTest({ ...INITIAL_ORDER, modelId: 'm', isWorthAsked: true, deadlineHours: 3 }, 'spot-price'),
  ).toContain('at least');
  expect(whyNotTest({ ...INITIAL_ORDER, modelId: 'm' }, 'spot-price')).toBeUndefined();
});

it('holds interruptions against a recording, which it needs, and asks their worth by a job each day', () => {
  const chosen = { ...INITIAL_ORDER, modelId: 'risk:persistence', horizonHours: 1, isWorthAsked: true };
  expect(taskOf('risk:persistence', [])).toBe('interruption');
  expect(taskOf('model-2', ['model-2'])).toBe('interruption');
  expect(taskOf('persistence', ['model-2'])).toBe('spot-price');
  expect(whyNotTest(chosen, 'interruption')).toContain('recording');
  const recording = { sha256: 'a'.repeat(64), name: 'traces.csv' };
  const given = { ...chosen, recording, onlyAvailable: true };
  expect(whyNotTest(given, 'interruption')).toBeUndefined();
  const order = backtestOrderOf(given, 'interruption');
  expect(order).toEqual(
    backtestOrder.parse({
      modelId: 'persistence',
      horizonHours: 1,
      recording,
      origins: 'available',
      policy: { everyHours: 24 },
    }),
  );
});
