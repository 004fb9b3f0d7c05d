import { describe, expect, it } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import { assemblePickle, dtype, globalName, type PicklePart, text } from './assemble-pickle.ts';
import { type PickleOpcode, refusedOpcodes } from './pickle-opcodes.ts';
import {
  PythonClass,
  type PythonDict,
  PythonList,
  PythonObject,
  type PythonSet,
  PythonTuple,
} from './python-values.ts';
import { readPythonFile } from './read-python-file.ts';

const read = (...parts: PicklePart[]) => readPythonFile(assemblePickle(...parts, 'STOP')).root;
const line = (value: string) => Buffer.from(`${value}\n`);
const ridge = globalName('sklearn.linear_model._ridge', 'Ridge');

describe('plain values', () => {
  it.each<[string, unknown, PicklePart[]]>([
    ['LONG1, negative', -5_000_000_000, ['LONG1', [5, 0x00, 0x0e, 0xfa, 0xd5, 0xfe]]],
    ['LONG1, empty', 0, ['LONG1', [0]]],
    ['LONG1 of 17 bytes', 2n ** 128n, ['LONG1', [17, ...new Array(16).fill(0), 1]]],
    ['LONG4', -1, ['LONG4', [1, 0, 0, 0, 0xff]]],
    ['BININT, negative', -2, ['BININT', [0xfe, 0xff, 0xff, 0xff]]],
    ['BININT2', 513, ['BININT2', [1, 2]]],
    ['INT', -12, ['INT', line('-12')]],
    ['INT as True', true, ['INT', line('01')]],
    ['INT as False', false, ['INT', line('00')]],
    ['LONG', 9_007_199_254_740_993n, ['LONG', line('9007199254740993L')]],
    ['FLOAT', 1e-300, ['FLOAT', line('1e-300')]],
    ['FLOAT, infinite', Number.NEGATIVE_INFINITY, ['FLOAT', line('-inf')]],
    ['BINFLOAT', 1.5, ['BINFLOAT', [0x3f, 0xf8, 0, 0, 0, 0, 0, 0]]],
    ['STRING with escapes', "a'\\\n\xff\x01", ['STRING', line("'a\\'\\\\\\n\\xff\\001'")]],
    ['UNICODE with escapes', 'é€😀\\n', ['UNICODE', Buffer.from('\xe9\\u20ac\\U0001f600\\n\n', 'latin1')]],
    ['BINUNICODE keeps a byte order mark', '\ufeffa', ['BINUNICODE', [4, 0, 0, 0, 0xef, 0xbb, 0xbf, 0x61]]],
    ['BINSTRING', '\xe9', ['BINSTRING', [1, 0, 0, 0, 0xe9]]],
    ['DUP and POP', null, ['NONE', 'DUP', 'POP']],
    ['POP of a mark', true, ['NEWTRUE', 'MARK', 'POP']],
    ['POP_MARK', true, ['NEWTRUE', 'MARK', 'NONE', 'NONE', 'POP_MARK']],
  ])('%s', (_, value, parts) => {
    expect(read(...parts)).toEqual(value);
  });

  it('bytes come out as bytes', () => {
    expect(read('SHORT_BINBYTES', [2, 0, 255])).toEqual(Buffer.of(0, 255));
    expect(read('BYTEARRAY8', [1, 0, 0, 0, 0, 0, 0, 0, 7], 'READONLY_BUFFER')).toEqual(Buffer.of(7));
    const encoded = read(globalName('_codecs', 'encode'), text('\xff'), text('latin1'), 'TUPLE2', 'REDUCE');
    expect(encoded).toEqual(new Uint8Array([255]));
  });

  it('lists, tuples, dicts and sets keep their order and their kind', () => {
    const list = read(
      'EMPTY_LIST',
      'BINPUT',
      [0],
      'MARK',
      'NONE',
      'NEWTRUE',
      'APPENDS',
      'NEWFALSE',
      'APPEND',
    );
    expect(list).toBeInstanceOf(PythonList);
    expect((list as PythonList).items).toEqual([null, true, false]);
    const tuple = read('MARK', 'BININT1', [1], 'BININT1', [2], 'BININT1', [3], 'TUPLE3', 'TUPLE');
    expect(tuple).toEqual(new PythonTuple([new PythonTuple([1, 2, 3])]));
    const dict = read(
      'MARK',
      text('10'),
      'NONE',
      text('9'),
      'NEWTRUE',
      'DICT',
      text('8'),
      'NEWFALSE',
      'SETITEM',
    );
    expect((dict as PythonDict).entries.map(([key]) => key)).toEqual(['10', '9', '8']);
    expect((dict as PythonDict).get('9')).toBe(true);
    const set = read('MARK', 'NONE', 'FROZENSET');
    expect((set as PythonSet).items).toEqual([null]);
  });

  it('the later of two equal keys counts', () => {
    const dict = read('EMPTY_DICT', 'MARK', text('a'), 'NONE', text('a'), 'NEWTRUE', 'SETITEMS');
    expect((dict as PythonDict).get('a')).toBe(true);
  });

  it('the protocol is what the file says, or what its opcodes need', () => {
    expect(readPythonFile(assemblePickle('PROTO', [4], 'NONE', 'STOP')).protocol).toBe(4);
    expect(readPythonFile(assemblePickle('EMPTY_LIST', 'STOP')).protocol).toBe(1);
    expect(readPythonFile(assemblePickle('NONE', 'STOP')).protocol).toBe(0);
  });
});

describe('objects', () => {
  const state = ['EMPTY_DICT', text('alpha'), 'BININT1', [2], 'SETITEM', 'BUILD'] as const;

  it.each<[string, PicklePart[]]>([
    ['NEWOBJ', [ridge, 'EMPTY_TUPLE', 'NEWOBJ']],
    ['NEWOBJ_EX', [ridge, 'EMPTY_TUPLE', 'EMPTY_DICT', 'NEWOBJ_EX']],
    ['REDUCE', [ridge, 'EMPTY_TUPLE', 'REDUCE']],
    ['OBJ', ['MARK', ridge, 'OBJ']],
    ['INST', ['MARK', 'INST', line('sklearn.linear_model._ridge'), line('Ridge')]],
    [
      'copy_reg._reconstructor',
      [
        globalName('copy_reg', '_reconstructor'),
        ridge,
        globalName('__builtin__', 'object'),
        'NONE',
        'TUPLE3',
        'REDUCE',
      ],
    ],
  ])('made by %s are records with a state', (_, parts) => {
    const object = read(...parts, ...state) as PythonObject;
    expect(object.type).toEqual(new PythonClass('sklearn.linear_model._ridge', 'Ridge'));
    expect(object.get('alpha')).toBe(2);
  });

  it('of compiled classes bear the class that they are remade to', () => {
    const module = 'sklearn._loss._loss';
    const remake = globalName(module, '__pyx_unpickle_CyPinballLoss');
    const made = read(
      remake,
      globalName(module, 'CyPinballLoss'),
      'BININT1',
      [9],
      'EMPTY_TUPLE',
      'TUPLE3',
      'REDUCE',
    );
    expect((made as PythonObject).type.name).toBe('CyPinballLoss');
  });

  it('that extend dict keep their entries', () => {
    const bunch = globalName('sklearn.utils._bunch', 'Bunch');
    const made = read(bunch, 'EMPTY_TUPLE', 'NEWOBJ', text('a'), 'NEWTRUE', 'SETITEM') as PythonObject;
    expect(made.mapping?.get('a')).toBe(true);
  });

  it('of dates and times become text', () => {
    const date = read(
      globalName('datetime', 'date'),
      'SHORT_BINBYTES',
      [4, 7, 0xe9, 10, 31],
      'TUPLE1',
      'REDUCE',
    );
    expect(date).toBe('2025-10-31');
    const stamp = globalName('pandas._libs.tslibs.timestamps', '_unpickle_timestamp');
    const seconds = [
      'MARK',
      'BININT',
      [0, 0xf1, 0x53, 0x65],
      'NONE',
      'NONE',
      'BININT1',
      [7],
      'TUPLE',
    ] as const;
    expect(read(stamp, ...seconds, 'REDUCE')).toBe('2023-11-14T22:13:20');
    const micros: PicklePart[] = [
      'MARK',
      'LONG1',
      [7, 1, 0x40, 0xf6, 0x83, 0x19, 0x0a, 0x06],
      'NONE',
      'NONE',
      'BININT1',
      [9],
      'TUPLE',
    ];
    expect(read(stamp, ...micros, 'REDUCE')).toMatch(/^2023.*\.\d{6}$/);
  });
});

describe('refused by name', () => {
  it.each(Object.keys(refusedOpcodes) as PickleOpcode[])('%s', name => {
    expect(() => read('NONE', name, [48, 10])).toThrow(new RegExp(name));
  });

  it.each<[string, PicklePart[], RegExp]>([
    ['a foreign function', [globalName('os', 'system')], /os\.system/],
    [
      'a dotted name in an allowed module',
      [text('sklearn'), text('os.system'), 'STACK_GLOBAL'],
      /sklearn\.os\.system/,
    ],
    ['a function of scikit-learn', [globalName('sklearn.utils', 'parallel_backend')], /parallel_backend/],
    ['a function of numpy', [globalName('numpy', 'load')], /numpy\.load/],
    [
      'a call of a mentioned function',
      [globalName('numpy', 'log1p'), 'EMPTY_TUPLE', 'REDUCE'],
      /numpy\.log1p/,
    ],
    [
      'another encoding',
      [globalName('_codecs', 'encode'), text('a'), text('zlib'), 'TUPLE2', 'REDUCE'],
      /encode/,
    ],
    ['the key __proto__', ['EMPTY_DICT', text('__proto__'), 'EMPTY_DICT', 'SETITEM'], /__proto__/],
    [
      'a complex array',
      [
        globalName('numpy._core.multiarray', 'scalar'),
        dtype('c16'),
        'SHORT_BINBYTES',
        [0],
        'TUPLE2',
        'REDUCE',
      ],
      /c16/,
    ],
  ])('%s', (_, parts, message) => {
    expect(() => read(...parts)).toThrow(message);
    expect(() => read(...parts)).toThrow(expect.objectContaining({ code: 'model.rejected' }));
  });

  it('even when the name would only be mentioned', () => {
    expect(() => read('EMPTY_LIST', globalName('builtins', 'eval'), 'APPEND')).toThrow(/builtins\.eval/);
  });
});

describe('damage', () => {
  it.each<[string, PicklePart[], RegExp]>([
    ['an empty stack', ['APPEND'], /none is left/],
    ['a value below the mark', ['NONE', 'MARK', 'TUPLE1'], /none is left/],
    ['no mark', ['NONE', 'TUPLE'], /lacks a mark/],
    ['two results', ['NONE', 'NONE'], /2 values/],
    ['a mark left over', ['NONE', 'MARK'], /instead of one/],
    ['a missing memo', ['BINGET', [5]], /never remembered/],
    ['a text of 2^40 bytes', ['BINUNICODE8', [0, 0, 0, 0, 0, 1, 0, 0]], /1099511627776/],
    ['a negative length', ['LONG4', [0xff, 0xff, 0xff, 0xff]], /-1/],
    ['a frame beyond the end', ['FRAME', [99, 0, 0, 0, 0, 0, 0, 0], 'NONE'], /99 more bytes/],
    ['an integer of 2 KB', ['LONG4', [0, 8, 0, 0], new Uint8Array(2048)], /2048 bytes/],
    ['a text that is not UTF-8', ['SHORT_BINUNICODE', [1, 0xff]], /UTF-8/],
    ['no opcode', [[0x00]], /0x00|begin/],
    ['a state for a number', ['BININT1', [1], 'EMPTY_DICT', 'BUILD'], /state/],
    ['a call of a text', [text('a'), 'EMPTY_TUPLE', 'REDUCE'], /no class/],
    ['an append to a dict', ['EMPTY_DICT', 'NONE', 'APPEND'], /no list/],
    ['an odd number of entries', ['EMPTY_DICT', 'MARK', 'NONE', 'SETITEMS'], /no dict/],
    ['a list in itself', ['EMPTY_LIST', 'DUP', 'APPEND'], /contains itself/],
  ])('%s', (_, parts, message) => {
    expect(() => read(...parts)).toThrow(message);
    expect(() => read(...parts)).toThrow(expect.objectContaining({ code: 'model.not-a-model' }));
  });

  it('bytes behind the end', () => {
    expect(() => readPythonFile(assemblePickle('NONE', 'STOP', 'NONE'))).toThrow(/1 more bytes/);
  });

  it('a cut anywhere', () => {
    const whole = assemblePickle(
      'PROTO',
      [4],
      ridge,
      'EMPTY_TUPLE',
      'NEWOBJ',
      'EMPTY_DICT',
      text('a'),
      dtype('f8'),
      'SETITEM',
      'BUILD',
      'STOP',
    );
    expect(readPythonFile(whole).root).toBeInstanceOf(PythonObject);
    for (let length = 0; length < whole.length; length++) {
      expect(() => readPythonFile(whole.subarray(0, length)), `cut at ${length}`).toThrow(AppError);
    }
  });
});
