import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { api } from '../../common/contracts/index.ts';
import { createEngine } from '../../server/index.ts';
import { loadSettings } from '../../server/platform/index.ts';
import { figureLine, spreadOf } from '../figures.ts';
import { type Stalls, watchEventLoop } from './event-loop-watch.ts';
import type { ClientAnswer, ClientRequest } from './large-cluster-client.ts';

const root = join(import.meta.dirname, '../..');

/**
 * How long the event loop of a whole engine stands still while decisions are made for one large cluster: state read, a thread asked, the answer judged, stored,
 * published and sent.
 * @returns what held it longer than `mostMs` by its own work
 */
export async function measureEventLoop(
  nodes: number,
  pods: number,
  runs: number,
  mostMs: number,
  say: (line: string) => void,
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-decisions-'));
  const engine = await createEngine({
    settings: loadSettings({ port: '0', data: join(folder, 'engine'), logLevel: 'error' }, {}),
    version: '0',
    resourcesFolder: join(root, 'resources'),
    uiFolder: undefined,
  });
  const client = new Worker(new URL('./large-cluster-client.ts', import.meta.url), {
    workerData: { url: engine.url, token: engine.launchToken, nodes, pods },
  });
  try {
    const [clusterId] = (await once(client, 'message')) as [string];
    const ask = async (request: ClientRequest): Promise<ClientAnswer> => {
      client.postMessage(request);
      const [answer] = (await once(client, 'message')) as [ClientAnswer];
      if (answer.status !== 200) throw new Error(`${request.path}: ${answer.status} ${answer.text}`);
      return answer;
    };
    const post = (path: string, body: object): ClientRequest => ({ method: 'POST', path, body });
    const trigger = (name: string) => post(api.decisions.trigger.path, { clusterId, engine: name });
    const requests: [string, ClientRequest][] = [
      ['a live plan, 2 s', post(api.decisions.decideBinPacking.path, { clusterId, timeLimitSeconds: 2 })],
      ['a run of bin-packing', trigger('bin-packing')],
      ['a run of packing-then-spot', trigger('packing-then-spot')],
      ['a run of spot', trigger('spot')],
      ['plans and runs listed', { method: 'GET', path: api.decisions.listPlans.path }],
    ];
    const missed: string[] = [];
    for (const [name, request] of requests) {
      const times: number[] = [];
      const stalls: Stalls[] = [];
      let bytes = 0;
      for (let run = 0; run < runs; run++) {
        const watched = await watchEventLoop(() => ask(request));
        times.push(watched.result.ms);
        stalls.push(watched.stalls);
        bytes = watched.result.bytes;
      }
      const own = spreadOf(stalls.map(({ longestOwnMs }) => longestOwnMs));
      say(figureLine(`  ${name}, ${(bytes / 2 ** 20).toFixed(1)} MiB of answer`, spreadOf(times), 'ms'));
      say(
        figureLine('    longest wait for a turn', spreadOf(stalls.map(({ longestMs }) => longestMs)), 'ms'),
      );
      say(figureLine('    most own work in a turn', own, 'ms'));
      if (own.median > mostMs) missed.push(name);
    }
    return missed;
  } finally {
    await client.terminate();
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
}
