import { join } from 'node:path';
import { expect, it } from 'vitest';
import { outputsProblem } from '../../common/contracts/index.ts';
import { NOW_MS, openForecastingWorld } from './forecasting-world.fixture.ts';
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

it('a sample comes so: a classifier and a regression in one file of Python, whose product is predicted and recomputed', async () => {
  const world = await openForecastingWorld();
  try {
    const file = join(import.meta.dirname, '../../resources/models/spot-price-change.joblib');
    const { id, manifest, format } = await world.models.register(file, 'spot-price-change.joblib');
    expect({ format, golden: manifest.golden.length }).toEqual({ format: 'joblib', golden: 16 });
    expect(manifest.outputs?.map(({ name, part }) => [name, part])).toEqual([
      ['change.label', undefined],
      ['change.probabilities_0', undefined],
      ['change.probabilities_1', 'change-probability'],
      ['size', 'change-size'],
    ]);
    const { predictions } = await world.forecasting.predict(id, undefined);
    expect(predictions).toHaveLength(6);
    await world.run(id);
    const { verdict } = await world.forecasting.recompute(id, predictions[0]?.pool ?? '', NOW_MS);
    expect(verdict).toBe('equal');
  } finally {
    await world.close();
  }
});
