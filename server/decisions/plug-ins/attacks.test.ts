import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { engineAnswer } from '../../../common/contracts/index.ts';
import { askPlugIn, type PlugInOutcome } from './ask-plug-in.ts';
import type { PlugInKind } from './plug-in-messages.ts';
import { allocatesAt, endless, greedy, pointsAt, trap, wasmModule } from './wasm-module.fixture.ts';

const log = pino({ level: 'silent' });
const limits = { deadlineMs: 800, memoryMib: 48, outputUnits: 100_000 };

function ask(kind: PlugInKind, bytes: Uint8Array, input = '{"word":"yes"}'): Promise<PlugInOutcome> {
  return askPlugIn({ kind, bytes }, { nodePath: process.execPath, limits }, log, input);
}
const script = (source: string) => ask('javascript', Buffer.from(source));
const decides = (body: string) => script(`export function decide(input) { ${body} }`);
const answerOf = (outcome: PlugInOutcome): unknown =>
  outcome.ok ? JSON.parse(outcome.answerText ?? 'null') : outcome.reason;

describe('a JavaScript engine', () => {
  it('gets its input and answers', async () => {
    expect(answerOf(await decides('return { word: input.word, sum: [1, 2].at(-1) };'))).toEqual({
      word: 'yes',
      sum: 2,
    });
  });

  it('sees these globals and no others', async () => {
    const names = answerOf(await decides('return Object.getOwnPropertyNames(globalThis).sort();'));
    expect((names as string[]).join(' ')).toBe(
      'AggregateError Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Error EvalError Float16Array ' +
        'Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array InternalError Iterator JSON Map Math NaN ' +
        'Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set String Symbol SyntaxError TypeError URIError ' +
        'Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakSet decodeURI decodeURIComponent encodeURI ' +
        'encodeURIComponent escape eval globalThis isFinite isNaN parseFloat parseInt undefined unescape',
    );
  });

  it.each([
    ['a clock', 'return Date.now();', /'Date' is not defined/],
    ['a stopwatch', 'return performance.now();', /'performance' is not defined/],
    ['dice', 'return Math.random();', /Math\.random is not there/],
    [
      'dice of its own making',
      'delete Math.random; Math.random = () => 1; return Math.random();',
      /TypeError/,
    ],
    [
      'the process by a constructor',
      'return [].constructor.constructor("return process")();',
      /'process' is not defined/,
    ],
    ['the process by eval', 'return (0, eval)("process.exit(0)");', /'process' is not defined/],
    ['a module', 'return import("node:fs");', /gave a promise/],
    ['the console', 'console.log(1);', /'console' is not defined/],
    ['timers', 'setTimeout(() => 1, 1);', /'setTimeout' is not defined/],
  ])('has not: %s', async (_name, body, reason) => {
    const outcome = await decides(body);
    expect(outcome).toMatchObject({ ok: false, isFault: false });
    expect(answerOf(outcome)).toMatch(reason);
  });

  it.each([
    ['an endless loop', 'for (;;);', /did not answer within/],
    [
      'a regular expression that never ends',
      'return /(a+)+$/.test("a".repeat(60) + "b");',
      /did not answer within/,
    ],
    ['a getter that never ends', 'return { get proposals() { for (;;); } };', /did not answer within/],
    [
      'a proxy that never ends',
      'return new Proxy({}, { ownKeys() { for (;;); } });',
      /did not answer within/,
    ],
    ['an error whose message never ends', 'throw { get message() { for (;;); } };', /threw|did not answer/],
    [
      'a memory bomb',
      'const all = []; for (;;) all.push(new Array(10000).fill(all.length));',
      /more than 48 MiB/,
    ],
    [
      'a text bomb',
      'let text = "x"; for (;;) text += text + text.length;',
      /more than 48 MiB|InternalError|RangeError/,
    ],
    ['a giant buffer', 'return new Uint8Array(2 ** 31);', /more than 48 MiB|RangeError/],
    ['a giant answer', 'return "x".repeat(200000);', /longer than 100000/],
    ['deep recursion', 'const down = () => down() + 1; return down();', /stack overflow/],
    [
      'a deep answer',
      'let top = {}; for (let i = 0; i < 20000; i++) top = { top }; return top;',
      /stack overflow|did not answer|longer/,
    ],
  ])('is ended by: %s', async (_name, body, reason) => {
    const outcome = await decides(body);
    expect(outcome.ok).toBe(false);
    expect(answerOf(outcome)).toMatch(reason);
  });

  it.each([
    ['a promise', 'return Promise.resolve({ proposals: [] });', /gave a promise/],
    ['nothing', '', /nothing that JSON can hold/],
    ['a function', 'return () => 1;', /nothing that JSON can hold/],
    ['a big integer', 'return 1n;', /TypeError/],
    ['itself', 'const me = {}; me.me = me; return me;', /TypeError: circular/],
    ['a thrown text', 'throw "no idea";', /threw no idea/],
  ])('gives no answer with: %s', async (_name, body, reason) => {
    expect(answerOf(await decides(body))).toMatch(reason);
  });

  it.each([
    ['loops when it is loaded', 'for (;;);', /did not answer within/],
    ['imports', 'import fs from "node:fs"; export function decide() {}', /could not load module/],
    [
      'waits when it is loaded',
      'await new Promise(() => {}); export function decide() {}',
      /exports no function/,
    ],
    ['has no decide', 'export const decide = 3;', /exports no function/],
    ['is no JavaScript', 'export function (', /SyntaxError/],
  ])('is not opened when it: %s', async (_name, source, reason) => {
    expect(answerOf(await script(source))).toMatch(reason);
  });

  it('is not opened when it is not UTF-8', async () => {
    const outcome = await ask('javascript', Uint8Array.of(0x2f, 0x2f, 0xff, 0xfe));
    expect(answerOf(outcome)).toBe('the file is not UTF-8');
  });

  it('cannot reach this world through the prototypes of its answer', async () => {
    const outcome = await decides(
      'return JSON.parse(\'{"proposals":[],"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}\');',
    );
    const answer = answerOf(outcome);
    expect(engineAnswer.safeParse(answer).success).toBe(false);
    expect('isAdmin' in {}).toBe(false);
  });

  it('may break its own JSON and prototypes; that changes nothing but its own answer', async () => {
    const source = `
      JSON.stringify = () => '{"proposals":[1]}';
      JSON.parse = () => 1;
      String.prototype.toString = () => 'x';
      Object.prototype.toJSON = undefined;
      export function decide(input) { return { word: input.word }; }`;
    expect(answerOf(await script(source))).toEqual({ word: 'yes' });
  });
});

describe('a WebAssembly engine', () => {
  it('answers what is in its memory', async () => {
    expect(answerOf(await ask('webassembly', wasmModule({ answer: '{"proposals":[]}' })))).toEqual({
      proposals: [],
    });
  });

  it('carries its manifest in a section of its own', async () => {
    const outcome = await ask('webassembly', wasmModule({ answer: '1', manifest: '{"name":"small"}' }));
    expect(outcome).toMatchObject({ manifestText: '{"name":"small"}' });
  });

  it.each([
    ['an endless loop', wasmModule({ decide: endless }), /did not answer within 0.8 s and was ended/],
    ['memory that grows for ever', wasmModule({ decide: greedy, pages: 2 }), /did not answer|ended|killed/],
    ['more memory than it may', wasmModule({ answer: '1', pages: 2000 }), /RangeError|memory|CompileError/],
    ['imports', wasmModule({ imports: true }), /imports env\.now; an engine is given nothing/],
    ['an answer that is not UTF-8', wasmModule({ answer: Uint8Array.of(0xff, 0xfe) }), /not UTF-8/],
    ['an answer outside of its memory', wasmModule({ decide: pointsAt(2 ** 25, 9) }), /not in its memory/],
    ['an answer that is too long', wasmModule({ decide: pointsAt(0, 100_001) }), /longer than 100000/],
    ['room outside of its memory', wasmModule({ alloc: allocatesAt(2 ** 30) }), /not in its memory/],
    ['a trap', wasmModule({ decide: trap }), /RuntimeError: unreachable/],
    ['no module', Uint8Array.of(0, 0x61, 0x73, 0x6d, 9, 9), /CompileError/],
  ])('is ended or refused for: %s', async (_name, bytes, reason) => {
    const outcome = await ask('webassembly', bytes);
    expect(outcome.ok).toBe(false);
    expect(answerOf(outcome)).toMatch(reason);
  });

  it('is refused for an answer that is no JSON only by whoever reads it', async () => {
    const outcome = await ask('webassembly', wasmModule({ answer: '{"proposals":' }));
    expect(outcome).toMatchObject({ ok: true, answerText: '{"proposals":' });
  });
});

describe('this process', () => {
  it('serves others while an engine hangs', async () => {
    const hanging = ask('webassembly', wasmModule({ decide: endless }));
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    await hanging;
    clearInterval(timer);
    // At least half of the turns of a loop that nobody stops, over the deadline alone.
    expect(ticks).toBeGreaterThan(limits.deadlineMs / 10 / 2);
  });
});
