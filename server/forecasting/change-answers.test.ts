import { expect, it } from 'vitest';
import { outputsProblem } from '../../common/contracts/index.ts';
import { answerPlaces, priceAnswer } from './model-answers.ts';

const outputs = [
  { name: 'change.label', unused: true as const },
  { name: 'change.probabilities_1', part: 'change-probability' as const },
  { name: 'size', part: 'change-size' as const },
];
const manifest = { outputs, target: 'log-return' as const };
const priceOf = (...row: number[]) =>
  priceAnswer(manifest, answerPlaces(manifest), Float64Array.from(row), 100_000)?.priceMicroUsdPerHour;

it('the probability of a change and its size make one price: their product', () => {
  expect(priceOf(1, 0.25, Math.log(1.2))).toBe(Math.round(100_000 * 1.2 ** 0.25));
  expect(priceOf(0, 0, 5)).toBe(100_000);
  expect(priceOf(1, 1, Math.log(0.9))).toBe(90_000);
});

it('what is no probability makes no price', () => {
  expect(priceOf(1, 1.01, 0.1)).toBeUndefined();
  expect(priceOf(1, -0.01, 0.1)).toBeUndefined();
  expect(priceOf(1, Number.NaN, 0.1)).toBeUndefined();
});

it('both parts are needed, once each, and only a log-return has them', () => {
  const problem = (change: object) =>
    outputsProblem({ ...manifest, task: 'spot-price', golden: [], ...change });
  expect(problem({})).toBeUndefined();
  expect(problem({ outputs: outputs.slice(0, 2) })).toContain(
    'need one "change-probability" and one "change-size"',
  );
  expect(problem({ outputs: [...outputs, { name: 'other', part: 'change-size' }] })).toContain('need one');
  expect(problem({ outputs: [...outputs, { name: 'other' }] })).toContain('outputs name 2 answers');
  expect(problem({ target: 'price-usd-per-hour' })).toContain('target log-return');
  expect(problem({ task: 'interruption' })).toContain('only a spot-price model');
});
