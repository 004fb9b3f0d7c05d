import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ModelManifest } from '../../common/contracts/index.ts';
import { seededRandom } from '../../common/seeded-random.ts';
import { LoadedModel } from './loaded-model.ts';
import type { ChildSession } from './model-session.ts';
import { RunThread } from './run-thread.ts';
import { isThere, pretendChild, sessionOf } from './testing/pretend-child.ts';
import { ThreadedModel } from './threaded-model.ts';

const samples = join(import.meta.dirname, '../../resources/models');
const script = join(import.meta.dirname, 'inference-child.ts');
const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-threads-'));
const open: ChildSession[] = [];
const onLost = () => undefined;
afterEach(() => Promise.all(open.splice(0).map(session => session.close())));
afterAll(() => rmSync(folder, { recursive: true }));

const pathOf = (name: string) => join(samples, `${name}.onnx`);
const bitsOf = (values: Float64Array | undefined) =>
  new BigUint64Array((values ?? new Float64Array()).slice().buffer);

/** So many rows around the golden ones, in shared memory. */
function tableOf(name: string, count: number) {
  const manifest = readFileSync(join(samples, `${name}.manifest.json`), 'utf8');
  const { golden, features } = JSON.parse(manifest) as ModelManifest;
  const random = seededRandom(3);
  const columns = features.length;
  const rows = new Float64Array(new SharedArrayBuffer(8 * count * columns));
  for (let row = 0; row < count; row++) {
    const { input = [] } = golden[row % golden.length] ?? {};
    rows.set(
      input.map(value => (value ?? Number.NaN) * (0.5 + random())),
      row * columns,
    );
  }
  return { rows, columns };
}

/** What the model says of each row when it is run by itself. */
function oneByOne(name: string, rows: Float64Array, columns: number): Float64Array {
  const model = LoadedModel.load(pathOf(name));
  const count = rows.length / columns;
  return Float64Array.from(
    { length: count },
    (_, row) =>
      model.run(rows.slice(row * columns, (row + 1) * columns), columns)[0]?.values[0] ?? Number.NaN,
  );
}

/** A child with two threads that shares whatever it can, and says of each run whether it was shared. */
const sharing = (thread = 'serveAsThread()') => `
import { isMainThread, parentPort } from 'node:worker_threads';
if (isMainThread) {
  let model;
  answerRequests(async ({ path }) => {
    const onLost = () => process.exit(1);
    model = ThreadedModel.load(path, { script: import.meta.filename, onLost, threads: 2, sharedFromMs: 0 });
    return { outputs: [...model.outputs, 'isShared'], isDouble: model.isDouble };
  });
  answerRuns(4, async (rows, columns) => {
    const ran = model.run(rows, columns);
    const isShared = new Float64Array(rows.length / columns).fill(ran instanceof Promise ? 1 : 0);
    return [...await ran, { width: 1, values: isShared }];
  });
} else ${thread};`;

function start(
  name: string,
  columns: number,
  options: { thread?: string; path?: string; runDeadlineMs?: number } = {},
) {
  const { thread, path = pathOf(name), runDeadlineMs = 20_000 } = options;
  const child = pretendChild(folder, `sharing-${name}`, sharing(thread));
  const { session } = sessionOf(child, { features: columns, path, runDeadlineMs });
  open.push(session);
  return session;
}

/** Runs the rows until a run was shared. */
async function sharedRun(session: ChildSession, rows: Float64Array, columns: number) {
  for (let attempt = 0; attempt < 400; attempt++) {
    const [values, isShared] = await session.run(rows, columns);
    if (isShared?.[0] === 1) return values;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error('no run was shared');
}

describe.each(['spot-price-gbt', 'spot-price-ridge'])('rows of %s', { timeout: 60_000 }, name => {
  const { rows, columns } = tableOf(name, 3_000);
  const expected = bitsOf(oneByOne(name, rows, columns));

  it('give the same bits in slices of any size, in this thread and in another', async () => {
    const model = LoadedModel.load(pathOf(name));
    expect(bitsOf(model.run(rows, columns)[0]?.values)).toEqual(expected);
    const thread = new RunThread(script, { content: new Uint8Array(readFileSync(pathOf(name))) }, onLost);
    for (let wait = 0; wait < 400 && !thread.isLoaded; wait++) await new Promise(r => setTimeout(r, 50));
    for (const rowsPerSlice of [1, 7, 64, 256, 3_000]) {
      const output = { width: 1, values: new Float64Array(new SharedArrayBuffer(8 * 3_000)) };
      const next = new Int32Array(new SharedArrayBuffer(4));
      expect(await thread.run({ rows, columns, rowsPerSlice, next, outputs: [output] })).toBe(true);
      expect(bitsOf(output.values)).toEqual(expected);
    }
    await thread.close();
  });

  it('give the same bits through a child that shares them, though the file is another one by then', async () => {
    const path = join(folder, `${name}.onnx`);
    copyFileSync(pathOf(name), path);
    const session = start(name, columns, { path });
    await session.warmUp();
    rmSync(path);
    writeFileSync(path, 'something else');
    expect(bitsOf(await sharedRun(session, rows, columns))).toEqual(expected);
  });

  it('give the same bits through the child as it is', async () => {
    const { session } = sessionOf(undefined, { features: columns, path: pathOf(name) });
    open.push(session);
    for (let run = 0; run < 5; run++) {
      const [values] = await session.run(rows, columns);
      expect(bitsOf(values)).toEqual(expected);
    }
  });
});

describe('a thread of the child', { timeout: 60_000 }, () => {
  const name = 'spot-price-gbt';
  const { rows, columns } = tableOf(name, 1_000);
  const expected = bitsOf(oneByOne(name, rows, columns));
  const pretends = (then: string) =>
    `{ parentPort.postMessage('loaded'); parentPort.on('message', () => { ${then} }); }`;

  it.each([
    ['throws', `throw new Error('gone')`],
    ['ends', 'process.exit(0)'],
  ])('that %s is a crash of the child', async (_, then) => {
    const session = start(name, columns, { thread: pretends(then) });
    await expect(sharedRun(session, rows, columns)).rejects.toMatchObject({
      code: 'model.faulty',
      details: { outcome: 'crashed' },
      message: expect.stringContaining('exit code 1'),
    });
  });

  it('that hangs is ended with the child at the deadline', async () => {
    const session = start(name, columns, { thread: pretends('for (;;);'), runDeadlineMs: 3_000 });
    await session.warmUp();
    const { pid } = session;
    await expect(sharedRun(session, rows, columns)).rejects.toMatchObject({
      details: { outcome: 'timed-out' },
    });
    await session.close();
    expect(isThere(pid)).toBe(false);
  });

  it.each([
    ['cannot load the model', `parentPort.postMessage('not loaded')`],
    ['ends while it starts', `{ throw new Error('no memory') }`],
  ])('that %s leaves the work to the main one', async (_, thread) => {
    const session = start(name, columns, { thread });
    for (let run = 0; run < 5; run++) {
      const [values, isShared] = await session.run(rows, columns);
      expect(bitsOf(values)).toEqual(expected);
      expect(isShared?.[0]).toBe(0);
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  });

  it('that fails has its rows run again by the main one', async () => {
    const session = start(name, columns, { thread: pretends(`parentPort.postMessage('failed')`) });
    expect(bitsOf(await sharedRun(session, rows, columns))).toEqual(expected);
    // The rows were not at fault, so that it is not tried again.
    const [values, isShared] = await session.run(rows, columns);
    expect(bitsOf(values)).toEqual(expected);
    expect(isShared?.[0]).toBe(0);
  });

  it('changes nothing about what is refused, and later runs are shared', async () => {
    const model = ThreadedModel.load(pathOf(name), { script, onLost, threads: 2, sharedFromMs: 0 });
    const shared = async () => {
      for (let attempt = 0; attempt < 400; attempt++) {
        const ran = model.run(rows, columns);
        if (ran instanceof Promise) return bitsOf((await ran)[0]?.values);
        await new Promise(resolve => setTimeout(resolve, 50));
      }
      return undefined;
    };
    expect(await shared()).toEqual(expected);
    const refused = model.run(rows.subarray(1_000), columns - 1);
    expect(refused).toBeInstanceOf(Promise);
    await expect(refused).rejects.toThrow(`it takes ${columns} features, not ${columns - 1}`);
    expect(await shared()).toEqual(expected);
  });
});
