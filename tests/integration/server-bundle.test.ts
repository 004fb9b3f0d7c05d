import { execFile, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelUploadPath } from '../../common/contracts/index.ts';
import { deployment, listOf, node, pod } from '../../server/decisions/snapshot/small-snapshot.fixture.ts';
import { type EngineProcess, startEngineAt, startEngineProcess } from '../support/engine-process.ts';

/** The engine as the set-up bundles it, away from the sources of this checkout: only packages with native parts are beside it. */
const root = join(import.meta.dirname, '../..');
const models = join(root, 'resources/models');
const START_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

let folder: string;
let main: string;
let engine: EngineProcess;

beforeAll(async () => {
  buildServer();
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-bundle-'));
  const app = join(folder, 'app');
  mkdirSync(join(app, 'out'), { recursive: true });
  cpSync(join(root, 'out/server'), join(app, 'out/server'), { recursive: true });
  cpSync(join(root, 'resources'), join(app, 'resources'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(app, 'node_modules'), 'junction');
  main = join(app, 'out/server/main.mjs');
  engine = await startEngineAt(main, join(folder, 'engine'));
}, 120_000);
afterAll(async () => {
  await engine?.end();
  rmSync(folder, { recursive: true, force: true });
});

/** The step of the set-up. @returns what it said */
function buildServer(): string {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/run.mjs'), 'build-server'], {
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  return stderr;
}

async function cloudoptim(script: string, ...args: string[]): Promise<string> {
  const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 };
  return (await promisify(execFile)(process.execPath, [script, ...args], options)).stdout;
}

function call(of: EngineProcess, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(of.url + path, { ...init, headers: { authorization: `Bearer ${of.token}`, ...init.headers } });
}

function upload(name: string): Promise<Response> {
  const body = new FormData();
  body.append('file', new Blob([new Uint8Array(readFileSync(join(models, name)))]), name);
  return call(engine, modelUploadPath, { method: 'POST', body });
}

/** Six families of types in two zones, a record every three hours. */
function prices(days: number): string {
  const types = ['m5.large', 'c5.large', 'r5.large', 'm6i.large', 'c6i.large', 'r6i.large'];
  const rows = types.flatMap((type, place) =>
    ['us-east-1a', 'us-east-1b'].flatMap(zone =>
      Array.from({ length: days * 8 }, (_, index) => {
        const at = new Date(START_MS + index * 3 * HOUR_MS).toISOString();
        const usd = 0.04 + 0.002 * place + 0.008 * Math.sin(index / (11 + place));
        return `${at},${type},${zone},Linux/UNIX,${usd.toFixed(6)}`;
      }),
    ),
  );
  const file = join(folder, 'prices.csv');
  writeFileSync(file, `timestamp,instance_type,availability_zone,product,price_usd\n${rows.join('\n')}\n`);
  return file;
}

describe('the bundled engine', () => {
  it('listens, is ready, and describes the same API as its sources', async () => {
    expect(await (await call(engine, '/healthz')).json()).toMatchObject({ status: 'ok' });
    expect((await call(engine, '/readyz')).status).toBe(200);
    const sources = await startEngineProcess(join(folder, 'sources'));
    try {
      const [bundled, own] = await Promise.all(
        [engine, sources].map(async each => (await call(each, '/api/openapi.json')).json()),
      );
      // Its schemas are built when they are first used, and say the same then.
      expect(Object.keys(own.paths).length).toBeGreaterThan(100);
      expect(bundled).toEqual(own);
    } finally {
      await sources.end();
    }
    expect(await (await call(engine, '/api/docs')).text()).toContain('swagger-ui');
  });

  it('checks what it is sent by schemas that were built late', async () => {
    const answer = await call(engine, '/api/v1/ml/evaluate/backtests', {
      method: 'POST',
      body: JSON.stringify({ modelId: 7 }),
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('modelId');
  });

  it('takes models, which its inference children read, convert and run', async () => {
    for (const name of ['spot-price-ridge.onnx', 'spot-price-change.joblib']) {
      const answer = await upload(name);
      expect(answer.status, `${name}: ${await answer.clone().text()}`).toBeLessThan(300);
    }
  });

  it('checks a decision engine in a child', async () => {
    const file = join(root, 'resources/engines/cheapest-in-zone.js');
    expect(await cloudoptim(main, 'engines', 'check', file)).toContain('cheapest-in-zone');
  });

  it('plans and packs in threads', async () => {
    const nodes = Array.from({ length: 5 }, (_, index) => node(`n${index}`));
    const pods = nodes.map((_, index) => pod(`web-${index}`, 'web', `n${index}`));
    const snapshot = join(folder, 'cluster.json');
    writeFileSync(snapshot, listOf(nodes, pods, deployment('web', 5)));
    const plan = JSON.parse(await cloudoptim(main, 'plan', '--snapshot', snapshot, '--json'));
    expect(plan.after.costUsdHour).toBeLessThan(plan.before.costUsdHour);
    const [podsFile, typesFile] = [join(folder, 'pods.csv'), join(folder, 'types.csv')];
    writeFileSync(podsFile, 'name,cpu_milli,memory_mib,gpu,count\nweb,500,512,0,6\n');
    writeFileSync(
      typesFile,
      'instance_type,cpu_milli,memory_mib,gpu,pods,price_usd_hour\nm,4000,8192,0,50,0.2\n',
    );
    const packed = JSON.parse(
      await cloudoptim(main, 'pack', '--pods', podsFile, '--types', typesFile, '--json'),
    );
    expect(packed.costUsdHour).toBe(0.2);
  });

  it('tests a model in threads, with the same figures as its sources', async () => {
    const model = join(models, 'spot-price-gbt.onnx');
    const manifest = join(folder, 'manifest.json');
    const told = JSON.parse(readFileSync(model.replace('.onnx', '.manifest.json'), 'utf8')) as object;
    writeFileSync(manifest, JSON.stringify({ ...told, trainedUntil: new Date(START_MS).toISOString() }));
    const args = [
      'evaluate',
      model,
      '--manifest',
      manifest,
      '--prices',
      prices(30),
      '--step',
      '4m',
      '--json',
    ];
    const [bundled, own] = await Promise.all(
      [main, join(root, 'server/main.ts')].map(script =>
        cloudoptim(script, ...args).then(JSON.parse, refused),
      ),
    );
    expect(bundled.points).toBeGreaterThan(10_000);
    expect(bundled).toEqual(own);
  });

  it('is built anew where a source is newer, and not otherwise', () => {
    expect(buildServer()).toBe('');
    const now = new Date();
    utimesSync(join(root, 'server/version.ts'), now, now);
    expect(buildServer()).toContain('Building the engine');
    expect(buildServer()).toBe('');
  });
});

/** A verdict of "no better" ends with 3 and is an answer all the same. */
function refused(error: { code?: number; stdout?: string }): unknown {
  if (error.code !== 3) throw error;
  return JSON.parse(error.stdout ?? '');
}
