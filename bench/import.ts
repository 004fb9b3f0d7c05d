/**
 * Rows a second of reading a packed file of prices, and of the whole import, against gunzip + readline + split + Date.parse, the
 * usual way to read such a file; with the most memory that each took. Each run is a process of its own, and verifies its count.
 */
import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip, gzipSync } from 'node:zlib';
import { openMarket } from '../server/cli/open-market.ts';
import { ArchiveReader } from '../server/market/archives/archive-reader.ts';
import { figureLine, ratioLine, type Spread, spreadOf } from './figures.ts';

const RUNS = 3;
const POOLS = 5_000;
const ROWS_PER_POOL = 160;
const kinds = ['plain', 'read', 'import'] as const;
type Kind = (typeof kinds)[number];

const [kind, file = ''] = process.argv.slice(2) as [Kind | undefined, string | undefined];
if (kind === undefined) compare();
else {
  const startedAtMs = performance.now();
  const rows = await { plain: readPlainly, read: readArchive, import: importWhole }[kind](file);
  const seconds = (performance.now() - startedAtMs) / 1_000;
  process.stdout.write(JSON.stringify({ rows, seconds, peakMib: process.resourceUsage().maxRSS / 1_024 }));
}

function compare(): void {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-bench-'));
  const recording = join(
    import.meta.dirname,
    '../../shared/data/nolicence/spot-prices-eu-west-1-2021-12_2022-03.csv.gz',
  );
  const isRecording = existsSync(recording);
  const path = isRecording ? recording : join(folder, 'prices.csv.gz');
  if (!isRecording) writeFileSync(path, gzipSync(madeUpPrices()));
  const rates: Record<Kind, number[]> = { plain: [], read: [], import: [] };
  const peaks: Record<Kind, number[]> = { plain: [], read: [], import: [] };
  let wanted: number | undefined;
  for (let run = 0; run < RUNS; run++) {
    for (const each of kinds) {
      const { stdout } = spawnSync(process.execPath, [import.meta.filename, each, path], {
        encoding: 'utf8',
      });
      const { rows, seconds, peakMib } = JSON.parse(stdout) as Record<'rows' | 'seconds' | 'peakMib', number>;
      wanted ??= rows;
      if (rows !== wanted) throw new Error(`${each}: ${rows} rows instead of ${wanted}`);
      rates[each].push(rows / seconds);
      peaks[each].push(peakMib);
    }
  }
  rmSync(folder, { recursive: true });
  const rate = (each: Kind): Spread => spreadOf(rates[each]);
  process.stdout.write(
    [
      `${wanted} rows, ${isRecording ? 'recording of eu-west-1' : 'made-up prices'}, csv.gz, ${RUNS} runs`,
      figureLine('gunzip, readline, split, Date.parse', rate('plain'), 'rows/s'),
      figureLine('archive reader', rate('read'), 'rows/s'),
      figureLine('whole import: read, write, coverage', rate('import'), 'rows/s'),
      ratioLine('archive reader / readline', rate('read').median / rate('plain').median),
      figureLine('most memory: readline', spreadOf(peaks.plain), 'MiB'),
      figureLine('most memory: archive reader', spreadOf(peaks.read), 'MiB'),
      figureLine('most memory: whole import', spreadOf(peaks.import), 'MiB'),
      '',
    ].join('\n'),
  );
}

async function readPlainly(path: string): Promise<number> {
  let rows = 0;
  let sum = 0;
  for await (const line of createInterface({ input: createReadStream(path).pipe(createGunzip()) })) {
    const [time = '', type, zone, product, price] = line.split(',');
    if (time === 'timestamp') continue;
    const record = { type, zone, product, atMs: Date.parse(time), usd: Number(price) };
    sum += record.usd;
    rows++;
  }
  if (!(sum > 0)) throw new Error('no price was read');
  return rows;
}

async function readArchive(path: string): Promise<number> {
  const options = {
    region: undefined,
    product: undefined,
    zones: new Map<string, string>(),
    nowMs: Date.now(),
  };
  let rows = 0;
  for await (const records of new ArchiveReader(path, options).records(new AbortController().signal))
    rows += records.length;
  return rows;
}

async function importWhole(path: string): Promise<number> {
  const data = mkdtempSync(join(tmpdir(), 'cloudoptim-bench-'));
  const { market, close } = await openMarket({ data });
  const { signal } = new AbortController();
  const { newRows } = await market.imports.importFile(path, {}, signal, () => undefined);
  await close();
  rmSync(data, { recursive: true });
  return newRows;
}

function madeUpPrices(): string {
  const lines = ['timestamp,instance_type,availability_zone,product,price_usd'];
  for (let pool = 0; pool < POOLS; pool++) {
    for (let row = 0; row < ROWS_PER_POOL; row++) {
      const at = new Date(Date.UTC(2022, 0, 1) + (row * 43_200 + pool) * 1_000).toISOString().slice(0, 19);
      const price = (((pool * 7_919 + row * 104_729) % 1_000_000) + 1) / 1_000_000;
      lines.push(`${at}Z,m${pool}.large,eu-west-1a,Linux/UNIX,${price.toFixed(6)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
