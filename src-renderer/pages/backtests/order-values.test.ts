import { expect, it } from 'vitest';
import { backtestOrder } from '../../../common/contracts/backtests.ts';
import { backtestOrderOf, INITIAL_ORDER, whyNotTest } from './order-values.ts';

it('begins with what the contract takes by itself', () => {
  const values = { ...INITIAL_ORDER, modelId: 'model-1' };
  expect(backtestOrderOf(values)).toEqual(backtestOrder.parse({ modelId: 'model-1' }));
  const worth = backtestOrder.parse({ modelId: 'model-1', policy: {} });
  expect(backtestOrderOf({ ...values, isWorthAsked: true })).toEqual(worth);
});

it('gives a horizon to baselines alone: a model has its own', () => {
  expect(backtestOrderOf({ ...INITIAL_ORDER, modelId: 'seasonal', horizonHours: 6 })).toMatchObject({
    horizonHours: 6,
  });
  expect(backtestOrderOf({ ...INITIAL_ORDER, modelId: 'model-1', horizonHours: 6 })).not.toHaveProperty(
    'horizonHours',
  );
});

it('says what keeps it from being sent', () => {
  expect(whyNotTest(INITIAL_ORDER)).toBe('Choose what to test.');
  expect(whyNotTest({ ...INITIAL_ORDER, modelId: 'm', from: '2026-10-02', to: '2026-10-01' })).toContain(
    'last day',
  );
  expect(whyNotTest({ ...INITIAL_ORDER, modelId: 'm', isWorthAsked: true, deadlineHours: 3 })).toContain(
    'at least',
  );
  expect(whyNotTest({ ...INITIAL_ORDER, modelId: 'm' })).toBeUndefined();
});
