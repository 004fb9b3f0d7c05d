import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelInspection } from '../../server/models/index.ts';

const root = join(import.meta.dirname, '..', '..');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-models-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function models(...args: readonly string[]): Ran {
  const all = [join(root, 'server/main.ts'), 'models', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

const inspect = (file: string): Ran => models('inspect', file, '--json');
const fixtures = join(root, 'server/models/convert/fixtures');
const fixture = (id: string, file: string) => join(fixtures, id, file);

describe('cloudoptim models inspect', () => {
  it('accepts a sample model and tells what it says of itself', () => {
    const { code, stdout } = inspect(join(root, 'resources/models/spot-price-ridge.onnx'));
    expect(code).toBe(0);
    expect(JSON.parse(stdout) as ModelInspection).toMatchObject({
      format: 'onnx',
      verdict: 'accepted',
      task: 'spot-price',
      trainedUntil: '2026-10-20T00:00:00Z',
      reasons: [],
    });
  });

  it('answers "no" with exit code 3 and the reason for a file that is no model', () => {
    const path = join(folder, 'model.onnx');
    writeFileSync(path, Buffer.from('80049505000000000000004b012e', 'hex'));
    const { code, stdout } = inspect(path);
    expect(code).toBe(3);
    const { verdict, reasons } = JSON.parse(stdout) as ModelInspection;
    expect(verdict).toBe('rejected');
    expect(reasons.join(' ')).toMatch(/Python file/);
  });

  it('refuses a path that leads nowhere with exit code 2 and one sentence', () => {
    const { code, stderr } = inspect(join(folder, 'nothing.onnx'));
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('nothing.onnx');
  });

  it('says of a file of Python what it would become', () => {
    const { code, stdout } = inspect(fixture('older-float-classes', 'model.pkl.gz'));
    expect(code).toBe(0);
    const said = JSON.parse(stdout) as ModelInspection;
    expect(said).toMatchObject({ format: 'pickle', verdict: 'accepted', reasons: [] });
    expect(said.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(said.bytes).toBeGreaterThan(100);
    expect(said.features).toEqual(['x0', 'x1', 'x2', 'x3']);
    expect(said.inputs).toEqual([{ name: 'X', elementType: 11, dims: [null, 4] }]);
    expect(said.outputs.map(({ name }) => name)).toEqual(['label', 'probabilities']);
  });
});

describe('cloudoptim models predict', () => {
  it('prints what Python predicts, in the columns of Python', () => {
    const { code, stdout } = models(
      'predict',
      fixture('older-float-classes', 'model.pkl.gz'),
      '--input',
      fixture('older-float-classes', 'input.csv'),
    );
    expect(code).toBe(0);
    const [header, first] = stdout.split('\n');
    const [wanted, row] = readFileSync(fixture('older-float-classes', 'expected.csv'), 'utf8').split('\n');
    expect(header).toBe(wanted);
    expect(first?.split(',')[0]).toBe(row?.split(',')[0]);
  });

  it('runs an ONNX file, also one that was just converted', () => {
    const [id, output] = ['older-svr-poly-gamma', join(folder, 'svr.onnx')];
    const convert = models('convert', fixture(id, 'model.pkl.gz'), '--output', output);
    expect(convert.code).toBe(0);
    const again = models('convert', output, '--output', join(folder, 'again.onnx'));
    expect(again.code).toBe(0);
    expect(readFileSync(join(folder, 'again.onnx'))).toEqual(readFileSync(output));
    const input = fixture(id, 'input.csv');
    const fromPython = models('predict', fixture(id, 'model.pkl.gz'), '--input', input);
    const fromOnnx = models('predict', output, '--input', input);
    expect(fromOnnx).toEqual(fromPython);
    expect(fromOnnx.stdout.split('\n')).toHaveLength(10);
    const wrong = models('predict', output, '--input', fixture('older-dummy-alone', 'input.csv'));
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toMatch(/takes 4 columns and the CSV file has 1/);
  });

  it.each([
    ['older-refused-naive-bayes', 3, 'GaussianNB'],
    ['older-float-classes', 2, 'nothing.csv'],
  ] as const)('refuses %s with exit code %d in one line', (id, wanted, named) => {
    const input = join(folder, 'nothing.csv');
    const csv = wanted === 2 ? input : fixture('older-float-classes', 'input.csv');
    const { code, stdout, stderr } = models('predict', fixture(id, 'model.pkl.gz'), '--input', csv);
    expect({ code, stdout }).toEqual({ code: wanted, stdout: '' });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(named);
  });

  it.each([
    ['a column too few', 'x0,x1\n1,2\n', /2 columns|no column/],
    ['a word among numbers', 'x0,x1,x2,x3\n1,2,3,4\n1,2,warm,4\n', /Line 3, column "x2" is "warm"/],
  ])('refuses %s with exit code 2', (_, text, sentence) => {
    const csv = join(folder, 'wrong.csv');
    writeFileSync(csv, text);
    const { code, stderr } = models(
      'predict',
      fixture('older-float-classes', 'model.pkl.gz'),
      '--input',
      csv,
    );
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(sentence);
  });
});
