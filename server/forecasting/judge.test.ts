import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { experimentResult } from '../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_HOUR } from '../../common/units/index.ts';
import type { ExperimentToJudge } from './experiment-result.ts';
import { NOW_MS, openForecastingWorld } from './forecasting-world.fixture.ts';
import { judgeExperiment } from './judge-experiment.ts';
import { judgeGate } from './judge-gate.ts';
import { keepPredictionsOff, STARTED_MS } from './kept-predictions.fixture.ts';

let world: Awaited<ReturnType<typeof openForecastingWorld>>;
let ridge: string;
let trees: string;

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
    await keepPredictionsOff(world, ridge, 0.02, { seed: 1 });
    await keepPredictionsOff(world, trees, 0.015, { seed: 2 });
    const result = await judgeExperiment(world.parts, experiment('better'));
    // 30 days, less the horizon and the six hours in which prices settle.
    expect(result).toMatchObject({ verdict: 'challenger-better', blocks: 28, points: 28 * 8 * 6, pools: 6 });
    expect(result.meanDifference).toBeCloseTo(0.005, 3);
    expect(result.championError?.relative).toBeCloseTo(0.02, 2);
    expect(result.guardrails.some(guardrail => guardrail.breached)).toBe(false);
    expect(experimentResult.parse(result)).toEqual(result);
  });

  it('keeps what it judged after the predictions are gone', async () => {
    await keepPredictionsOff(world, ridge, 0.02, { seed: 3 });
    await keepPredictionsOff(world, trees, 0.015, { seed: 4 });
    const before = await judgeExperiment(world.parts, experiment('kept'));
    await world.parts.predictions.forgetBefore(NOW_MS);
    const after = await judgeExperiment(world.parts, experiment('kept'));
    expect(after.series).toEqual(before.series);
  });

  it('does not count predictions that were made for the past', async () => {
    await keepPredictionsOff(world, ridge, 0.02, { seed: 5 });
    await keepPredictionsOff(world, trees, 0.001, { seed: 6, lateMs: 2 * MS_PER_HOUR });
    const result = await judgeExperiment(world.parts, experiment('late'));
    expect(result).toMatchObject({ blocks: 0, verdict: 'too-few' });
    expect(result.guardrails[1]).toMatchObject({ breached: true, value: 1 });
  });

  it('ends with the experiment', async () => {
    await keepPredictionsOff(world, ridge, 0.02, { seed: 7 });
    await keepPredictionsOff(world, trees, 0.02, { seed: 8 });
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

describe('the gate of a champion', () => {
  const champion = async () => {
    world.time.nowMs = STARTED_MS;
    const model = await world.models.activate(ridge, 'ann');
    world.time.nowMs = NOW_MS;
    return model;
  };

  it('is breached by a champion that is surely worse than persistence, and the registry hears of it', async () => {
    await keepPredictionsOff(world, ridge, 0.5, { seed: 9 });
    const gate = await judgeGate(world.parts, await champion());
    expect(gate).toMatchObject({ breached: true, blocks: 28 });
    expect(gate?.sentence).toMatch(/is off by 50\.\d %.*surely worse\.$/);
    await world.run(ridge);
    await expect.poll(() => world.breaches[0]).toEqual({ modelId: ridge, reason: gate?.sentence });
  });

  it('holds for one that is better, and for one that has served a short time', async () => {
    await keepPredictionsOff(world, ridge, 0.001, { seed: 10 });
    expect(await judgeGate(world.parts, await champion())).toMatchObject({ breached: false, blocks: 28 });
    world.time.nowMs = NOW_MS - 20 * MS_PER_DAY;
    expect(await judgeGate(world.parts, await champion())).toMatchObject({ breached: false });
    expect(world.breaches).toEqual([]);
  });

  it('does not hold a model that is no champion', async () => {
    expect(await judgeGate(world.parts, await world.models.get(trees))).toBeUndefined();
  });
});
