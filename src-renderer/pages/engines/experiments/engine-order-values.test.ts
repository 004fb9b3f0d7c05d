import { expect, it } from 'vitest';
import { engineExperimentOrder } from '../../../../common/contracts/index.ts';
import { engineOrderOf, INITIAL_ENGINE_ORDER } from './engine-order-values.ts';

const both = { championId: 'spot', challengerId: 'engine_1' };

it('begins with the defaults of the contract', () => {
  expect(engineOrderOf({ ...INITIAL_ENGINE_ORDER, ...both })).toEqual(engineExperimentOrder.parse(both));
});

it('says shares as they were typed, and nothing without both engines', () => {
  const order = engineOrderOf({ ...INITIAL_ENGINE_ORDER, ...both, alphaPercent: 0.7, refusedPercent: 7 });
  expect(order).toMatchObject({ alpha: 0.007, guardrails: { refusedShare: 0.07 } });
  expect(engineOrderOf({ ...INITIAL_ENGINE_ORDER, championId: 'spot' })).toBeUndefined();
});
