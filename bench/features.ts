/**
 * What features cost: 22 rolling ones at each of 1.45 million records, on one thread, against pandas and DuckDB where they are
 * installed, whose values they are checked against; then the whole catalog on an hourly grid of 90 days, pool after pool.
 * Runs of all take turns.
 */
import { mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MS_PER_HOUR, type Pool, poolKey } from '../common/units/index.ts';
import { featureCatalog, featureTable, type MarketSlice } from '../server/forecasting/features/index.ts';
import { madeFacts, makeRecords, POOLS, RECORDS_PER_POOL } from './features/made-records.ts';
import { PythonFeatures, type Tool, versionOf } from './features/python-side.ts';
import { figureLine, peakMibOf, ratioLine, spreadOf } from './figures.ts';

const RUNS = 7;
const NAMES = [
  ...[6, 24, 72, 168].flatMap(hours => [
    ...['mean', 'std', 'min', 'max'].map(figure => `${figure}_${hours}h_to_last`),
    `changes_${hours}h`,
  ]),
  'return_24h',
  'hours_since_change',
];
const HOURS = 90 * 24;
const say = (line: string) => process.stdout.write(`${line}\n`);

const prices = makeRecords();
const slice: MarketSlice = { pools: prices, neighbours: [], factsOf: () => madeFacts };
const recordsOf = new Map(prices.map(({ pool, atMs }) => [poolKey(pool), atMs]));
const atRecords = (pool: Pool) => recordsOf.get(poolKey(pool)) ?? new Float64Array();

const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-bench-features-'));
try {
  await compare();
  wholeCatalog();
} finally {
  rmSync(folder, { recursive: true });
}

async function compare(): Promise<void> {
  say(
    `${NAMES.length} rolling features at ${(POOLS * RECORDS_PER_POOL).toLocaleString('en-US')} records of ${POOLS.toLocaleString('en-US')} pools, one thread`,
  );
  const others = [];
  for (const tool of ['pandas', 'duckdb'] as const) {
    const version = versionOf(tool);
    if (version === undefined) say(`no ${tool} here, so nothing of it to compare with or check against`);
    else others.push({ name: `${tool} ${version}`, ...(await startTool(tool)), runs: [] as Measured[] });
  }
  const ours: Times[] = [];
  for (let run = 0; run < RUNS; run++) {
    ours.push(timesOf(NAMES, atRecords));
    for (const { python, runs } of others) runs.push(await python.measure(run === 0 ? 'write' : 'run'));
  }
  sayTimes('feature table', ours);
  say(figureLine('most memory of this process, records included', spreadOf([peakMibOf(process.pid)]), 'MiB'));
  for (const { name, python, values, runs } of others) {
    python.close();
    sayTimes(name, runs);
    say(figureLine(`most memory of ${name}`, spreadOf(runs.map(({ peakMib }) => peakMib)), 'MiB'));
    for (const [kind, of] of [['clock', 'ms'] as const, ['processor', 'cpuMs'] as const]) {
      const [slow, fast] = [spreadOf(runs.map(run => run[of])), spreadOf(ours.map(run => run[of]))];
      say(ratioLine(`${name} / feature table, ${kind}`, slow.median / fast.median));
      say(ratioLine('the same, of the fastest runs', slow.min / fast.min));
    }
    say(`largest difference of a value: ${checkAgainst(values).toExponential(1)}`);
  }
}

/** Everything the catalog has, neighbours included, as a backtest takes it. */
function wholeCatalog(): void {
  const names = featureCatalog.all().map(feature => feature.name);
  const firstMs = Math.ceil((prices[0]?.atMs[RECORDS_PER_POOL >> 1] ?? 0) / MS_PER_HOUR) * MS_PER_HOUR;
  const times = Float64Array.from({ length: HOURS }, (_, hour) => firstMs + hour * MS_PER_HOUR);
  const runs = Array.from({ length: 5 }, () => timesOf(names, () => times));
  say(
    `\nall ${names.length} features of ${POOLS.toLocaleString('en-US')} pools at ${HOURS} hours, pool after pool`,
  );
  sayTimes('feature table', runs);
  const values = POOLS * HOURS * names.length;
  say(figureLine('a value, processor', spreadOf(runs.map(({ cpuMs }) => (cpuMs * 1e6) / values)), 'ns'));
  say(figureLine('most memory of this process, records included', spreadOf([peakMibOf(process.pid)]), 'MiB'));
}

interface Times {
  readonly ms: number;
  readonly cpuMs: number;
}
type Measured = Times & { readonly peakMib: number };

/** Time on the clock and of the processor: others may run beside. */
function timesOf(names: readonly string[], times: (pool: Pool) => Float64Array): Times {
  let rows = 0;
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
  for (const table of featureTable(names, slice, times, { reuse: true })) rows += table.timesMs.length;
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  if (rows < POOLS * Math.min(RECORDS_PER_POOL, HOURS)) throw new Error(`The table has ${rows} rows only.`);
  return { ms, cpuMs: (user + system) / 1_000 };
}

function sayTimes(name: string, runs: readonly Times[]): void {
  say(figureLine(`${name}, clock`, spreadOf(runs.map(run => run.ms)), 'ms'));
  say(figureLine(`${name}, processor`, spreadOf(runs.map(run => run.cpuMs)), 'ms'));
}

async function startTool(tool: Tool) {
  const write = (name: string, arrays: readonly (Float64Array | Int32Array)[]) =>
    writeFileSync(
      join(folder, name),
      Buffer.concat(
        arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
      ),
    );
  write(
    'at.f64',
    prices.map(({ atMs }) => atMs),
  );
  write(
    'price.f64',
    prices.map(({ priceMicroUsdPerHour }) => priceMicroUsdPerHour),
  );
  write(
    'pool.i32',
    prices.map((_, place) => new Int32Array(RECORDS_PER_POOL).fill(place)),
  );
  const values = join(folder, `${tool}.f64`);
  return { values, python: await PythonFeatures.start(tool, folder, NAMES, values) };
}

/**
 * The largest difference of any value. Of deviations the squares are compared: where a price rests they are 0 here, while the
 * root of what rounding leaves of a running sum is not.
 * @throws Error when it is over 1e-9, or a value is known on one side only
 */
function checkAgainst(file: string): number {
  const open = openSync(file, 'r');
  const bytes = Buffer.alloc(RECORDS_PER_POOL * NAMES.length * 8);
  const theirs = new Float64Array(bytes.buffer, bytes.byteOffset, RECORDS_PER_POOL * NAMES.length);
  let largest = 0;
  let known = 0;
  for (const { pool, values } of featureTable(NAMES, slice, atRecords, { reuse: true })) {
    readSync(open, bytes);
    for (const [index, ours] of values.entries()) {
      const name = NAMES[index % NAMES.length] ?? '';
      const power = name.startsWith('std') ? 2 : 1;
      const difference = Math.abs(ours ** power - (theirs[index] ?? 0) ** power);
      if (Number.isNaN(ours) && Number.isNaN(theirs[index])) continue;
      if (!(difference <= 1e-9))
        throw new Error(`${name} of ${poolKey(pool)} is ${ours}, not ${theirs[index]}.`);
      largest = Math.max(largest, difference);
      known++;
    }
  }
  if (known < 0.9 * POOLS * RECORDS_PER_POOL * NAMES.length)
    throw new Error(`${known} values are known only.`);
  return largest;
}
