import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { PythonObject, type PythonValue } from '../../python/python-values.ts';
import { readPythonFile } from '../../python/read-python-file.ts';
import { asItems, vectorOf } from '../attributes.ts';
import { GraphBuilder } from '../graph/index.ts';
import {
  boostingConverters,
  type ConvertedBooster,
  convertBoosterFile,
  convertPickledBooster,
  describeBooster,
} from './index.ts';

/**
 * Files of the Python libraries with their own answers. They are no part of the repository; without them this suite has
 * nothing to do, and the random ensembles beside it, walked literally, carry the proof.
 */
const folder = join(import.meta.dirname, '../../../../../shared/data/pkl-parity');
const cases = existsSync(folder) ? readdirSync(folder).filter(name => /^(?:lgb|xgb)-/.test(name)) : [];

interface Case {
  readonly file: string;
  readonly features: readonly string[];
  readonly tol: { readonly abs: number; readonly rel: number };
}

function readTable(path: string): { header: string[]; rows: number[][] } {
  const [header = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split(/\r?\n/);
  return {
    header: header.split(','),
    rows: lines.map(line => line.split(',').map(cell => (cell === '' ? Number.NaN : Number(cell)))),
  };
}

/** The graph's answers under the names of the table's columns. */
async function answers(converted: ConvertedBooster, rows: readonly (readonly number[])[]) {
  const session = await InferenceSession.create(converted.onnx, { intraOpNumThreads: 1 });
  const input = new Tensor('float64', Float64Array.from(rows.flat()), [rows.length, converted.columns]);
  const results = await session.run({ X: input });
  return (row: number, column: string): number => {
    const [name = '', part] = column.split(/:|_(?=\d)/);
    const tensor = results[name === 'proba' ? 'probabilities' : name];
    const width = tensor?.dims[1] ?? 1;
    const index =
      part === undefined
        ? 0
        : name === 'proba'
          ? (converted.classes ?? []).map(String).indexOf(part)
          : Number(part);
    const value = Number(tensor?.data[row * width + index]);
    return name === 'label' ? Number(converted.classes?.[value]) : value;
  };
}

/** Largest absolute difference, after every value was found within the case's tolerance. */
async function compare(name: string, converted: ConvertedBooster, { tol }: Case): Promise<number> {
  const input = readTable(join(folder, name, 'input.csv'));
  const expected = readTable(join(folder, name, 'expected.csv'));
  expect(converted.features ?? input.header).toEqual(input.header);
  const answer = await answers(converted, input.rows);
  let worst = 0;
  expected.rows.forEach((wants, row) => {
    expected.header.forEach((column, index) => {
      const want = wants[index] ?? Number.NaN;
      const got = answer(row, column);
      const difference = Math.abs(got - want);
      if (column === 'label') expect(got).toBe(want);
      expect(
        difference <= tol.abs || difference <= tol.rel * Math.abs(want),
        `${column} of row ${row}: ${got}, not ${want}`,
      ).toBe(true);
      worst = Math.max(worst, difference);
    });
  });
  return worst;
}

describe.skipIf(cases.length === 0)('files of the libraries themselves', () => {
  it.each(cases.filter(name => !/pkl|joblib/.test(name)))('%s agrees with Python', async name => {
    const about = JSON.parse(readFileSync(join(folder, name, 'case.json'), 'utf8')) as Case;
    await compare(name, convertBoosterFile(readFileSync(join(folder, name, about.file))), about);
  });

  it.each(cases.filter(name => /pkl|joblib/.test(name) && !name.includes('pipe')))(
    '%s agrees with Python',
    async name => {
      const about = JSON.parse(readFileSync(join(folder, name, 'case.json'), 'utf8')) as Case;
      const { root } = readPythonFile(readFileSync(join(folder, name, about.file)));
      if (!(root instanceof PythonObject)) throw new Error('the file holds no object');
      const worst = await compare(name, convertPickledBooster(root), about);
      if (process.env.SHOW) console.log(name, worst);
    },
  );

  it.skipIf(!cases.includes('xgb-pipe.pkl4'))('a booster behind a scaler agrees with Python', async () => {
    const name = 'xgb-pipe.pkl4';
    const about = JSON.parse(readFileSync(join(folder, name, 'case.json'), 'utf8')) as Case;
    const { root } = readPythonFile(readFileSync(join(folder, name, about.file)));
    const [scaler, booster] = stepsOf(root);
    const graph = new GraphBuilder();
    const width = about.features.length;
    const vector = (key: string) => graph.constant(vectorOf(scaler, key, width), [1, width]);
    const centred = graph.add('Sub', [graph.input('X', width), vector('mean_')]);
    const scaled = graph.add('Div', [centred, vector('scale_')]);
    const warnings: string[] = [];
    const convert = boostingConverters.get(booster.type.name);
    const result = convert?.(
      booster,
      { tensor: scaled, width },
      {
        graph,
        warn: sentence => warnings.push(sentence),
        countTreeNodes: () => undefined,
        convert: () => {
          throw new Error('a booster has no parts');
        },
      },
    );
    if (result?.kind !== 'prediction') throw new Error('it gave no prediction');
    graph.output('prediction', result.tensor, 'double', result.width);
    const described = describeBooster(booster);
    expect(described).toMatchObject({ library: 'xgboost', libraryVersion: '1.7.4', columns: width });
    const outputs = [{ name: 'prediction', kind: 'prediction', columns: 1 }] as const;
    const converted = {
      ...described,
      onnx: graph.toBytes(),
      features: about.features,
      outputs,
      classes: undefined,
    };
    const worst = await compare(name, { ...converted, warnings }, about);
    if (process.env.SHOW) console.log(name, worst);
  });
});

function stepsOf(root: PythonValue): [PythonObject, PythonObject] {
  const steps = root instanceof PythonObject ? (asItems(root.get('steps')) ?? []) : [];
  const [first, second] = steps.map(step => asItems(step)?.[1]);
  if (first instanceof PythonObject && second instanceof PythonObject) return [first, second];
  throw new Error('the file is no pipeline of two steps');
}
