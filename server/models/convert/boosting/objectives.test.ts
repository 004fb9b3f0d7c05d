import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import {
  PythonClass,
  PythonDict,
  PythonList,
  PythonObject,
  type PythonValue,
} from '../../python/python-values.ts';
import { convertBoosterFile } from './booster-file.ts';
import { type ConvertedBooster, convertPickledBooster } from './index.ts';
import { lightgbmText, type SpokenTree, xgboostJson } from './random-boosters.ts';

/** Below one, the first leaf; from one on, the second; missing goes right. */
const stump = (low: number, high: number): SpokenTree => ({
  feature: 0,
  threshold: 1,
  missing: 'nan',
  defaultLeft: false,
  left: { leaf: low },
  right: { leaf: high },
});
const trees = [stump(0.25, -1), stump(2, 0.5), stump(-0.75, 1.5)];
const bytesOf = (value: unknown) =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const float = Math.fround;

async function run(
  converted: ConvertedBooster,
  first: readonly number[] = [0, 2],
): Promise<Record<string, number[]>> {
  const session = await InferenceSession.create(converted.onnx, { intraOpNumThreads: 1 });
  const rows = Float64Array.from(first.flatMap(value => [value, 0, 0]));
  const results = await session.run({ X: new Tensor('float64', rows, [first.length, 3]) });
  return Object.fromEntries(
    Object.entries(results).map(([name, tensor]) => [name, Array.from(tensor.data as Float64Array, Number)]),
  );
}
const xgboost = (options: Parameters<typeof xgboostJson>[1], own = trees) =>
  run(convertBoosterFile(bytesOf(xgboostJson(own, options))));
const lightgbm = (options: Parameters<typeof lightgbmText>[1], own = trees) =>
  run(convertBoosterFile(bytesOf(lightgbmText(own, options))));

/** Sums of the leaves for the rows 0 and 2. */
const sums = [1.5, 1];

describe('objectives of XGBoost, from base_score to answer', () => {
  it.each(['reg:squarederror', 'reg:absoluteerror', 'reg:pseudohubererror', 'reg:quantileerror'])(
    '%s adds base_score',
    async objective => {
      expect(await xgboost({ objective, baseScore: '2.5E0' })).toEqual({ prediction: [4, 3.5] });
    },
  );

  it.each(['count:poisson', 'reg:gamma', 'reg:tweedie'])('%s multiplies it', async objective => {
    expect(await xgboost({ objective, baseScore: '[5E-1]' })).toEqual({
      prediction: sums.map(sum => float(Math.exp(float(float(Math.log(0.5)) + sum)))),
    });
  });

  it('reg:logistic shifts the odds', async () => {
    const { prediction = [] } = await xgboost({ objective: 'reg:logistic', baseScore: '2E-1' });
    sums.forEach((sum, row) => {
      expect(prediction[row]).toBeCloseTo(1 / (1 + Math.exp(-sum) * 4), 6);
    });
  });

  it('binary:logistic gives both probabilities and the label', async () => {
    const own = [stump(2, -3)];
    const { label, probabilities = [] } = await xgboost({ objective: 'binary:logistic' }, own);
    expect(label).toEqual([1, 0]);
    expect(probabilities[1]).toBe(float(1 / float(1 + float(Math.exp(-2)))));
    expect(probabilities[0]).toBe(float(1 - (probabilities[1] ?? 0)));
    expect(probabilities[3]).toBe(float(1 / float(1 + float(Math.exp(3)))));
  });

  it('binary:logistic does not overflow', async () => {
    const { probabilities } = await xgboost({ objective: 'binary:logistic' }, [stump(1000, -1000)]);
    expect(probabilities).toEqual([0, 1, 1, expect.closeTo(3e-39, 39)]);
  });

  it('binary:logitraw gives the log-odds, and its base_score is some', async () => {
    expect(await xgboost({ objective: 'binary:logitraw' })).toEqual({
      prediction: sums.map(sum => sum + 0.5),
    });
  });

  it('binary:hinge gives zero or one', async () => {
    expect(await xgboost({ objective: 'binary:hinge', baseScore: '0' }, [stump(2, -3)])).toEqual({
      label: [1, 0],
      probabilities: [0, 1, 1, 0],
    });
  });

  it.each(['multi:softprob', 'multi:softmax'])(
    '%s shares out by class, a base_score for each',
    async objective => {
      const { label, probabilities = [] } = await xgboost({
        objective,
        classes: 3,
        baseScore: '[1E0,2E0,3E0]',
      });
      const powers = [1.25, 4, 2.25].map(Math.exp);
      const total = powers.reduce((sum, power) => sum + power, 0);
      expect(label).toEqual([1, 2]);
      powers.forEach((power, index) => {
        expect(probabilities[index]).toBeCloseTo(power / total, 6);
      });
      expect(probabilities[3]).toBeCloseTo(Math.exp(0) / (Math.exp(0) + Math.exp(2.5) + Math.exp(4.5)), 6);
    },
  );

  it('dart weighs its trees', async () => {
    expect(await xgboost({ dart: [1, 0.5, 2], baseScore: '0' })).toEqual({ prediction: [-0.25, 2.25] });
  });

  it('gblinear is a weighted sum in which a missing value adds nothing', async () => {
    const file = xgboostJson(trees, { baseScore: '1E0' }) as { learner: Record<string, unknown> };
    file.learner.gradient_booster = { name: 'gblinear', model: { weights: [2, 7, 9, 0.5] } };
    expect(await run(convertBoosterFile(bytesOf(file)), [3, Number.NaN])).toEqual({ prediction: [7.5, 1.5] });
  });

  it('a file of the wrapper stops after the best round, a file of the booster does not', async () => {
    const best = { best_iteration: '1' };
    expect(await xgboost({ attributes: best, baseScore: '0' })).toEqual({ prediction: sums });
    const saved = { ...best, scikit_learn: '{"_estimator_type": "regressor"}' };
    expect(await xgboost({ attributes: saved, baseScore: '0' })).toEqual({ prediction: [2.25, -0.5] });
  });

  it('a base_score of zero has no logarithm and is refused', () => {
    const file = bytesOf(xgboostJson(trees, { objective: 'count:poisson', baseScore: '0E0' }));
    expect(() => convertBoosterFile(file)).toThrow(/base_score '0E0' is outside/);
  });

  it('reads NaN where Python writes it, also in the parameters that save_model leaves', async () => {
    const scikit = '{"missing": -999.0, "n_classes_": 2, "scale": NaN, "classes_": ["NaN", "up"]}';
    const text = JSON.stringify(
      xgboostJson([stump(2, -3)], { objective: 'binary:logistic', attributes: { scikit_learn: scikit } }),
    ).replace('"default_left"', '"sum_hessian":[NaN,-Infinity],"default_left"');
    const converted = convertBoosterFile(bytesOf(text));
    expect(converted.classes).toEqual(['NaN', 'up']);
    expect((await run(converted, [0, -999, Number.NaN])).label).toEqual([1, 0, 0]);
  });
});

describe('what a converted booster says of itself', () => {
  it('names its outputs and their widths', () => {
    const several = xgboostJson(trees, { classes: 3 });
    expect(convertBoosterFile(bytesOf(several)).outputs).toEqual([
      { name: 'prediction', kind: 'prediction', columns: 3 },
    ]);
    const classes = xgboostJson(trees, { objective: 'multi:softprob', classes: 3 });
    expect(convertBoosterFile(bytesOf(classes))).toMatchObject({
      outputs: [
        { name: 'label', columns: 1 },
        { name: 'probabilities', columns: 3 },
      ],
      classes: [0, 1, 2],
      features: undefined,
      columns: 3,
    });
  });

  it('keeps names of features and refuses another number of them', () => {
    const text = lightgbmText(trees);
    const named = text.replace('Column_0 Column_1 Column_2', 'load wind hour');
    expect(convertBoosterFile(bytesOf(named)).features).toEqual(['load', 'wind', 'hour']);
    expect(() => convertBoosterFile(bytesOf(text.replace('Column_0 ', 'Column_7 a ')))).toThrow(
      /names 4 features/,
    );
  });
});

describe('objectives of LightGBM', () => {
  it.each(['regression', 'regression_l1', 'huber', 'fair', 'quantile alpha:0.9', 'mape'])(
    '%s',
    async objective => {
      expect(await lightgbm({ objective })).toEqual({ prediction: sums });
    },
  );

  it.each(['poisson', 'gamma', 'tweedie'])('%s', async objective => {
    const { prediction = [] } = await lightgbm({ objective });
    expect(prediction[0]).toBeCloseTo(Math.exp(1.5), 14);
  });

  it('regression sqrt squares and keeps the sign', async () => {
    expect(await lightgbm({ objective: 'regression sqrt' }, [stump(-3, 2)])).toEqual({ prediction: [-9, 4] });
  });

  it('binary uses its own sigmoid', async () => {
    const { label, probabilities = [] } = await lightgbm({ objective: 'binary sigmoid:2' }, [stump(1, -1)]);
    expect(label).toEqual([1, 0]);
    expect(probabilities[1]).toBeCloseTo(1 / (1 + Math.exp(-2)), 15);
    expect(probabilities[0]).toBeCloseTo(1 - 1 / (1 + Math.exp(-2)), 15);
  });

  it('multiclass shares out, multiclassova does not', async () => {
    const shared = await lightgbm({ objective: 'multiclass num_class:3', classes: 3 });
    expect(shared.label).toEqual([1, 2]);
    expect(shared.probabilities?.slice(0, 3).reduce((sum, own) => sum + own, 0)).toBeCloseTo(1, 14);
    const each = await lightgbm({ objective: 'multiclassova num_class:3 sigmoid:1', classes: 3 });
    expect(each.probabilities?.[1]).toBeCloseTo(1 / (1 + Math.exp(-2)), 15);
    expect(each.probabilities?.[0]).toBeCloseTo(1 / (1 + Math.exp(-0.25)), 15);
  });

  it('cross_entropy and cross_entropy_lambda', async () => {
    expect((await lightgbm({ objective: 'cross_entropy' })).prediction?.[0]).toBeCloseTo(
      1 / (1 + Math.exp(-1.5)),
      15,
    );
    expect((await lightgbm({ objective: 'cross_entropy_lambda' })).prediction?.[0]).toBeCloseTo(
      Math.log1p(Math.exp(1.5)),
      14,
    );
  });

  it('a random forest takes the mean', async () => {
    expect(await lightgbm({ average: true })).toEqual({ prediction: [1.5 / 3, 1 / 3] });
  });

  it('a model of one leaf, and of none', async () => {
    expect(await lightgbm({}, [{ leaf: 7 }])).toEqual({ prediction: [7, 7] });
    expect(await lightgbm({}, [])).toEqual({ prediction: [0, 0] });
  });

  it('an objective of its own gives the raw score, and says so', () => {
    const text = lightgbmText(trees).replace('objective=regression\n', '');
    expect(convertBoosterFile(bytesOf(text)).warnings).toEqual([expect.stringContaining('raw score')]);
  });
});

/** A Python object with a state; done by hand, as its reader would. */
function pythonObject(path: string, state: Record<string, PythonValue>): PythonObject {
  const at = path.lastIndexOf('.');
  const object = new PythonObject(new PythonClass(path.slice(0, at), path.slice(at + 1)), []);
  const dict = new PythonDict();
  dict.entries.push(...Object.entries(state));
  object.state = dict;
  return object;
}
function listOf(...items: PythonValue[]): PythonList {
  const list = new PythonList();
  list.items.push(...items);
  return list;
}

describe('boosters inside pickled objects', () => {
  const handle = bytesOf({ Config: {}, Model: xgboostJson(trees, { baseScore: '0' }) });

  it('the wrapper stops after the best round, the booster itself does not', async () => {
    const booster = pythonObject('xgboost.core.Booster', { handle, best_iteration: 1 });
    const wrapper = pythonObject('xgboost.sklearn.XGBRegressor', { _Booster: booster, missing: Number.NaN });
    expect(await run(convertPickledBooster(wrapper))).toEqual({ prediction: [2.25, -0.5] });
    expect(await run(convertPickledBooster(booster))).toEqual({ prediction: sums });
  });

  it('the best round of a forest has all its parallel trees', async () => {
    const forest = bytesOf({ Model: xgboostJson(trees, { baseScore: '0', parallel: 3 }) });
    const booster = pythonObject('xgboost.core.Booster', { handle: forest, best_iteration: 0 });
    const wrapper = pythonObject('xgboost.sklearn.XGBRFRegressor', { _Booster: booster });
    expect(await run(convertPickledBooster(wrapper))).toEqual({ prediction: sums });
  });

  it('missing=-999 goes where missing values go', async () => {
    const booster = pythonObject('xgboost.core.Booster', { handle });
    const wrapper = pythonObject('xgboost.sklearn.XGBRegressor', { _Booster: booster, missing: -999 });
    expect(await run(convertPickledBooster(wrapper), [-999, -998, Number.NaN])).toEqual({
      prediction: [1, 1.5, 1],
    });
  });

  it('LightGBM: the best round, and the classes by name', async () => {
    const text = lightgbmText(trees, { objective: 'binary sigmoid:1' });
    const booster = pythonObject('lightgbm.basic.Booster', { handle: text, best_iteration: 1 });
    const wrapper = pythonObject('lightgbm.sklearn.LGBMClassifier', {
      _Booster: booster,
      _classes: listOf('down', 'up'),
    });
    const converted = convertPickledBooster(wrapper);
    expect(converted).toMatchObject({
      classes: ['down', 'up'],
      library: 'lightgbm',
      libraryVersion: 'format v4',
    });
    expect((await run(converted)).probabilities?.[1]).toBeCloseTo(1 / (1 + Math.exp(-0.25)), 15);
  });

  it('an untrained model, the old binary format and a wrong number of classes are refused', () => {
    const untrained = pythonObject('xgboost.sklearn.XGBRegressor', { n_estimators: 3 });
    expect(() => convertPickledBooster(untrained)).toThrow(/never trained/);
    const old = pythonObject('xgboost.core.Booster', { handle: bytesOf('CONFIG-offset:\0\0\0binf') });
    expect(() => convertPickledBooster(old)).toThrow(/old binary format/);
    const text = lightgbmText(trees, { objective: 'binary sigmoid:1' });
    const odd = pythonObject('lightgbm.sklearn.LGBMClassifier', {
      _Booster: pythonObject('lightgbm.basic.Booster', { _handle: text }),
      _classes: listOf(1, 2, 3),
    });
    expect(() => convertPickledBooster(odd)).toThrow(/2 classes and names 3/);
  });
});
