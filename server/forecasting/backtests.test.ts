import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Backtest, backtest, backtestOrder } from '../../common/contracts/index.ts';
import type { LiveDelta } from '../../common/live-topics.ts';
import { MS_PER_DAY, MS_PER_HOUR } from '../../common/units/index.ts';
import { NOW_MS, openForecastingWorld } from './forecasting-world.fixture.ts';
import type { Forecasting } from './index.ts';

let world: Awaited<ReturnType<typeof openForecastingWorld>>;
let backtests: Forecasting['backtests'];
let modelId: string;

beforeAll(async () => {
  world = await openForecastingWorld();
  ({ backtests } = world.forecasting);
  modelId = await world.register('spot-price-ridge');
});
afterAll(() => world.close());

const order = (change: Record<string, unknown> = {}) => backtestOrder.parse({ modelId, ...change });

async function ended(jobId: string): Promise<Backtest> {
  for (;;) {
    const now = await backtests.get(jobId);
    if (now.state !== 'queued' && now.state !== 'running') return now;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

describe('backtests of the engine', () => {
  it('test a model on the prices of the database, from the end of its embargo on, and keep what they find', async () => {
    const done = await ended((await backtests.start(order())).jobId);
    expect(backtest.parse(done)).toEqual(done);
    expect(done).toMatchObject({
      state: 'succeeded',
      phase: 'testing',
      percent: 100,
      model: 'Spot price, ridge',
    });
    expect(done.message).toBe(done.report?.sentence);
    // Trained until the 20th of October, a horizon of a day.
    expect(done.report).toMatchObject({ pools: 6, from: '2026-10-21T12:00:00Z', stepMinutes: 60 });
    expect(done.report?.embargo).toMatchObject({
      until: '2026-10-21T00:00:00Z',
      lifted: false,
      pointsBefore: 0,
    });
    expect(done.report?.mase).toBeLessThan(1);
    const findings = await backtests.result(done.jobId);
    expect(findings).toMatchObject({ report: done.report });
    expect('pools' in findings && findings.pools).toHaveLength(6);
    expect((await backtests.list())[0]).toMatchObject({ jobId: done.jobId, report: null });
  });

  it('show baselines, another window and step, and the worth in dollars', async () => {
    const fromMs = NOW_MS - 6 * MS_PER_DAY;
    const asked = order({ modelId: 'drift', fromMs, horizonHours: 6, stepMinutes: 180, policy: {} });
    const done = await ended((await backtests.start(asked)).jobId);
    expect(done.report).toMatchObject({ model: 'drift', horizonHours: 6, from: '2026-11-17T12:00:00Z' });
    expect(done.report?.policy?.policies.map(({ policy }) => policy)).toContain('model');
    expect(done.report?.policy?.traces).toBe(3);
  });

  it('answer the same order with the job that is under way, and tell how far it is', async () => {
    const batches: LiveDelta[][] = [];
    const asked = order({ stepMinutes: 5 });
    const first = await backtests.start(asked);
    const dashboard = world.live.connect(async batch => {
      batches.push(batch);
    });
    await world.live.subscribe(dashboard, { topic: `backtest/${first.jobId}` });
    expect((await backtests.start(asked)).jobId).toBe(first.jobId);
    const done = await ended(first.jobId);
    await new Promise(resolve => setTimeout(resolve, 20));
    const told = batches.flat().flatMap(({ changes }) => changes.map(({ value }) => value as Backtest));
    expect(told.at(-1)).toMatchObject({ state: 'succeeded', percent: 100, points: done.report?.points });
    dashboard.close();
  });

  it('stop when they are cancelled, and keep nothing then', async () => {
    const { jobId } = await backtests.start(order({ stepMinutes: 6 }));
    const stopped = await backtests.cancel(jobId);
    expect(stopped).toMatchObject({ state: 'cancelled', report: null });
    await expect(backtests.result(jobId)).rejects.toThrow(/is cancelled and has no result/);
  });

  it.each([['a model that is not there', { modelId: 'model-9' }, /no model|not found|"model-9"/i]])(
    'refuse %s at once',
    async (_, change, sentence) => {
      await expect(backtests.start(order(change))).rejects.toThrow(sentence);
    },
  );

  it.each([
    [
      'another horizon than the model has',
      { horizonHours: 6 },
      /horizonHours is 6, but "Spot price, ridge" says 24/,
    ],
    [
      'a time before the end of the embargo alone',
      { toMs: Date.UTC(2026, 9, 19) },
      /was trained until 2026-10-20T00:00:00Z, and the prices end 2026-10-1/,
    ],
    ['a window without a horizon in it', { fromMs: NOW_MS - MS_PER_HOUR }, /do not hold a horizon of 24 h/],
  ])('fail with a sentence for %s', async (_, change, sentence) => {
    const done = await ended((await backtests.start(order(change))).jobId);
    expect(done.state).toBe('failed');
    expect(done.message).toMatch(sentence);
  });

  it('are forgotten with their model', async () => {
    const done = await ended((await backtests.start(order({ stepMinutes: 120 }))).jobId);
    await world.forecasting.forgetModel(modelId);
    expect((await backtests.get(done.jobId)).report).toBeNull();
  });
});
