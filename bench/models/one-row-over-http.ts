import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { api, type ModelManifest, modelUploadPath } from '../../common/contracts/index.ts';

const CONNECTIONS = 32;
const SECONDS = 3;
const root = join(import.meta.dirname, '..', '..');
const sample = join(root, 'resources/models/spot-price-gbt');

/** Requests a second and latencies of one round. */
export interface Round {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Rounds of both servers, in turn, so that a noisy moment hits either. */
export async function measureOneRow(
  folder: string,
  rounds: number,
): Promise<{ echo: Round[]; predict: Round[] }> {
  const processes: ChildProcess[] = [];
  try {
    const engine = await start(processes, [
      join(root, 'server/main.ts'),
      ...['server', '--port', '0', '--data', join(folder, 'engine'), '--log-level', 'silent'],
    ]);
    const yardstick = await start(processes, [
      join(import.meta.dirname, 'echo-server.ts'),
      join(folder, 'echo'),
    ]);
    const { golden } = JSON.parse(readFileSync(`${sample}.manifest.json`, 'utf8')) as ModelManifest;
    const [first] = golden;
    if (!first) throw new Error('The sample model has no golden row.');
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(readFileSync(`${sample}.onnx`))]), 'spot-price-gbt.onnx');
    const headers = { authorization: `Bearer ${engine.token}` };
    const uploaded = await fetch(engine.url + modelUploadPath, { method: 'POST', headers, body: form });
    const { id: modelId } = (await uploaded.json()) as { id: string };
    const body = JSON.stringify({ modelId, rows: [first.input] });
    const isPredicted = (values: number[]) => Math.abs((values[0] ?? 0) - (first.output[0] ?? 1)) < 1e-9;
    const isEcho = (values: number[]) => values.length === first.input.length;
    const ask = () => hammer(engine.url + api.forecasts.predictRaw.path, engine.token, body, isPredicted);
    const askEcho = () => hammer(`${yardstick.url}/echo`, yardstick.token, body, isEcho);
    await ask();
    await askEcho();
    const all: { echo: Round[]; predict: Round[] } = { echo: [], predict: [] };
    for (let round = 0; round < rounds; round++) {
      all.echo.push(await askEcho());
      all.predict.push(await ask());
    }
    return all;
  } finally {
    for (const started of processes) {
      const ended = once(started, 'exit');
      if (started.kill('SIGTERM')) await ended;
    }
  }
}

/** Every connection asks again as soon as it has its answer. */
async function hammer(
  url: string,
  token: string,
  body: string,
  isRight: (values: number[]) => boolean,
): Promise<Round> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  const latencies: number[] = [];
  const startedAt = performance.now();
  const endsAt = startedAt + SECONDS * 1_000;
  const once = () =>
    new Promise<string>((resolve, reject) => {
      const call = request(url, { method: 'POST', agent, headers }, answer => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => resolve(text));
      });
      call.on('error', reject);
      call.end(body);
    });
  const connection = async () => {
    while (performance.now() < endsAt) {
      const askedAt = performance.now();
      const text = await once();
      latencies.push(performance.now() - askedAt);
      const { outputs } = JSON.parse(text) as { outputs?: number[][] };
      if (!isRight(outputs?.[0] ?? [])) throw new Error(`A wrong answer: ${text}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  const seconds = (performance.now() - startedAt) / 1_000;
  agent.destroy();
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { perSecond: latencies.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}

async function start(
  processes: ChildProcess[],
  args: readonly string[],
): Promise<{ url: string; token: string }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  processes.push(child);
  const link = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const [, found] = /Sign in: (\S+)/.exec(chunk.toString()) ?? [];
      if (found) resolve(found);
    });
    child.once('exit', code => reject(new Error(`a server ended with ${code}`)));
  });
  const [url = '', token = ''] = link.split('/#token=');
  return { url, token };
}
