import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import { findModels } from '../python/find-models.ts';
import { readPythonFile } from '../python/read-python-file.ts';
import { type Converted, convertModels } from './index.ts';

interface ParityCase {
  readonly kind: 'supported' | 'optional' | 'unsupported' | 'malicious';
  readonly model: string;
  readonly file: string;
  readonly tol: { readonly abs: number; readonly rel: number };
}

interface Table {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

// Model files with Python's own answers: a large set that is not part of the repository, and a small one that is.
const shared = join(import.meta.dirname, '../../../../shared/data/pkl-parity');
const own = join(import.meta.dirname, 'fixtures');
const folders = [shared, own].filter(folder => existsSync(folder));
const cases = folders.flatMap(folder =>
  readdirSync(folder)
    .filter(id => existsSync(join(folder, id, 'case.json')))
    // Raw booster files are no pickles; boosting/parity.test.ts has them.
    .filter(id => !/\.(json|ubj|txt)$/.test(id))
    .map(id => ({ id, folder: join(folder, id), ...readCase(join(folder, id)) })),
);
const supported = cases.filter(({ kind }) => kind === 'supported');
const refused = cases.filter(({ kind }) => kind === 'unsupported');

describe('a converted model agrees with Python', () => {
  let agreed = 0;
  let compared = 0;
  let worst = 0;

  it.each(supported)('$id', async ({ folder, file, tol }) => {
    const converted = convertFile(join(folder, file));
    const input = readTable(join(folder, 'input.csv'));
    const expected = readTable(join(folder, 'expected.csv'));
    if (converted.isNamed) expect(converted.features.map(({ name }) => name)).toEqual(input.names);
    const answers = await run(converted, input);
    for (const [column, name] of expected.names.entries()) {
      const got = answers(name);
      for (const [index, cells] of expected.rows.entries()) {
        const want = cells[column] ?? '';
        const value = got[index];
        if (name === 'label')
          expect(sameLabel(value, want), `${name} of row ${index}: ${value}, not ${want}`).toBe(true);
        else {
          const difference = distance(Number(value), toNumber(want));
          const limit = Math.max(tol.abs, tol.rel * Math.abs(Number(want)));
          expect(difference, `${name} of row ${index}: ${value}, not ${want}`).toBeLessThanOrEqual(limit);
          worst = Math.max(worst, difference / Math.max(1, Math.abs(Number(want))));
        }
        compared++;
      }
    }
    agreed++;
  });

  afterAll(() => {
    console.log(
      `${agreed} of ${supported.length} models agree with Python; ${compared} values, largest difference ${worst} (relative above 1)` +
        (folders.includes(shared) ? '' : '; only the small set of this repository was there'),
    );
  });
});

describe('a class that cannot be imported', () => {
  it.each(refused)('$id is refused naming $model', ({ folder, file, model }) => {
    const error = caught(() => convertFile(join(folder, file)));
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'model.rejected', message: expect.stringContaining(model) });
  });
});

function convertFile(path: string): Converted {
  const { models } = findModels(readPythonFile(readFileSync(path)).root);
  return convertModels(models);
}

/** Runs the model. @returns for a column of the expected table its values, row by row */
async function run(converted: Converted, table: Table): Promise<(column: string) => (string | number)[]> {
  const session = await InferenceSession.create(converted.onnx, { intraOpNumThreads: 1 });
  const codes = converted.features.map(({ categories }) => categories);
  const rows = Float64Array.from(
    table.rows.flatMap(cells => cells.map((cell, column) => codeOf(cell, codes[column]))),
  );
  const input = new Tensor('float64', rows, [table.rows.length, table.names.length]);
  const answer = await session.run({ X: input });
  const classes = converted.classes?.map(String);
  const valuesAt = (output: string, column: number): number[] => {
    const tensor = answer[output];
    if (tensor === undefined) throw new Error(`the model has no output "${output}"`);
    const [count = 0, width = 1] = tensor.dims;
    return Array.from({ length: count }, (_, row) => Number(tensor.data[row * width + column]));
  };
  return column => {
    const [, target] = /^prediction_(\d+)$/.exec(column) ?? [];
    const [, place] = /^t(\d+)$/.exec(column) ?? [];
    if (column.startsWith('proba:'))
      return valuesAt('probabilities', (classes ?? []).indexOf(column.slice(6)));
    if (column === 'label' && classes) return valuesAt('label', 0).map(index => classes[index] ?? '');
    if (target !== undefined) return valuesAt('prediction', Number(target));
    if (place !== undefined) return valuesAt('transformed', Number(place));
    return valuesAt(column, 0);
  };
}

function codeOf(cell: string, categories: readonly string[] | undefined): number {
  return categories && cell !== '' ? categories.indexOf(cell) : toNumber(cell);
}

function toNumber(cell: string): number {
  return cell === '' || cell === 'nan' ? Number.NaN : Number(cell);
}

function distance(got: number, want: number): number {
  return Object.is(got, want) || got === want ? 0 : Math.abs(got - want);
}

function sameLabel(got: string | number | undefined, want: string): boolean {
  return String(got) === want || Number(got) === Number(want);
}

function readCase(folder: string): ParityCase {
  return JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as ParityCase;
}

function readTable(path: string): Table {
  const [names = [], ...rows] = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => line.replace(/\r$/, '').split(','));
  return { names, rows };
}

function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
