import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import { assemblePickle, dtype, globalName, type PicklePart, text } from './assemble-pickle.ts';
import { pickleOpcodes } from './pickle-opcodes.ts';
import { PythonObject } from './python-values.ts';
import { readPythonFile } from './read-python-file.ts';

const read = (...parts: PicklePart[]) => readPythonFile(assemblePickle(...parts, 'STOP')).root;
const ridge = globalName('sklearn.linear_model._ridge', 'Ridge');

describe('limits', () => {
  it('millions of lists in a small file', () => {
    expect(() => readPythonFile(Buffer.from(`](${']'.repeat(1_300_000)}e.`))).toThrow(/20000000 steps/);
  });

  it('a deep list, and lists that double at every level', () => {
    const deep = Buffer.concat([Buffer.alloc(100_000, ']'), Buffer.alloc(99_999, 'a'), Buffer.from('.')]);
    expect(() => readPythonFile(deep)).toThrow(/200 levels/);
    const doubling: PicklePart[] = ['EMPTY_LIST'];
    for (let level = 0; level < 60; level++) {
      doubling.push(
        'BINPUT',
        [0],
        'EMPTY_LIST',
        'MARK',
        'BINGET',
        [0],
        'BINGET',
        [0],
        'APPENDS',
        'BINPUT',
        [1],
        'BINPUT',
        [0],
      );
      doubling.push('MARK', 'POP');
    }
    const wrapped: PicklePart[] = ['MARK', ...doubling, 'TUPLE'];
    expect(() => read(...wrapped)).toThrow(/unfolds into more than/);
  });

  it('the same bytes unfolded into arrays again and again', () => {
    const bytes = new Uint8Array(2 ** 20);
    const parts: PicklePart[] = ['BINBYTES', [0, 0, 0x10, 0], bytes, 'BINPUT', [0], 'POP'];
    parts.push(
      dtype('u1'),
      'BINPUT',
      [1],
      'POP',
      globalName('numpy.core.numeric', '_frombuffer'),
      'BINPUT',
      [2],
      'POP',
    );
    parts.push('BININT', [0, 0, 0x10, 0], 'TUPLE1', 'BINPUT', [3], 'POP', 'EMPTY_LIST');
    for (let index = 0; index < 200; index++) {
      parts.push(
        'BINGET',
        [2],
        'MARK',
        'BINGET',
        [0],
        'BINGET',
        [1],
        'BINGET',
        [3],
        text('C'),
        'TUPLE',
        'REDUCE',
        'POP',
      );
    }
    expect(() => read(...parts)).toThrow(/more than 1 GiB/);
  });
});

describe('bytes turned at random', () => {
  const sample = assemblePickle(
    ...([
      'PROTO',
      [4],
      ridge,
      'EMPTY_TUPLE',
      'NEWOBJ',
      'MEMOIZE',
      'EMPTY_DICT',
      'MARK',
      text('coef_'),
    ] as const),
    ...([
      globalName('numpy.core.numeric', '_frombuffer'),
      'MARK',
      'SHORT_BINBYTES',
      [16],
      new Uint8Array(16),
    ] as const),
    ...([
      dtype('f8'),
      'BININT1',
      [2],
      'TUPLE1',
      text('C'),
      'TUPLE',
      'REDUCE',
      'MEMOIZE',
      text('n'),
      'BINGET',
      [1],
    ] as const),
    ...(['SETITEMS', 'BUILD', 'STOP'] as const),
  );

  it('end in a value or an AppError, soon', () => {
    expect(readPythonFile(sample).root).toBeInstanceOf(PythonObject);
    const codes = Object.values(pickleOpcodes).map(([code]) => code);
    const flip = fc.tuple(fc.nat(sample.length - 1), fc.oneof(fc.nat(255), fc.constantFrom(...codes)));
    fc.assert(
      fc.property(fc.array(flip, { minLength: 1, maxLength: 8 }), flips => {
        const bytes = Buffer.from(sample);
        for (const [at, value] of flips) bytes[at] = value;
        const startedMs = performance.now();
        try {
          readPythonFile(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
        expect(performance.now() - startedMs).toBeLessThan(1_000);
      }),
      { numRuns: 3_000 },
    );
  });

  it('and noise made of opcodes as well', () => {
    const codes = Object.values(pickleOpcodes).map(([code]) => code);
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...codes), fc.nat(4)), { maxLength: 60 }), noise => {
        try {
          readPythonFile(Buffer.from([...noise, 0x2e]));
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
