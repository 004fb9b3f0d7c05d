import { expect, it } from 'vitest';
import { experimentOrder } from '../../../../common/contracts/index.ts';
import { experimentOrderOf, INITIAL_ORDER } from './order-values.ts';

it('begins with what the contract takes by itself', () => {
  expect(experimentOrderOf({ ...INITIAL_ORDER, challengerId: 'm' })).toEqual(
    experimentOrder.parse({ challengerId: 'm' }),
  );
});

it('sends what was typed, as shares', () => {
  const order = experimentOrderOf({
    ...INITIAL_ORDER,
    challengerId: 'm',
    alphaPercent: 0.7,
    worstPercent: 7,
  });
  expect(order).toMatchObject({ alpha: 0.007, guardrails: { worstRelative: 0.07 } });
});

it('is no order without a challenger', () => {
  expect(experimentOrderOf(INITIAL_ORDER)).toBeUndefined();
});
