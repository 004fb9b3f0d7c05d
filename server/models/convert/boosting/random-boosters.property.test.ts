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

  it('XGBoost with sets of one member one below the other, beside the single leaves of base_score', async () => {
    // Found by chance: onnxruntime 1.30 joins such sets into one, and then adds the base of another output twice.
    const common = { feature: 2, threshold: 0, missing: 'nan', defaultLeft: true } as const;
    const inner = { ...common, categories: [27], left: { leaf: -0.2 }, right: { leaf: 0.1 } };
    const outer = { ...common, categories: [26], left: inner, right: { leaf: 0.1 } };
    const below = { ...common, feature: 1, threshold: 300, left: { leaf: 0.12 }, right: outer };
    const tree: SpokenTree = { ...common, feature: 0, threshold: 0.03, left: { leaf: 0.25 }, right: below };
    const file = xgboostJson([tree], { classes: 3, baseScore: '1E0' });
    const got = await predict(JSON.stringify(file), probingRows([tree]));
    expect(got).toEqual(walked([tree], row => walkXgboost([tree], row, 1, 3)));
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
