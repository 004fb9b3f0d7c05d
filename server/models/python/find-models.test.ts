import { describe, expect, it } from 'vitest';
import { findModels } from './find-models.ts';
import {
  PythonClass,
  PythonDict,
  PythonList,
  PythonObject,
  PythonTuple,
  type PythonValue,
} from './python-values.ts';

const object = (module: string, name: string) => new PythonObject(new PythonClass(module, name), []);
const ridge = () => object('sklearn.linear_model._ridge', 'Ridge');
const dict = (entries: Record<string, PythonValue>) => {
  const made = new PythonDict();
  made.entries.push(...Object.entries(entries));
  return made;
};
const list = (...items: PythonValue[]) => {
  const made = new PythonList();
  made.items.push(...items);
  return made;
};

describe('finding models', () => {
  it('a model itself has no name and no metadata', () => {
    const model = ridge();
    expect(findModels(model)).toEqual({ models: [{ name: null, model }], metadata: {}, ignored: [] });
  });

  it('a bundle gives its only model without name, and plain values as metadata', () => {
    const found = findModels(
      dict({
        model: ridge(),
        trained_until: '2025-10-31',
        feature_names: list('a', 'b'),
        lags: new PythonTuple([1, 24]),
        metrics: dict({ mae: 1.5, note: null }),
        rows: 12n,
        mixed: list('a', 1),
        nan: Number.NaN,
      }),
    );
    expect(found.models.map(({ name }) => name)).toEqual([null]);
    expect(found.metadata).toEqual({
      trained_until: '2025-10-31',
      feature_names: ['a', 'b'],
      lags: [1, 24],
      metrics: { mae: 1.5 },
      rows: '12',
    });
    expect(found.ignored).toEqual(['mixed', 'nan']);
  });

  it('lists of lists and of dicts are plain, as golden rows are; not when anything in them is none', () => {
    const golden = (value: PythonValue) => list(dict({ input: list(1, 2), output: list(value) }));
    const found = findModels(
      dict({
        model: ridge(),
        golden: golden(0.5),
        grid: list(list(1, 2), new PythonTuple([3])),
        broken: golden(null),
        odd: list(list(1), ridge().type),
      }),
    );
    expect(found.metadata).toEqual({
      golden: [{ input: [1, 2], output: [0.5] }],
      grid: [[1, 2], [3]],
    });
    expect(found.ignored).toEqual(['broken', 'odd']);
  });

  it('a list that names itself, or another one a thousand million times, is left out in no time', () => {
    const itself = list();
    itself.items.push(itself);
    let laughs = list(1, 2);
    for (let level = 0; level < 3; level++) laughs = list(...Array.from({ length: 1_000 }, () => laughs));
    expect(findModels(dict({ model: ridge(), itself, laughs })).ignored).toEqual(['itself', 'laughs']);
  });

  it('several models are named by their keys, or by key and place in a list', () => {
    const nested = findModels(dict({ models: dict({ p10: ridge(), p90: ridge() }) }));
    expect(nested.models.map(({ name }) => name)).toEqual(['p10', 'p90']);
    const listed = findModels(dict({ folds: list(ridge(), ridge()) }));
    expect(listed.models.map(({ name }) => name)).toEqual(['folds.0', 'folds.1']);
  });

  it('looks no deeper than four dicts', () => {
    const within = (depth: number): PythonDict =>
      depth === 0 ? dict({ model: ridge() }) : dict({ a: within(depth - 1) });
    expect(findModels(within(3)).models).toHaveLength(1);
    expect(() => findModels(within(4))).toThrow(/no model/);
  });

  it.each<[string, PythonValue, RegExp]>([
    ['no model', dict({ a: 1 }), /no model/],
    ['nothing', null, /no model/],
    ['a tool of scikit-learn', object('sklearn.model_selection._split', 'KFold'), /KFold/],
    ['a bare list of models', list(ridge()), /bare list/],
    ['a foreign object beside the model', dict({ model: ridge(), x: object('os', 'system') }), /os\.system/],
    [
      'a foreign class inside the model',
      dict({ model: ridge(), x: list(new PythonClass('builtins', 'eval')) }),
      /builtins\.eval/,
    ],
    ['a dotted name', object('sklearn', 'os.system'), /sklearn\.os\.system/],
    ['too many models', dict({ all: list(...Array.from({ length: 33 }, ridge)) }), /more than 32/],
  ])('refuses %s', (_, root, message) => {
    expect(() => findModels(root)).toThrow(message);
  });

  it('a key of the file never reaches a prototype', () => {
    const root = new PythonDict();
    root.entries.push(['model', ridge()], ['__proto__', dict({ polluted: true })], ['constructor', 'x']);
    const { metadata } = findModels(root);
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(metadata.constructor).toBe('x');
  });
});
