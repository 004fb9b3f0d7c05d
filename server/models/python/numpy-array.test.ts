import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { assemblePickle, dtype, globalName, type PicklePart, text } from './assemble-pickle.ts';
import type { FilledArray } from './numpy-array.ts';
import { readPythonFile } from './read-python-file.ts';

/** Written by numpy 2.4.6, `pickle.dumps(value, protocol).hex()`. */
const byNumpy = {
  fortranProtocol2:
    '8002636e756d70792e5f636f72652e6d756c746961727261790a5f7265636f6e7374727563740a7100636e756d70790a6e6461727261790a71014b00857102635f636f646563730a656e636f64650a7103580100000062710458060000006c6174696e317105867106527107877108527109284b014b034b0286710a636e756d70790a64747970650a710b58020000006638710c898887710d52710e284b0358010000003c710f4e4e4e4affffffff4affffffff4b00747110628868035832000000000000000000c3b03f00000000000008c380000000000000144000000000000004400000000000001040000000000000184071116805867112527113747114622e',
  bigEndian:
    '80049591000000000000008c166e756d70792e5f636f72652e6d756c74696172726179948c0c5f7265636f6e7374727563749493948c056e756d7079948c076e6461727261799493944b0085944301629487945294284b014b02859468038c0564747970659493948c02693494898887945294284b038c013e944e4e4e4affffffff4affffffff4b0074946289430800000001fffffffe947494622e',
  textProtocol3:
    '8003636e756d70792e5f636f72652e6d756c746961727261790a5f7265636f6e7374727563740a7100636e756d70790a6e6461727261790a71014b008571024301627103877104527105284b014b03857106636e756d70790a64747970650a7107580200000055327108898887710952710a284b0358010000003c710b4e4e4e4b084b044b0874710c62894318610000000000000062000000e90000000000000000000000710d74710e622e',
  objects:
    '80049591000000000000008c166e756d70792e5f636f72652e6d756c74696172726179948c0c5f7265636f6e7374727563749493948c056e756d7079948c076e6461727261799493944b0085944301629487945294284b014b03859468038c0564747970659493948c024f3894898887945294284b038c017c944e4e4e4affffffff4affffffff4b3f749462895d94284e8c0178944b02657494622e',
  structure:
    '8004954e010000000000008c166e756d70792e5f636f72652e6d756c74696172726179948c0c5f7265636f6e7374727563749493948c056e756d7079948c076e6461727261799493944b0085944301629487945294284b014b02859468038c0564747970659493948c0356323494898887945294284b038c017c944e8c046c656674948c046c656166948c0576616c75659487947d94286811680c8c02693894898887945294284b038c013c944e4e4e4affffffff4affffffff4b007494624b0086946812680c8c02753194898887945294284b0368104e4e4e4affffffff4affffffff4b007494624b0886946813680c8c02663894898887945294284b0368194e4e4e4affffffff4affffffff4b007494624b108694754b184b084b9074946289433001000000000000000000000000000000000000000000e03fffffffffffffffff0100000000000000000000000000f83f947494622e',
  times:
    '800495a9000000000000008c166e756d70792e5f636f72652e6d756c74696172726179948c0c5f7265636f6e7374727563749493948c056e756d7079948c076e6461727261799493944b0085944301629487945294284b014b02859468038c0564747970659493948c024d3894898887945294284b048c013c944e4e4e4affffffff4affffffff4b004e28430173944b014b014b017494869474946289431000b95569000000000000000000000080947494622e',
  tooBig:
    '80049591000000000000008c166e756d70792e5f636f72652e6d756c74696172726179948c0c5f7265636f6e7374727563749493948c056e756d7079948c076e6461727261799493944b0085944301629487945294284b014b01859468038c0564747970659493948c02693894898887945294284b038c013c944e4e4e4affffffff4affffffff4b007494628943080000000000000010947494622e',
  halves:
    '80049591000000000000008c166e756d70792e5f636f72652e6d756c74696172726179948c0c5f7265636f6e7374727563749493948c056e756d7079948c076e6461727261799493944b0085944301629487945294284b014b04859468038c0564747970659493948c02663294898887945294284b038c013c944e4e4e4affffffff4affffffff4b00749462894308003e00b4ff7b007c947494622e',
  boolProtocol0:
    '636e756d70792e5f636f72652e6d756c746961727261790a7363616c61720a70300a28636e756d70790a64747970650a70310a285662310a70320a4930300a4930310a7470330a5270340a2849330a567c0a70350a4e4e4e492d310a492d310a49300a7470360a62635f636f646563730a656e636f64650a70370a2856010a70380a566c6174696e310a70390a747031300a527031310a747031320a527031330a2e',
  textScalar:
    '80049564000000000000008c166e756d70792e5f636f72652e6d756c74696172726179948c067363616c61729493948c056e756d7079948c0564747970659493948c02553294898887945294284b038c013c944e4e4e4b084b044b08749462430868000000e900000094869452942e',
};
const arrayOf = (hex: string) => readPythonFile(Buffer.from(hex, 'hex')).root as FilledArray;

describe('arrays that numpy wrote', () => {
  it('in Fortran order come out in C order', () => {
    const array = arrayOf(byNumpy.fortranProtocol2);
    expect(array.shape).toEqual([3, 2]);
    expect([...(array.numbers ?? [])]).toEqual([1, 2.5, -3, 4, 5, 6]);
  });

  it('keep their numbers whatever the byte order and width', () => {
    expect(arrayOf(byNumpy.bigEndian)).toMatchObject({ dtype: 'i4', numbers: Float64Array.of(1, -2) });
    expect(arrayOf(byNumpy.halves).numbers).toEqual(
      Float64Array.of(1.5, -0.25, 65_504, Number.POSITIVE_INFINITY),
    );
    expect(arrayOf(byNumpy.times).numbers).toEqual(Float64Array.of(1_767_225_600, Number.NaN));
  });

  it('of text and objects keep their values', () => {
    expect(arrayOf(byNumpy.textProtocol3)).toMatchObject({ dtype: 'U', objects: ['a', 'bé', ''] });
    expect(arrayOf(byNumpy.objects)).toMatchObject({ dtype: 'O', objects: [null, 'x', 2] });
  });

  it('of structures are read column by column', () => {
    const array = arrayOf(byNumpy.structure);
    expect(array.dtype).toBe('V');
    expect(array.fields).toEqual([
      { name: 'left', type: 'i8', offset: 0 },
      { name: 'leaf', type: 'u1', offset: 8 },
      { name: 'value', type: 'f8', offset: 16 },
    ]);
    expect(array.column('left')).toEqual(Float64Array.of(1, -1));
    expect(array.column('leaf')).toEqual(Float64Array.of(0, 1));
    expect(array.column('value')).toEqual(Float64Array.of(0.5, 1.5));
    expect(array.column('right')).toBeUndefined();
  });

  it('as scalars are plain values', () => {
    expect(readPythonFile(Buffer.from(byNumpy.boolProtocol0, 'hex')).root).toBe(true);
    expect(readPythonFile(Buffer.from(byNumpy.textScalar, 'hex')).root).toBe('hé');
  });

  it('with integers that float64 cannot hold are refused', () => {
    expect(() => arrayOf(byNumpy.tooBig)).toThrow(/1152921504606846976/);
  });
});

describe('arrays out of a buffer', () => {
  const fromBuffer = (code: string, bytes: number[], shape: number[], ...order: PicklePart[]) =>
    readPythonFile(
      assemblePickle(
        globalName('numpy._core.numeric', '_frombuffer'),
        'MARK',
        'SHORT_BINBYTES',
        [bytes.length, ...bytes],
        dtype(code),
        'MARK',
        ...shape.map(length => assemblePickle('BININT', new Uint8Array(Int32Array.of(length).buffer))),
        'TUPLE',
        ...order,
        'TUPLE',
        'REDUCE',
        'STOP',
      ),
    ).root as FilledArray;

  it('are transposed by the order of their axes', () => {
    const axes: PicklePart[] = ['BININT1', [2], 'BININT1', [0], 'BININT1', [1], 'TUPLE3'];
    const array = fromBuffer('u1', [0, 1, 2, 3, 4, 5], [1, 2, 3], text('K'), ...axes);
    expect(array.shape).toEqual([3, 1, 2]);
    expect([...(array.numbers ?? [])]).toEqual([0, 3, 1, 4, 2, 5]);
  });

  it.each<[string, string, number[], number[], RegExp]>([
    ['a length that does not fit', 'f8', [0, 0, 0, 0], [1], /needs 8 bytes/],
    ['a negative length', 'u1', [], [-1], /length -1/],
    ['lengths whose product overflows', 'u1', [1], new Array(40).fill(2 ** 31 - 1), /needs/],
    ['endless elements without bytes', 'U0', [], [2 ** 31 - 1, 2 ** 31 - 1], /1 GiB/],
    ['an unknown dtype', 'f7', [0], [1], /"f7"/],
  ])('are refused for %s', (_, code, bytes, shape, message) => {
    expect(() => fromBuffer(code, bytes, shape, text('C'))).toThrow(message);
  });
});

describe('joblib', () => {
  const entry = (key: string, ...value: PicklePart[]) => assemblePickle(text(key), ...value);
  const wrapped = (code: string, alignment: boolean, ...behind: PicklePart[]) =>
    assemblePickle(
      ...(['PROTO', [3], globalName('joblib.numpy_pickle', 'NumpyArrayWrapper')] as const),
      ...(['EMPTY_TUPLE', 'NEWOBJ', 'EMPTY_DICT', 'MARK'] as const),
      entry('subclass', globalName('numpy', 'ndarray')),
      entry('shape', 'BININT1', [2], 'TUPLE1'),
      entry('order', text('C')),
      entry('dtype', dtype(code)),
      ...(alignment ? [entry('numpy_array_alignment_bytes', 'BININT1', [16])] : []),
      ...(['SETITEMS', 'BUILD'] as const),
      ...behind,
      'STOP',
    );
  const padded = wrapped('u1', true, [3, 0xff, 0xff, 0xff], [7, 8]);

  it('arrays inside the stream are found, with and without padding', () => {
    expect(readPythonFile(padded)).toMatchObject({ format: 'joblib', container: 'plain', protocol: 3 });
    expect((readPythonFile(padded).root as FilledArray).numbers).toEqual(Float64Array.of(7, 8));
    const old = readPythonFile(wrapped('u1', false, [7, 8])).root as FilledArray;
    expect(old.numbers).toEqual(Float64Array.of(7, 8));
  });

  it('arrays of objects are a pickle of their own', () => {
    const nested = readPythonFile(wrapped('O8', true, Buffer.from(byNumpy.objects, 'hex')))
      .root as FilledArray;
    expect(nested.objects).toEqual([null, 'x', 2]);
    expect(() => readPythonFile(wrapped('O8', true, globalName('os', 'system'), 'STOP'))).toThrow(
      /os\.system/,
    );
    const deep = [1, 2, 3, 4, 5].reduce(inner => wrapped('O8', true, inner), padded);
    expect(() => readPythonFile(deep)).toThrow(/too deeply/);
  });

  it('files may be compressed with zlib and gzip', () => {
    expect(readPythonFile(deflateSync(padded))).toMatchObject({ format: 'joblib', container: 'zlib' });
    expect(readPythonFile(gzipSync(padded))).toMatchObject({ format: 'joblib', container: 'gzip' });
    const plain = gzipSync(Buffer.from(byNumpy.objects, 'hex'));
    expect(readPythonFile(plain)).toMatchObject({ format: 'pickle', container: 'gzip', protocol: 4 });
  });

  it('other compressions are refused with what to do', () => {
    for (const head of ['425a6839', 'fd377a585a00', '5d00008000', '04224d18', '28b52ffd']) {
      expect(() => readPythonFile(Buffer.from(head, 'hex'))).toThrow(
        expect.objectContaining({ code: 'model.rejected', hint: expect.stringContaining("compress='zlib'") }),
      );
    }
  });

  it('a bomb is stopped, and a damaged stream is damage', () => {
    expect(() => readPythonFile(deflateSync(Buffer.alloc(200 * 2 ** 20)))).toThrow(/unfolds into more than/);
    expect(() => readPythonFile(deflateSync(padded).subarray(0, 40))).toThrow(/cannot be unpacked/);
  });
});
