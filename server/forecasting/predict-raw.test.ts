import { describe, expect, it } from 'vitest';
import type { ModelSession } from '../models/index.ts';
import type { ForecastParts } from './forecast-parts.ts';
import { predictRaw } from './predict-raw.ts';

/** A model of two features with two outputs: their sum, and both of them. */
const session: ModelSession = {
  modelId: 'm',
  modelName: 'Sums',
  columns: 2,
  run: async rows => {
    const sums = Float64Array.from(
      { length: rows.length / 2 },
      (_, row) => (rows[2 * row] ?? 0) + (rows[2 * row + 1] ?? 0),
    );
    return [sums, rows.slice()];
  },
};
const parts = { models: { openSession: async () => session } } as unknown as ForecastParts;

describe('raw rows', () => {
  it('give the values of all outputs, row by row', async () => {
    expect(
      await predictRaw(parts, 'm', [
        [1, 2],
        [3, 4],
      ]),
    ).toEqual([
      [3, 1, 2],
      [7, 3, 4],
    ]);
  });

  it('with a missing value are unknown where the model knows nothing, and never zero', async () => {
    expect(
      await predictRaw(parts, 'm', [
        [1, null],
        [3, 4],
      ]),
    ).toEqual([
      [null, 1, null],
      [7, 3, 4],
    ]);
  });

  it('that are complete but get no number are a fault of the model', async () => {
    await expect(
      predictRaw(parts, 'm', [
        [1, 2],
        [1e308, 1e308],
      ]),
    ).rejects.toMatchObject({
      code: 'model.faulty',
      message: 'The model "Sums" gives no number for rows[1].',
    });
  });

  it('of the wrong length are named', async () => {
    await expect(predictRaw(parts, 'm', [[1, 2], [1]])).rejects.toMatchObject({
      code: 'input.invalid',
      message: 'rows[1] has 1 values; the model "Sums" takes 2.',
    });
  });
});
