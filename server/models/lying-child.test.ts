import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { InferenceChild } from './start-inference-child.ts';
import { pretendChild } from './testing/pretend-child.ts';

const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-channel-'));
const loads = `answerRequests(async () => ({ outputs: ['a', 'b'], isDouble: true }));`;
/** Sends these numbers of 32 bits as soon as anything comes. */
const answers = (...words: number[]) =>
  `${loads} process.stdin; import('node:net').then(({ Socket }) => {
    const pipe = new Socket({ fd: 4 });
    pipe.once('data', () => pipe.write(Buffer.from(Uint32Array.of(${words.join(', ')}).buffer)));
  });`;
let child: InferenceChild;
afterEach(() => child.close());
afterAll(() => rmSync(folder, { recursive: true }));

function start(script: string, deadlineMs = 20_000): InferenceChild {
  const path = pretendChild(folder, 'liar', script);
  child = new InferenceChild(
    { nodePath: process.execPath, script: path, loadDeadlineMs: deadlineMs, runDeadlineMs: deadlineMs },
    pino({ level: 'silent' }),
  );
  return child;
}

describe('an answer of a child that lies', { timeout: 30_000 }, () => {
  it.each([
    ['an unknown status', [7, 2], /began an answer with 7/],
    ['more outputs than the model has', [0, 3, 1, 1, 1], /3 outputs instead of 2/],
    ['four thousand million outputs', [0, 0xffff_ffff], /4294967295 outputs/],
    ['more values than are taken', [0, 2, 0xffff_ffff, 0xffff_ffff], /values; 8388608 are taken at most/],
    ['no values', [0, 2, 0, 1], /an output without values/],
    ['an endless refusal', [1, 0x7fff_ffff], /a refusal of 2147483647 bytes/],
  ])('with %s is malformed, and the child is ended', async (_, words, message) => {
    start(answers(...words));
    await child.load('none');
    expect(await child.run(new Float64Array(6), 2)).toEqual({
      kind: 'malformed',
      message: expect.stringMatching(message),
    });
    expect(child.isAlive).toBe(false);
  });

  it('that is shorter than announced ends at the deadline', async () => {
    start(answers(0, 2, 1, 1, 0), 3_000);
    await child.load('none');
    expect(await child.run(new Float64Array(6), 2)).toEqual({ kind: 'timed-out', deadlineMs: 3_000 });
  });

  it('that is longer than announced ends the child', async () => {
    // Two outputs of one value for one row are four words; a fifth follows.
    start(answers(0, 2, 1, 1, 0, 0, 0, 0, 9));
    await child.load('none');
    expect(await child.run(new Float64Array(2), 2)).toMatchObject({ kind: 'answer' });
    expect(child.isAlive).toBe(false);
  });

  it('that nobody asked for ends the child', async () => {
    start(`${loads} writeSync(4, Buffer.alloc(100_000));`);
    await child.load('none');
    expect((await child.run(new Float64Array(2), 2)).kind).toBe('crashed');
  });

  it.each([
    'null',
    '{ outputs: [], isDouble: true }',
    '{ outputs: [1], isDouble: true }',
    '{ outputs: Array(65).fill("x"), isDouble: false }',
    '{ outputs: ["x"] }',
  ])('to the load of a model, %s, is malformed', async value => {
    start(`answerRequests(async () => (${value}));`);
    expect((await child.load('none')).kind).toBe('malformed');
    expect(child.isAlive).toBe(false);
  });

  it('with messages that are no answers is not heard', async () => {
    start(
      `for (const odd of [null, 5, 'x', [], { id: 'no' }, { id: 1e9, ok: true }]) writeSync(3, messageFrame(odd)); ${loads}`,
    );
    expect((await child.load('none')).kind).toBe('answer');
  });

  it.each([
    ['an endless message', 'Buffer.alloc(50_000, 0xfe)'],
    ['a message that is none', 'Buffer.of(0, 0, 0, 4, 0xfe, 0xfe, 0xfe, 0xfe)'],
  ])('with %s in the channel of messages ends the child at most', async (_, noise) => {
    start(`writeSync(3, ${noise}); ${loads}`, 3_000);
    expect((await child.load('none')).kind).not.toBe('answer');
  });
});

describe('a run', { timeout: 30_000 }, () => {
  it('carries any bits there and back, in chunks of any size', async () => {
    start(`${loads} answerRuns(4, async (rows, columns) => [
      { width: columns, values: rows.slice() },
      { width: 1, values: new Float64Array(rows.length / columns) },
    ]);`);
    await child.load('none');
    for (const count of [1, 3, 200_000]) {
      const rows = Float64Array.from({ length: count * 3 }, (_, index) => 1 / (index - 4));
      rows.set([Number.NaN, -0, Number.POSITIVE_INFINITY]);
      const ran = await child.run(rows, 3);
      expect(ran.kind === 'answer' && Object.is(ran.value[0]?.[1], -0)).toBe(true);
      expect(ran).toEqual({ kind: 'answer', value: [rows, new Float64Array(count)] });
    }
  });

  it('is refused with the words of the child, which goes on', async () => {
    start(`${loads} let first = true; answerRuns(4, async () => {
      if (first) { first = false; throw new Error('not today, Zoë'); }
      return [{ width: 1, values: Float64Array.of(1) }, { width: 1, values: Float64Array.of(2) }];
    });`);
    await child.load('none');
    const both = [child.run(new Float64Array(2), 2), child.run(new Float64Array(2), 2)];
    expect(await Promise.all(both)).toEqual([
      { kind: 'refused', message: 'not today, Zoë' },
      { kind: 'answer', value: [Float64Array.of(1), Float64Array.of(2)] },
    ]);
  });
});
