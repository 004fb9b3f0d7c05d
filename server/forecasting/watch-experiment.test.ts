import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { experimentOrder } from '../../common/contracts/index.ts';
import { NOW_MS, openForecastingWorld } from './forecasting-world.fixture.ts';
import { keepPredictionsOff, STARTED_MS } from './kept-predictions.fixture.ts';
import { watchExperiment } from './watch-experiment.ts';

let world: Awaited<ReturnType<typeof openForecastingWorld>>;
let ridge: string;
let trees: string;
beforeAll(async () => {
  world = await openForecastingWorld();
  ridge = await world.register('spot-price-ridge');
  trees = await world.register('spot-price-gbt');
  for (const modelId of [ridge, trees]) await world.forecasting.forgetModel(modelId);
});
afterAll(() => world.close());

describe('a running experiment', () => {
  it('is ended by the guardrail that its challenger breaks, and the champion serves again', async () => {
    world.time.nowMs = STARTED_MS;
    await world.models.activate(ridge, 'ann');
    const order = experimentOrder.parse({ challengerId: trees, mode: 'ab', challengerShare: 1 });
    const { id } = await world.models.startExperiment(order, 'ann');
    const served = async () =>
      (await world.models.activeFor('spot-price', { clusterId: 'shop' }, world.time.nowMs)).modelId;
    expect(await served()).toBe(trees);
    await keepPredictionsOff(world, ridge, 0.01, { seed: 21 });
    await keepPredictionsOff(world, trees, 0.03, { seed: 22 });
    world.time.nowMs = NOW_MS;
    const told: string[] = [];
    const log = pino({ level: 'silent' });
    await watchExperiment(world.parts, trees, log, result => told.push(result.verdict));
    expect(told).toEqual(['champion-better']);
    const { experiment: ended } = await world.forecasting.experiment(id);
    expect(ended).toMatchObject({
      outcome: 'guardrail',
      endedBy: 'engine',
      endReason: expect.stringContaining('surely worse'),
    });
    expect(await served()).toBe(ridge);
    // It is over: a further look neither tells nor ends anything.
    await watchExperiment(world.parts, trees, log, result => told.push(result.verdict));
    expect(told).toHaveLength(1);
  });
});
