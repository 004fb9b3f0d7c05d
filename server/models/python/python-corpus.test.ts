import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import { classifyGlobal, type GlobalPolicy } from './allowed-globals.ts';
import { assemblePickle, globalName, text } from './assemble-pickle.ts';
import { findModels } from './find-models.ts';
import { readPythonFile } from './read-python-file.ts';

interface CorpusFile {
  readonly id: string;
  readonly kind: string;
  readonly model: string;
  readonly bytes: Buffer;
}

/** Collected files lie beside the repository and are not part of it; without them only the ones made here are tried. */
const shared = join(import.meta.dirname, '../../../../shared/data');
const parity = collectedCases(join(shared, 'pkl-parity'));
const genuine: readonly CorpusFile[] = [
  ...parity.filter(({ kind }) => kind === 'supported'),
  made('made-linear', 'LinearRegression', globalName('sklearn.linear_model._base', 'LinearRegression')),
  made('made-xgboost', 'XGBRegressor', globalName('xgboost.sklearn', 'XGBRegressor')),
];
const malicious: readonly CorpusFile[] = [
  ...parity.filter(({ kind }) => kind === 'malicious'),
  ...collectedFiles(join(shared, 'hostile/pkl')),
  payload('made-system', globalName('os', 'system')),
  payload('made-eval', globalName('builtins', 'eval')),
  payload('made-dotted', assemblePickle(text('sklearn'), text('os.system'), 'STACK_GLOBAL')),
  hiddenPayload('made-hidden', globalName('posix', 'system')),
];
if (parity.length === 0) console.info('shared/data is absent: only files made by the test are read');

const everything: GlobalPolicy = (module, name) => {
  const kind = classifyGlobal(module, name);
  return kind === 'constructor' ? kind : 'record';
};

describe(`genuine files (${genuine.length})`, () => {
  it.each(genuine)('$id is read and holds $model', ({ bytes, model }) => {
    const { models } = findModels(readPythonFile(bytes).root);
    if (model === 'dict') expect(models.map(({ name }) => name)).toEqual(['p10', 'p50', 'p90']);
    else expect(models.map(found => found.model.type.name)).toEqual([model]);
  });

  it('are all refused when the allow-list is empty', () => {
    for (const { id, bytes } of genuine) {
      expect(() => readPythonFile(bytes, () => 'refused'), id).toThrow(/not let in/);
    }
  });

  it.skipIf(parity.length === 0)('say what their makers wrote beside the model', () => {
    const bundles = parity.filter(({ id }) => /bundle-(rf|ridge)/.test(id));
    expect(bundles).toHaveLength(6);
    for (const { bytes } of bundles) {
      expect(findModels(readPythonFile(bytes).root).metadata).toMatchObject({
        trained_until: '2025-10-31',
        trained_at: '2025-11-02T03:04:05',
        target: 'load_mw',
        metrics: { mae: 41.5, r2: 0.97 },
      });
    }
  });
});

describe(`malicious files (${malicious.length})`, () => {
  it.each(malicious)('$id is refused within 5 s', ({ bytes }) => {
    const startedMs = performance.now();
    expect(() => findModels(readPythonFile(bytes).root)).toThrow(AppError);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });

  it('call nothing and hold no model even when every name is let in', () => {
    for (const { id, bytes } of malicious) {
      expect(() => findModels(readPythonFile(bytes, everything).root), id).toThrow(AppError);
    }
  });

  it('left no trace', () => {
    expect(existsSync('/tmp/PKL_PWNED')).toBe(false);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('genuine files with bytes turned at random', () => {
  const small = genuine.filter(({ bytes }) => bytes.length < 20_000);

  it('end in models or an AppError within a second', { timeout: 60_000 }, () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 16 });
    fc.assert(
      fc.property(fc.constantFrom(...small), flips, (file, changes) => {
        const bytes = Buffer.from(file.bytes);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const startedMs = performance.now();
        try {
          findModels(readPythonFile(bytes).root);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
        expect(performance.now() - startedMs).toBeLessThan(1_000);
      }),
      { numRuns: 3_000 },
    );
  });
});

function collectedCases(folder: string): CorpusFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap(name => {
    if (!existsSync(join(folder, name, 'case.json'))) return [];
    const { id, kind, model, file } = JSON.parse(readFileSync(join(folder, name, 'case.json'), 'utf8'));
    // Raw boosters are no pickles.
    return /\.(json|ubj|txt)$/.test(file)
      ? []
      : [{ id, kind, model, bytes: readFileSync(join(folder, name, file)) }];
  });
}

function collectedFiles(folder: string): CorpusFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map(id => ({
    id,
    kind: 'malicious',
    model: '-',
    bytes: readFileSync(join(folder, id)),
  }));
}

function made(id: string, model: string, type: Buffer): CorpusFile {
  const state = assemblePickle('EMPTY_DICT', text('intercept_'), 'BININT1', [1], 'SETITEM', 'BUILD', 'STOP');
  return {
    id,
    kind: 'supported',
    model,
    bytes: assemblePickle('PROTO', [4], type, 'EMPTY_TUPLE', 'NEWOBJ', state),
  };
}

function payload(id: string, callable: Buffer): CorpusFile {
  const bytes = assemblePickle(
    'PROTO',
    [4],
    callable,
    text('touch /tmp/PKL_PWNED'),
    'TUPLE1',
    'REDUCE',
    'STOP',
  );
  return { id, kind: 'malicious', model: '-', bytes };
}

function hiddenPayload(id: string, callable: Buffer): CorpusFile {
  const model = assemblePickle(
    globalName('sklearn.linear_model._base', 'LinearRegression'),
    'EMPTY_TUPLE',
    'NEWOBJ',
  );
  const call = assemblePickle(callable, text('touch /tmp/PKL_PWNED'), 'TUPLE1', 'REDUCE');
  const entries = assemblePickle('MARK', text('model'), model, text('note'), call, 'SETITEMS', 'STOP');
  return { id, kind: 'malicious', model: '-', bytes: assemblePickle('PROTO', [4], 'EMPTY_DICT', entries) };
}
