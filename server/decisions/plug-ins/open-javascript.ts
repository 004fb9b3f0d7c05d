import {
  newQuickJSWASMModule,
  type QuickJSContext,
  type QuickJSHandle,
  RELEASE_SYNC,
} from 'quickjs-emscripten';
import { type OpenedModule, type PlugInLimits, PlugInProblem } from './plug-in-messages.ts';

const BYTES_PER_MIB = 1024 ** 2;
/** Of QuickJS; the child's own stack is wider (`--stack-size`), so that this one is felt first. */
const STACK_BYTES = 256 * 1024;
const MOST_WORDS = 300;

/** The language without a clock (`Date`), and with nothing that depends on when garbage is collected (`WeakRef`). */
const intrinsics = {
  BaseObjects: true,
  Date: false,
  Eval: true,
  StringNormalize: true,
  RegExp: true,
  JSON: true,
  Proxy: true,
  MapSet: true,
  TypedArrays: true,
  Promise: true,
  BigInt: true,
} as const;

/**
 * Runs before the plug-in, in its world: takes the dice away, and keeps the parts of JSON that the plug-in may replace for itself.
 * What `ask` gives back is a string or nothing, so that no getter, proxy or prototype of the plug-in ever reaches the host.
 */
const HARNESS = `(() => {
  'use strict';
  const { parse, stringify } = JSON;
  const Pending = Promise;
  const random = () => { throw new Error('Math.random is not there: an engine has no dice'); };
  Object.defineProperty(Math, 'random', { value: random, writable: false, configurable: false });
  for (const name of ['SharedArrayBuffer', 'Atomics', 'performance', 'WeakRef', 'FinalizationRegistry'])
    delete globalThis[name];
  return (decide, text) => {
    const answer = decide(parse(text));
    if (answer instanceof Pending) throw new TypeError('decide gave a promise; it must answer at once');
    return stringify(answer);
  };
})()`;

/**
 * Evaluates an ES module in QuickJS inside WebAssembly. It can import nothing and sees no clock, dice, network or file.
 * @throws PlugInProblem when the module does not load or exports no function `decide`
 */
export async function openJavaScript(source: string, limits: PlugInLimits): Promise<OpenedModule> {
  const quickjs = await newQuickJSWASMModule(RELEASE_SYNC);
  const runtime = quickjs.newRuntime();
  runtime.setMemoryLimit(limits.memoryMib * BYTES_PER_MIB);
  runtime.setMaxStackSize(STACK_BYTES);
  let until = 0;
  runtime.setInterruptHandler(() => performance.now() > until);
  const context = runtime.newContext({ intrinsics });

  const attempt = (run: () => ReturnType<QuickJSContext['callFunction']>): QuickJSHandle => {
    until = performance.now() + limits.deadlineMs;
    let result: ReturnType<typeof run>;
    try {
      result = run();
    } catch {
      // The host's own stack or memory ended first.
      throw new PlugInProblem('it took too much stack or memory', true);
    }
    if (result.error) throw problemOf(context, result.error, limits);
    return result.value;
  };
  const ask = attempt(() => context.evalCode(HARNESS, 'harness.js'));
  const exported = attempt(() => context.evalCode(source, 'engine.js', { type: 'module' }));
  const decide = context.getProp(exported, 'decide');
  if (context.typeof(decide) !== 'function') throw new PlugInProblem('it exports no function "decide"');
  return {
    manifestText: manifestTextOf(context, exported, attempt, limits),
    decide: inputText => {
      const input = context.newString(inputText);
      const answer = attempt(() => context.callFunction(ask, context.undefined, decide, input));
      return textOf(context, answer, 'decide', limits);
    },
  };
}

function manifestTextOf(
  context: QuickJSContext,
  exported: QuickJSHandle,
  attempt: (run: () => ReturnType<QuickJSContext['callFunction']>) => QuickJSHandle,
  limits: PlugInLimits,
): string | null {
  const manifest = context.getProp(exported, 'manifest');
  if (context.typeof(manifest) === 'undefined') return null;
  const stringify = attempt(() => context.evalCode('JSON.stringify', 'harness.js'));
  return textOf(
    context,
    attempt(() => context.callFunction(stringify, context.undefined, manifest)),
    'manifest',
    limits,
  );
}

/** Of the string itself, whatever the plug-in made of `String.prototype`: `length` is its own property. */
function textOf(context: QuickJSContext, value: QuickJSHandle, what: string, limits: PlugInLimits): string {
  if (context.typeof(value) !== 'string') throw new PlugInProblem(`${what} is nothing that JSON can hold`);
  const units = context.getNumber(context.getProp(value, 'length'));
  if (units > limits.outputUnits) {
    throw new PlugInProblem(`its answer is longer than ${limits.outputUnits} characters`, true);
  }
  return context.getString(value);
}

function problemOf(context: QuickJSContext, error: QuickJSHandle, limits: PlugInLimits): PlugInProblem {
  let said: unknown = 'an error that cannot be read';
  try {
    said = context.dump(error);
  } catch {
    // What cannot even be read is told as such.
  }
  if (typeof said !== 'object' || said === null) {
    return new PlugInProblem(`it threw ${String(said).slice(0, MOST_WORDS)}`);
  }
  const { name = 'an error without a name', message = '' } = said as { name?: unknown; message?: unknown };
  const words = String(message).slice(0, MOST_WORDS);
  if (name === 'InternalError' && words === 'interrupted') {
    return new PlugInProblem(`it did not answer within ${limits.deadlineMs / 1000} s`, true, true);
  }
  if (name === 'InternalError' && words === 'out of memory') {
    return new PlugInProblem(`it wanted more than ${limits.memoryMib} MiB of memory`, true);
  }
  return new PlugInProblem(
    `it threw ${String(name).slice(0, MOST_WORDS)}: ${words}`,
    name === 'InternalError',
  );
}
