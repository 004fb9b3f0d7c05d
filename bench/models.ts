/**
 * What a model costs: its conversion, and its predictions through the inference service, which shares large tables among
 * processors, against ONNX Runtime alone and scikit-learn's own `predict`, both on one thread; then one row over HTTP
 * against an echo. Runs of all take turns, every answer is checked. Where scikit-learn is missing, models of the same size
 * are made here, and it says so.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { Model } from '../common/contracts/index.ts';
import { ChildSession } from '../server/models/model-session.ts';
import { figureLine, peakMibOf, ratioLine, spreadOf } from './figures.ts';
import { BareRuntime } from './models/bare-runtime.ts';
import { measureConversion } from './models/conversion.ts';
import { makeModels } from './models/made-models.ts';
import { measureOneRow } from './models/one-row-over-http.ts';
import { fitModels, PythonPredictor, scikitLearnVersion } from './models/python-side.ts';

const COLUMNS = 22;
const RUNS = 9;
const say = (line: string) => process.stdout.write(`${line}\n`);

const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-bench-models-'));
const place = (name: string) => join(folder, name);
try {
  const version = scikitLearnVersion();
  const nodes = version === undefined ? makeModels(folder, COLUMNS) : fitModels(folder);
  say(
    version === undefined
      ? 'no scikit-learn here: LightGBM texts of the same size, made by this benchmark'
      : `models fitted by scikit-learn ${version}`,
  );
  await conversion(nodes);
  await measureConversion(place('boosted.pkl'), place('boosted.onnx'));
  await predictions(version !== undefined);
  await oneRowOverHttp();
} finally {
  rmSync(folder, { recursive: true });
}

async function conversion(nodes: number): Promise<void> {
  const runs = [];
  for (let run = 0; run < 5; run++)
    runs.push(await measureConversion(place('forest.pkl'), place('forest.onnx')));
  const [first] = runs;
  say(
    `\nconversion of 100 trees of ${nodes} nodes, ${first?.fileMib.toFixed(1)} MiB to ${first?.onnxMib.toFixed(1)} MiB`,
  );
  say(figureLine('start of the child and conversion', spreadOf(runs.map(run => run.seconds)), 's'));
  say(figureLine('most memory of the child', spreadOf(runs.map(run => run.peakMib)), 'MiB'));
  const session = await serve('forest');
  await check(session, 'forest', 1_000);
  await session.close();
}

async function predictions(hasPython: boolean): Promise<void> {
  const session = await serve('boosted');
  // Twice: the first time shows that further threads pay, the second one starts them at the latest.
  for (let run = 0; run < 2; run++) await check(session, 'boosted', 10_000);
  say(`\n${availableParallelism()} processors here`);
  const bare = await BareRuntime.start(place('boosted.onnx'), place('rows.f64'), COLUMNS);
  const python = hasPython ? await PythonPredictor.start(folder) : undefined;
  const table = floats('rows.f64');
  for (const [rows, calls] of [
    [1, 200],
    [1_000, 5],
    [10_000, 1],
  ] as const) {
    const slice = await bestSlice(bare, rows, calls);
    const ours: number[] = [];
    const whole: number[] = [];
    const sliced: number[] = [];
    const theirs: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      whole.push(await bare.measure({ rows, slice: rows, calls }));
      ours.push(await servedMs(session, table.subarray(0, rows * COLUMNS), calls));
      sliced.push(await bare.measure({ rows, slice, calls }));
      if (python) theirs.push(await python.measure(rows, calls));
    }
    const service = spreadOf(ours);
    say(`\n${rows.toLocaleString('en-US')} rows of 300 trees`);
    say(figureLine('inference service', service, 'ms'));
    say(figureLine('ONNX Runtime alone, all rows at once', spreadOf(whole), 'ms'));
    if (slice < rows) say(figureLine(`ONNX Runtime alone, ${slice} rows at once`, spreadOf(sliced), 'ms'));
    const [atOnce, inSlices] = [spreadOf(whole), spreadOf(sliced)];
    const best = inSlices.median < atOnce.median ? inSlices : atOnce;
    say(ratioLine('service / ONNX Runtime alone at its best', service.median / best.median));
    say(ratioLine('the same, of the fastest runs', service.min / best.min));
    if (rows === 1)
      say(figureLine('added for one row', spreadOf(ours.map((ms, run) => ms - (whole[run] ?? 0))), 'ms'));
    if (!python) continue;
    say(figureLine('scikit-learn', spreadOf(theirs), 'ms'));
    say(ratioLine('service / scikit-learn', service.median / spreadOf(theirs).median));
    say(ratioLine('the same, of the fastest runs', service.min / spreadOf(theirs).min));
  }
  const pauses: number[] = [];
  for (let run = 0; run < RUNS; run++) pauses.push(await longestPauseMs(() => session.run(table, COLUMNS)));
  say('\nbeside it');
  say(figureLine('longest pause of the event loop, 10,000 rows', spreadOf(pauses), 'ms'));
  say(figureLine('most memory of the serving child', spreadOf([peakMibOf(session.pid)]), 'MiB'));
  bare.close();
  python?.close();
  await session.close();
}

async function oneRowOverHttp(): Promise<void> {
  const { echo, predict } = await measureOneRow(folder, 5);
  say('\none row over HTTP, 32 connections');
  for (const [name, rounds] of [['predict/raw', predict] as const, ['echo', echo] as const]) {
    say(figureLine(`${name}, requests a second`, spreadOf(rounds.map(round => round.perSecond)), ''));
    say(figureLine(`${name}, p50`, spreadOf(rounds.map(round => round.p50Ms)), 'ms'));
    say(figureLine(`${name}, p99`, spreadOf(rounds.map(round => round.p99Ms)), 'ms'));
  }
  const median = (rounds: typeof echo) => spreadOf(rounds.map(round => round.perSecond)).median;
  say(ratioLine('requests a second, predict/raw / echo', median(predict) / median(echo)));
  const p99 = (rounds: typeof echo) => spreadOf(rounds.map(round => round.p99Ms)).median;
  say(ratioLine('p99, predict/raw / echo', p99(predict) / p99(echo)));
}

async function serve(name: string): Promise<ChildSession> {
  const features = Array.from({ length: COLUMNS }, (_, index) => ({ name: `x${index}` }));
  const session = new ChildSession({
    model: { id: name, manifest: { name, task: 'custom', features, golden: [] } } as unknown as Model,
    withFile: use => use(place(`${name}.onnx`)),
    settings: { nodePath: process.execPath },
    log: pino({ level: 'silent' }),
    onUse: () => undefined,
    onFaulty: reason => say(`The model ${name} is faulty: ${reason}`),
  });
  await session.warmUp();
  return session;
}

async function servedMs(session: ChildSession, rows: Float64Array, calls: number): Promise<number> {
  const startedAt = performance.now();
  for (let call = 0; call < calls; call++) await session.run(rows, COLUMNS);
  return (performance.now() - startedAt) / calls;
}

/** How long other work had to wait at most while this went on; a timer is no finer than about 1 ms. */
async function longestPauseMs(work: () => Promise<unknown>): Promise<number> {
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  await work();
  clearInterval(timer);
  return longest;
}

/** @throws Error unless the service says what the model's makers got, to a relative 1e-9. */
async function check(session: ChildSession, name: string, rows: number): Promise<void> {
  const expected = floats(`${name}.f64`);
  const [got] = await session.run(floats('rows.f64').subarray(0, rows * COLUMNS), COLUMNS);
  for (let row = 0; row < rows; row++) {
    const [value = Number.NaN, wanted = Number.NaN] = [got?.[row], expected[row]];
    if (!(Math.abs(value - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted)))) {
      throw new Error(`Row ${row} of ${name} is ${value} instead of ${wanted}.`);
    }
  }
}

async function bestSlice(bare: BareRuntime, rows: number, calls: number): Promise<number> {
  const times: { slice: number; ms: number }[] = [];
  for (const slice of [32, 128, 512, 1_024, rows].filter(slice => slice <= rows)) {
    const runs: number[] = [];
    for (let run = 0; run < 3; run++) runs.push(await bare.measure({ rows, slice, calls }));
    times.push({ slice, ms: Math.min(...runs) });
  }
  return times.reduce((best, one) => (one.ms < best.ms ? one : best)).slice;
}

function floats(name: string): Float64Array {
  const bytes = readFileSync(place(name));
  return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / Float64Array.BYTES_PER_ELEMENT);
}
