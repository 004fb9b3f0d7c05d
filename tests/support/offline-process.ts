/**
 * What people do on a train, done in a process that has no network but that of its own machine: `offline-process.ts FOLDER`. Prints one JSON of
 * what came of it; the test that starts it says what has to be in there.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { api, importUploadPath, modelUploadPath, type Procedure } from '../../common/contracts/index.ts';
import { deployment, listOf, node, pod } from '../../server/decisions/snapshot/small-snapshot.fixture.ts';
import { startEngineProcess } from './engine-process.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = process.argv[2] ?? '';
const RIDGE = join(root, 'resources/models/spot-price-ridge.onnx');
const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 0, 1);

const outside = await reach('192.0.2.1', 443);
const engine = await startEngineProcess(join(folder, 'engine'));
try {
  const prices = join(folder, 'prices.csv');
  writeFileSync(prices, pricesCsv());
  const imported = await upload<{ jobId: string }>(importUploadPath, prices);
  const archive = await ended(`/api/v1/ml/market/imports/${imported.jobId}`);
  const model = await upload<{ id: string }>(modelUploadPath, RIDGE);
  const backtest = await call<{ jobId: string }>('POST', '/api/v1/ml/evaluate/backtests', {
    modelId: 'persistence',
    fromMs: START_MS + 9 * 24 * HOUR_MS,
    toMs: START_MS + 36 * 24 * HOUR_MS,
  });
  const evaluated = await ended(`/api/v1/ml/evaluate/backtests/${backtest.jobId}`);
  const snapshot = join(folder, 'cluster.json');
  writeFileSync(snapshot, clusterList());
  const plan = JSON.parse(await cloudoptim('plan', '--snapshot', snapshot, '--json')) as object;
  const manifest = join(folder, 'manifest.json');
  const told = JSON.parse(readFileSync(RIDGE.replace('.onnx', '.manifest.json'), 'utf8')) as object;
  // As if it had been trained before these prices.
  writeFileSync(manifest, JSON.stringify({ ...told, trainedUntil: new Date(START_MS).toISOString() }));
  const report = JSON.parse(
    await cloudoptim('evaluate', RIDGE, '--manifest', manifest, '--prices', prices, '--json'),
  ) as object;
  const summary = await ended(
    `/api/v1/ml/gap-filler/fill/${(await call<{ jobId: string }>('POST', '/api/v1/ml/gap-filler/fill', { modelId: model.id })).jobId}`,
  );
  const read = await readAll();
  process.stdout.write(
    JSON.stringify({
      outside,
      archive,
      model,
      evaluated,
      plan,
      report,
      fill: summary,
      read,
      ui: await readUi(),
    }),
  );
} finally {
  await engine.end();
}

/** Every call of the API that reads, but those of one object: what the pages show. */
async function readAll(): Promise<Record<string, number>> {
  const read: Record<string, number> = {};
  // What a call does not ask for it leaves alone.
  const query = new URLSearchParams({
    region: 'us-east-1',
    product: 'Linux/UNIX',
    pool: 'us-east-1/us-east-1a/m5.large/Linux/UNIX',
    fromMs: String(START_MS),
    toMs: String(START_MS + 40 * 24 * HOUR_MS),
  });
  for (const room of Object.values(api))
    for (const { method, path, access } of Object.values(room) as Procedure[]) {
      if (method !== 'GET' || path.includes(':') || access === 'agent') continue;
      read[path] = (await send(`${path}?${query}`)).status;
    }
  return read;
}

/** The page, and all that it names; addresses elsewhere are told. */
async function readUi(): Promise<{ files: number; elsewhere: string[] }> {
  const page = await (await send('/')).text();
  const named = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address);
  const elsewhere = named.filter(address => /^(https?:)?\/\//.test(address));
  for (const address of named)
    if ((await send(address)).status !== 200) throw new Error(`${address} is missing`);
  return { files: named.length, elsewhere };
}

function send(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(engine.url + path, {
    ...init,
    headers: { authorization: `Bearer ${engine.token}`, ...init.headers },
  });
}

async function call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  const answer = await send(path, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
  });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

async function upload<Answer>(path: string, file: string): Promise<Answer> {
  const body = new FormData();
  body.append('file', new Blob([new Uint8Array(readFileSync(file))]), file.split('/').at(-1));
  const answer = await send(path, { method: 'POST', body });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

/** Waits for the end of a job. */
async function ended(path: string): Promise<{ state: string; message?: string | null }> {
  for (let tries = 0; tries < 1_200; tries++) {
    const job = await call<{ state: string }>('GET', path);
    if (job.state !== 'queued' && job.state !== 'running') return job;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error(`${path} did not end within a minute.`);
}

async function cloudoptim(...args: string[]): Promise<string> {
  const command = [join(root, 'server/main.ts'), ...args];
  return (await promisify(execFile)(process.execPath, command, { maxBuffer: 64 * 1024 * 1024 })).stdout;
}

function reach(host: string, port: number): Promise<string> {
  return new Promise(resolve => {
    const socket = connect({ host, port, timeout: 5_000 });
    const end = (how: string) => {
      socket.destroy();
      resolve(how);
    };
    socket.once('connect', () => end('reached'));
    socket.once('timeout', () => end('no answer'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}

/** Forty days of two pools, a record every six hours. */
function pricesCsv(): string {
  const rows = ['m5.large', 'c5.large'].flatMap(type =>
    Array.from({ length: 160 }, (_, index) => {
      const at = new Date(START_MS + index * 6 * HOUR_MS).toISOString();
      return `${at},${type},us-east-1a,Linux/UNIX,${(0.04 + 0.008 * Math.sin(index / 6)).toFixed(6)}`;
    }),
  );
  return `timestamp,instance_type,availability_zone,product,price_usd\n${rows.join('\n')}\n`;
}

function clusterList(): string {
  const nodes = Array.from({ length: 5 }, (_, index) => node(`n${index}`));
  const pods = nodes.map((_, index) => pod(`web-${index}`, 'web', `n${index}`));
  return listOf(nodes, pods, deployment('web', 5));
}
