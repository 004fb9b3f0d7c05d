import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { convertBoosterFile } from './booster-file.ts';
import {
  COLUMNS,
  lightgbmText,
  probingRows,
  type SpokenTree,
  spokenTrees,
  walkLightgbm,
  walkXgboost,
  xgboostJson,
} from './random-boosters.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

async function predict(file: string, rows: readonly (readonly number[])[]): Promise<number[]> {
  const { onnx } = convertBoosterFile(bytesOf(file));
  const session = await InferenceSession.create(onnx, { intraOpNumThreads: 1 });
  const input = new Tensor('float64', Float64Array.from(rows.flat()), [rows.length, COLUMNS]);
  const { prediction } = await session.run({ X: input });
  return Array.from((prediction?.data ?? []) as Float64Array);
}

const walked = (trees: readonly SpokenTree[], walk: (row: readonly number[]) => number | number[]) =>
  probingRows(trees).flatMap(walk);

describe('random ensembles answer as a literal walk does, to the bit', () => {
  it('XGBoost, on, below and above every threshold, with missing values', async () => {
    await fc.assert(
      fc.asyncProperty(spokenTrees({ categories: false }), async trees => {
        const got = await predict(JSON.stringify(xgboostJson(trees)), probingRows(trees));
        expect(got).toEqual(walked(trees, row => walkXgboost(trees, row, 0.5)));
      }),
      { numRuns: 60 },
    );
  });

  it('XGBoost with splits by category, for one output and for three', async () => {
    await fc.assert(
      fc.asyncProperty(spokenTrees({ categories: true }), fc.constantFrom(1, 3), async (trees, outputs) => {
        const got = await predict(
          JSON.stringify(xgboostJson(trees, { classes: outputs })),
          probingRows(trees),
        );
        expect(got).toEqual(walked(trees, row => walkXgboost(trees, row, 0.5, outputs)));
      }),
      { numRuns: 150 },
    );
  });

  it('LightGBM, with every kind of missing value and with categories', async () => {
    await fc.assert(
      fc.asyncProperty(spokenTrees({ categories: true }), async trees => {
        const got = await predict(lightgbmText(trees), probingRows(trees));
        expect(got).toEqual(walked(trees, row => walkLightgbm(trees, row)));
      }),
      { numRuns: 100 },
    );
  });
});
