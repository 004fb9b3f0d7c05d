import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { type CsvTable, readCsv, writeCsv } from './csv-table.ts';
import { predictWith } from './predict-table.ts';
import { InferenceChild } from './start-inference-child.ts';

interface ParityCase {
  readonly kind: string;
  readonly model: string;
  readonly file: string;
  readonly tol: { readonly abs: number; readonly rel: number };
}

// Model files with Python's own answers: a large set that is not part of the repository, and a small one that is.
const folders = [
  join(import.meta.dirname, '../../../shared/data/pkl-parity'),
  join(import.meta.dirname, 'convert/fixtures'),
].filter(folder => existsSync(folder));
const cases = folders.flatMap(folder =>
  readdirSync(folder)
    .filter(id => existsSync(join(folder, id, 'case.json')))
    .map(id => ({
      id,
      folder: join(folder, id),
      ...(JSON.parse(readFileSync(join(folder, id, 'case.json'), 'utf8')) as ParityCase),
    })),
);
const log = pino({ level: 'silent' });
const start = () => new InferenceChild({ nodePath: process.execPath, loadDeadlineMs: 60_000 }, log);
const children = { converter: start(), runner: start() };
afterAll(() => Promise.all([children.converter.close(), children.runner.close()]));

/** What `cloudoptim models predict FILE --input CSV` prints. */
async function printed(folder: string, file: string): Promise<CsvTable> {
  const input = readCsv(readFileSync(join(folder, 'input.csv'), 'utf8'));
  return readCsv(writeCsv(await predictWith(children, join(folder, file), input)));
}

describe('what the command line predicts', () => {
  it.each(cases.filter(({ kind }) => kind === 'supported'))(
    '$id agrees with Python, column by column',
    async ({ folder, file, tol }) => {
      const expected = readCsv(readFileSync(join(folder, 'expected.csv'), 'utf8'));
      const got = await printed(folder, file);
      // A booster's own file says no label in Python.
      if (/\.(json|ubj|txt)$/.test(file))
        expect(got.columns).toEqual(expect.arrayContaining([...expected.columns]));
      else expect(got.columns).toEqual(expected.columns);
      expect(got.rows).toHaveLength(expected.rows.length);
      for (const [row, cells] of expected.rows.entries()) {
        for (const [column, name] of expected.columns.entries()) {
          const have = got.rows[row]?.[got.columns.indexOf(name)] ?? '';
          const want = cells[column] ?? '';
          const place = `${name} of row ${row}: ${have}, not ${want}`;
          if (name === 'label') expect(have === want || Number(have) === Number(want), place).toBe(true);
          else expect(isNear(have, want, tol), place).toBe(true);
        }
      }
    },
    60_000,
  );

  it.each(cases.filter(({ kind }) => kind === 'unsupported'))(
    '$id is refused naming $model',
    async ({ folder, file, model }) => {
      const table = { columns: ['x0'], rows: [] };
      await expect(predictWith(children, join(folder, file), table)).rejects.toMatchObject({
        code: 'model.rejected',
        message: expect.stringContaining(model),
      });
    },
    60_000,
  );
});

function isNear(have: string, want: string, tol: ParityCase['tol']): boolean {
  const [got, wanted] = [have, want].map(text => (text === '' || text === 'nan' ? Number.NaN : Number(text)));
  if (got === undefined || wanted === undefined) return false;
  if (Object.is(got, wanted)) return true;
  return Math.abs(got - wanted) <= Math.max(tol.abs, tol.rel * Math.abs(wanted));
}
