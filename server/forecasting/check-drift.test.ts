import { afterEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../common/seeded-random.ts';
import { MS_PER_DAY, MS_PER_HOUR } from '../../common/units/index.ts';
import { NOW_MS, openForecastingWorld } from './forecasting-world.fixture.ts';

let world: Awaited<ReturnType<typeof openForecastingWorld>>;
afterEach(() => world.close());

/** A price that is drawn anew every six hours, for each pool on its own. */
const drawn = (place: number, atMs: number) =>
  80_000 + 40_000 * seededRandom(Math.imul(atMs / (6 * MS_PER_HOUR), 10_007) + place)();
const RECENT_FROM_MS = NOW_MS - 14 * MS_PER_DAY;

describe('drift of a model', () => {
  it('is none on prices that go on as they were, seen from the days before "trained until"', async () => {
    world = await openForecastingWorld(drawn);
    const trainedUntil = new Date(NOW_MS - 15 * MS_PER_DAY).toISOString();
    const modelId = await world.register('spot-price-gbt', { trainedUntil });
    await expect.poll(async () => (await world.forecasting.summary(modelId)).drift).not.toBeNull();
    const { drift } = await world.forecasting.summary(modelId);
    expect(drift).toMatchObject({
      state: 'none',
      referenceKind: 'before-trained-until',
      recentFromMs: RECENT_FROM_MS,
      recentToMs: NOW_MS,
      residuals: null,
    });
    const model = await world.models.get(modelId);
    expect(drift?.inputs.map(input => input.feature)).toEqual(
      model.manifest.features.map(feature => feature.name),
    );
    expect(drift?.inputs[0]).toMatchObject({ recentN: 14 * 8 * 6 });
  }, 60_000);

  it('is found on prices that stand still, seen from the first days after "trained until"', async () => {
    world = await openForecastingWorld((place, atMs) =>
      atMs < RECENT_FROM_MS ? drawn(place, atMs) : 90_000,
    );
    const modelId = await world.register('spot-price-gbt');
    await expect.poll(async () => (await world.forecasting.summary(modelId)).drift).not.toBeNull();
    const { drift } = await world.forecasting.summary(modelId);
    expect(drift).toMatchObject({ state: 'drifting', referenceKind: 'first-after-trained-until' });
    expect(drift?.inputs.filter(input => input.drifting).map(input => input.feature)).toContain('return_1h');
    expect(drift?.sentence).toMatch(/distributed otherwise than in the first days after/);
  }, 60_000);
});
