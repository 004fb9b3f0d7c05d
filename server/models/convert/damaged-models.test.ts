import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import {
  type NumpyArray,
  PythonClass,
  PythonDict,
  PythonList,
  PythonObject,
  PythonTuple,
  type PythonValue,
} from '../python/python-values.ts';
import { readPythonFile } from '../python/read-python-file.ts';
import { type Converted, convertModels } from './index.ts';

function instance(name: string, attributes: Record<string, PythonValue>): PythonObject {
  const object = new PythonObject(new PythonClass('sklearn.made_up', name), []);
  const state = new PythonDict();
  state.entries.push(...Object.entries(attributes));
  object.state = state;
  return object;
}

function array(values: readonly number[], shape: readonly number[] = [values.length]): NumpyArray {
  return {
    kind: 'numpy-array',
    shape,
    dtype: 'f8',
    numbers: Float64Array.from(values),
    objects: undefined,
    fields: undefined,
    column: () => undefined,
  };
}

function list(...items: PythonValue[]): PythonList {
  const made = new PythonList();
  made.items.push(...items);
  return made;
}

/** A regression tree of two columns out of `[left, right, feature]` rows; the values are 0, 1, 2, …. */
function treeRegressor(rows: readonly (readonly [number, number, number])[]): PythonObject {
  const columns: Record<string, Float64Array> = {
    left_child: Float64Array.from(rows, row => row[0]),
    right_child: Float64Array.from(rows, row => row[1]),
    feature: Float64Array.from(rows, row => row[2]),
    threshold: new Float64Array(rows.length),
    n_node_samples: new Float64Array(rows.length).fill(1),
  };
  const nodes: NumpyArray = { ...array([]), shape: [rows.length], dtype: 'V', column: name => columns[name] };
  const values = array(
    rows.map((_, index) => index),
    [rows.length, 1, 1],
  );
  const tree = instance('Tree', { node_count: rows.length, nodes, values });
  return instance('DecisionTreeRegressor', { n_features_in_: 2, tree_: tree });
}

const ridge = (): PythonObject =>
  instance('Ridge', { n_features_in_: 2, coef_: array([1, 2]), intercept_: 0.5 });

const convertOne = (model: PythonObject): Converted => convertModels([{ name: null, model }]);

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof AppError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'converted';
}

describe('a tree from a file', () => {
  it('is converted when it is one', () => {
    expect(
      refusal(() =>
        convertOne(
          treeRegressor([
            [1, 2, 0],
            [-1, -1, -2],
            [-1, -1, -2],
          ]),
        ),
      ),
    ).toBe('converted');
  });

  it.each([
    [
      'points to a child that does not exist',
      [
        [1, 9, 0],
        [-1, -1, -2],
      ],
      'points to node 9 of 2',
    ],
    [
      'contains itself',
      [
        [0, 1, 0],
        [-1, -1, -2],
      ],
      'reaches node 0 twice',
    ],
    [
      'shares a branch',
      [
        [1, 1, 0],
        [-1, -1, -2],
      ],
      'reaches node 1 twice',
    ],
    [
      'looks at a column that does not exist',
      [
        [1, 2, 2],
        [-1, -1, -2],
        [-1, -1, -2],
      ],
      'looks at column 2 of 2',
    ],
  ] as const)('is refused when it %s', (_, rows, message) => {
    expect(refusal(() => convertOne(treeRegressor(rows)))).toContain(message);
  });

  it('is refused when it is deeper than 5,000 levels', () => {
    const rows = Array.from({ length: 12_001 }, (_, index): [number, number, number] => {
      const isSplit = index % 2 === 0 && index < 12_000;
      return isSplit ? [index + 1, index + 2, 0] : [-1, -1, -2];
    });
    expect(refusal(() => convertOne(treeRegressor(rows)))).toContain('deeper than 5000 levels');
  });

  it('counts every time a forest names it', () => {
    const rows = Array.from({ length: 100_001 }, (): [number, number, number] => [-1, -1, -2]);
    const tree = treeRegressor(rows);
    const forest = instance('RandomForestRegressor', {
      n_features_in_: 2,
      estimators_: list(...new Array<PythonValue>(1_000).fill(tree)),
    });
    expect(refusal(() => convertOne(forest))).toContain('more than 10000000 tree nodes');
  });
});

describe('a model that cannot be converted', () => {
  it('is refused naming its class, also deep inside', () => {
    const steps = list(new PythonTuple(['knn', instance('KNeighborsRegressor', { n_features_in_: 2 })]));
    expect(refusal(() => convertOne(instance('Pipeline', { steps })))).toBe(
      'model.rejected: sklearn.made_up.KNeighborsRegressor cannot be imported.',
    );
  });

  it('is refused when a class of another library has a known name', () => {
    const other = new PythonObject(new PythonClass('evil.linear', 'Ridge'), []);
    other.state = ridge().state;
    expect(refusal(() => convertOne(other))).toContain('evil.linear.Ridge cannot be imported');
  });

  it('is refused when models nest more than 32 deep', () => {
    let model = ridge();
    for (let depth = 0; depth < 40; depth++) {
      model = instance('GridSearchCV', { n_features_in_: 2, best_estimator_: model });
    }
    expect(refusal(() => convertOne(model))).toContain('more than 32 deep');
  });

  it('is refused when parts that name each other twice grow without end', () => {
    let model = ridge();
    for (let depth = 0; depth < 30; depth++) {
      model = instance('VotingRegressor', { n_features_in_: 2, estimators_: list(model, model) });
    }
    expect(refusal(() => convertOne(model))).toContain('more than 5000 parts');
  });

  it('is refused naming what it lacks when it was not trained', () => {
    expect(refusal(() => convertOne(instance('Ridge', { n_features_in_: 2 })))).toContain(
      'sklearn.made_up.Ridge has no usable coef_',
    );
  });

  it('is refused when its coefficients do not fit its columns', () => {
    const model = instance('Ridge', { n_features_in_: 2, coef_: array([1, 2, 3]), intercept_: 0 });
    expect(refusal(() => convertOne(model))).toContain('2 columns are expected');
  });

  it('is refused when a function is not one of numpy', () => {
    const func = new PythonClass('os', 'system');
    const model = instance('FunctionTransformer', { n_features_in_: 2, func });
    expect(refusal(() => convertOne(model))).toContain(
      'func of sklearn.made_up.FunctionTransformer is os.system',
    );
  });

  it('is refused when models of one file take different columns', () => {
    const wide = instance('Ridge', { n_features_in_: 3, coef_: array([1, 2, 3]), intercept_: 0 });
    const models = [
      { name: 'p10', model: ridge() },
      { name: 'p90', model: wide },
    ];
    expect(refusal(() => convertModels(models))).toContain('take 2 and 3 columns');
  });
});

describe('a model that lost one attribute', () => {
  const folder = join(import.meta.dirname, 'fixtures');
  const names = readdirSync(folder).filter((name, index) => !name.includes('.') && index % 5 === 0);

  it.each(names)(
    'is refused, or still becomes a model that loads: %s',
    async name => {
      const bytes = readFileSync(join(folder, name, 'model.pkl.gz'));
      const attributes = attributesOf(readPythonFile(bytes).root);
      const step = Math.ceil(attributes.length / 20);
      for (const { object, index } of attributes.filter((_, at) => at % step === 0)) {
        const { root } = readPythonFile(bytes);
        const state = objectsIn(root)[object]?.state;
        if (!(root instanceof PythonObject) || !(state instanceof PythonDict))
          throw new Error('the file changed');
        const [lost] = state.entries.splice(index, 1);
        let onnx: Uint8Array | undefined;
        const outcome = refusal(() => {
          onnx = convertOne(root).onnx;
        });
        if (onnx)
          await expect(
            InferenceSession.create(onnx, { intraOpNumThreads: 1 }),
            String(lost?.[0]),
          ).resolves.toBeDefined();
        else expect(outcome).toMatch(/^model\.(rejected|not-a-model): (?!.*is damaged: )/);
      }
    },
    60_000,
  );
});

function attributesOf(root: PythonValue): { object: number; index: number }[] {
  return objectsIn(root).flatMap(({ state }, object) =>
    state instanceof PythonDict ? state.entries.map((_, index) => ({ object, index })) : [],
  );
}

/** Objects of a file down to four levels, always in the same order. */
function objectsIn(value: PythonValue, depth = 0): PythonObject[] {
  if (depth > 4) return [];
  if (value instanceof PythonObject) {
    return [value, ...(value.state instanceof PythonDict ? objectsIn(value.state, depth + 1) : [])];
  }
  if (value instanceof PythonDict) return value.entries.flatMap(([, item]) => objectsIn(item, depth + 1));
  if (value instanceof PythonList || value instanceof PythonTuple) {
    return value.items.flatMap(item => objectsIn(item, depth + 1));
  }
  return [];
}
