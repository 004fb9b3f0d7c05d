import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { experimentOrder, experimentResult } from '../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_HOUR, poolKey } from '../../common/units/index.ts';
import type { ExperimentToJudge } from './experiment-result.ts';
import { priceAt } from './features/index.ts';
import { NOW_MS, openForecastingWorld, pools } from './forecasting-world.fixture.ts';
import { judgeExperiment } from './judge-experiment.ts';
import { judgeGate } from './judge-gate.ts';
import { randomSamples } from './random-samples.fixture.ts';
import { watchExperiment } from './watch-experiment.ts';

let world: Awaited<ReturnType<typeof openForecastingWorld>>;
let ridge: string;
let trees: string;
const STARTED_MS = NOW_MS - 30 * MS_PER_DAY;

beforeAll(async () => {
  world = await openForecastingWorld();
  ridge = await world.register('spot-price-ridge');
  trees = await world.register('spot-price-gbt');
});
beforeEach(async () => {
  world.time.nowMs = NOW_MS;
  world.breaches.length = 0;
  for (const modelId of [ridge, trees]) await world.forecasting.forgetModel(modelId);
});
afterAll(() => world.close());

/**
 * Keeps predictions for every third hour of the 30 days as if they had been made then: off from what came by about
 * `relative` of it, either way.
 */
async function predictionsOff(modelId: string, relative: number, options: { seed: number; lateMs?: number }) {
  const { uniform } = randomSamples(options.seed);
  const series = await world.parts.market.prices.series(pools, STARTED_MS - MS_PER_DAY, NOW_MS + 1);
  const kept: Promise<void>[] = [];
  for (let madeAt = STARTED_MS; madeAt <= NOW_MS - MS_PER_DAY; madeAt += 3 * MS_PER_HOUR) {
    const predictions = series.map((records, row) => {
      const actual = priceAt(records, madeAt + MS_PER_DAY);
      const error = relative * (0.5 + uniform()) * (uniform() < 0.5 ? -1 : 1);
      return {
        pool: poolKey(records.pool),
        madeAt,
        forMs: madeAt + MS_PER_DAY,
        priceMicroUsdPerHour: Math.round(actual * (1 + error)),
        persistenceMicroUsdPerHour: priceAt(records, madeAt),
        row,
      };
    });
    const batch = {
      madeAt,
      columns: 1,
      table: new Float64Array(6),
      output: new Float64Array(6),
      predictions,
    };
    const hashes = { model: modelId, features: 'test' };
    kept.push(world.parts.predictions.keep(modelId, hashes, batch, madeAt + (options.lateMs ?? 60_000)));
  }
  await Promise.all(kept);
}

const experiment = (id: string, change: Partial<ExperimentToJudge> = {}): ExperimentToJudge => ({
  id,
  championId: ridge,
  challengerId: trees,
  startedAt: STARTED_MS,
  endedAt: null,
  alpha: 0.05,
  guardrails: { worstRelative: 0.2, missingShare: 0.05, failures: 3 },
  ...change,
});

describe('judging an experiment', () => {
  it('finds the better of two models from what they predicted and what came', async () => {
    await predictionsOff(ridge, 0.02, { seed: 1 });
    await predictionsOff(trees, 0.015, { seed: 2 });
    const result = await judgeExperiment(world.parts, experiment('better'));
    // 30 days, less the horizon and the six hours in which prices settle.
    expect(result).toMatchObject({ verdict: 'challenger-better', blocks: 28, points: 28 * 8 * 6, pools: 6 });
    expect(result.meanDifference).toBeCloseTo(0.005, 3);
    expect(result.championError?.relative).toBeCloseTo(0.02, 2);
    expect(result.guardrails.some(guardrail => guardrail.breached)).toBe(false);
    expect(experimentResult.parse(result)).toEqual(result);
  });

  it('keeps what it judged after the predictions are gone', async () => {
    await predictionsOff(ridge, 0.02, { seed: 3 });
    await predictionsOff(trees, 0.015, { seed: 4 });
    const before = await judgeExperiment(world.parts, experiment('kept'));
    await world.parts.predictions.forgetBefore(NOW_MS);
    const after = await judgeExperiment(world.parts, experiment('kept'));
    expect(after.series).toEqual(before.series);
  });

  it('does not count predictions that were made for the past', async () => {
    await predictionsOff(ridge, 0.02, { seed: 5 });
    await predictionsOff(trees, 0.001, { seed: 6, lateMs: 2 * MS_PER_HOUR });
    const result = await judgeExperiment(world.parts, experiment('late'));
    expect(result).toMatchObject({ blocks: 0, verdict: 'too-few' });
    expect(result.guardrails[1]).toMatchObject({ breached: true, value: 1 });
  });

  it('ends with the experiment', async () => {
    await predictionsOff(ridge, 0.02, { seed: 7 });
    await predictionsOff(trees, 0.02, { seed: 8 });
    const endedAt = STARTED_MS + 5 * MS_PER_DAY;
    const result = await judgeExperiment(world.parts, experiment('ended', { endedAt }));
    expect(result.blocks).toBe(5);
    expect(result.points).toBe(5 * 8 * 6);
  });

  it('counts failures of the challenger since the start', async () => {
    for (const at of [STARTED_MS - 1, STARTED_MS, NOW_MS]) {
      await world.parts.runs.recordFailure(trees, at, 'It ran out of memory.');
    }
    const result = await judgeExperiment(world.parts, experiment('failing'));
    expect(result.guardrails[2]).toMatchObject({ value: 2, breached: false });
  });
});

describe('a running experiment', () => {
  it('is ended by the guardrail that its challenger breaks, and the champion serves again', async () => {
    world.time.nowMs = STARTED_MS;
    await world.models.activate(ridge, 'ann');
    const order = experimentOrder.parse({ challengerId: trees, mode: 'ab', challengerShare: 1 });
    const { id } = await world.models.startExperiment(order, 'ann');
    const served = async () =>
      (await world.models.activeFor('spot-price', { clusterId: 'shop' }, world.time.nowMs)).modelId;
    expect(await served()).toBe(trees);
    await predictionsOff(ridge, 0.01, { seed: 21 });
    await predictionsOff(trees, 0.03, { seed: 22 });
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

describe('the gate of a champion', () => {
  const champion = async () => {
    world.time.nowMs = STARTED_MS;
    const model = await world.models.activate(ridge, 'ann');
    world.time.nowMs = NOW_MS;
    return model;
  };

  it('is breached by a champion that is surely worse than persistence, and the registry hears of it', async () => {
    await predictionsOff(ridge, 0.5, { seed: 9 });
    const gate = await judgeGate(world.parts, await champion());
    expect(gate).toMatchObject({ breached: true, blocks: 28 });
    expect(gate?.sentence).toMatch(/is off by 50\.\d %.*surely worse\.$/);
    await world.run(ridge);
    // An activation queues a run of its own: the registry may hear the same twice.
    await expect.poll(() => world.breaches[0]).toEqual({ modelId: ridge, reason: gate?.sentence });
  });

  it('holds for one that is better, and for one that has served a short time', async () => {
    await predictionsOff(ridge, 0.001, { seed: 10 });
    expect(await judgeGate(world.parts, await champion())).toMatchObject({ breached: false, blocks: 28 });
    world.time.nowMs = NOW_MS - 20 * MS_PER_DAY;
    expect(await judgeGate(world.parts, await champion())).toMatchObject({ breached: false });
    expect(world.breaches).toEqual([]);
  });

  it('does not hold a model that is no champion', async () => {
    expect(await judgeGate(world.parts, await world.models.get(trees))).toBeUndefined();
  });
});
