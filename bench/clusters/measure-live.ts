import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { figureLine, spreadOf } from '../figures.ts';
import { judge, type MeasuredProcess, pause, startMeasured } from './process-figures.ts';

const DASHBOARDS = 1_000;
const EVENTS = 40;
const PAUSE_MS = 100;
const LATEST_MS = 30_000;

/** What a plan looks like to those who watch decisions: about 1 KB. */
const plan = { id: 'plan-1', state: 'running', clusterId: 'cluster-1', title: 'x'.repeat(900) };

/** What telling all dashboards took. */
interface Told {
  /** The 99th percentile over all events and dashboards. */
  readonly p99Ms: number;
  /** Processor time of the server for each event. */
  readonly cpuMs: number;
}

type Publish = (value: object) => void;
type Connect = (onEvent: (n: number) => void) => Promise<WebSocket>;

/** Row *live*: one decision event to 1,000 dashboards, from its publishing to each of them, against a bare `ws` broadcast of the same. */
export async function measureLive(runs: number): Promise<void> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  say(`\n${DASHBOARDS} dashboards, ${EVENTS} events, ${runs} times`);
  const bare: Told[] = [];
  const live: Told[] = [];
  for (let run = 0; run < runs; run++) {
    // In turn, so that a busy moment of the machine hits both.
    bare.push(await measureBare());
    live.push(await measureEngine());
  }
  const latest = (told: readonly Told[]) => spreadOf(told.map(({ p99Ms }) => p99Ms));
  const processor = (told: readonly Told[]) => spreadOf(told.map(({ cpuMs }) => cpuMs));
  say(figureLine('bare ws: p99', latest(bare), 'ms'));
  say(figureLine('engine: p99', latest(live), 'ms'));
  say(figureLine('bare ws: processor time of an event', processor(bare), 'ms'));
  say(figureLine('engine: processor time of an event', processor(live), 'ms'));
  judge('live: p99 / bare ws', latest(live).median / latest(bare).median, 1.5, '×');
}

async function measureBare(): Promise<Told> {
  const server = await startMeasured([join(import.meta.dirname, 'bare-ws-server.ts')], /listens on (\S+)\n/);
  try {
    const url = server.said[1] ?? '';
    const publisher = await open(`${url}/publish`);
    return await measure(
      server,
      async onEvent => {
        const socket = await open(url);
        socket.on('message', data => onEvent((JSON.parse(String(data)) as { n: number }).n));
        return socket;
      },
      value => publisher.send(JSON.stringify(value)),
    );
  } finally {
    await server.end();
  }
}

async function measureEngine(): Promise<Told> {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-bench-live-'));
  const script = join(import.meta.dirname, 'live-server.ts');
  const server = await startMeasured([script, folder], /listens on (\S+) (\S+)\n/);
  try {
    const [, url = '', token = ''] = server.said;
    const publisher = await openSocketIo(url, '/publish', {}, () => undefined);
    return await measure(
      server,
      async onEvent => {
        const socket = await openSocketIo(url, '/live', { token }, text => {
          if (!text.startsWith('42/live,')) return;
          const at = text.indexOf('[');
          const [, batch] = JSON.parse(text.slice(at)) as [string, { changes: { value: { n: number } }[] }[]];
          for (const { changes } of batch) for (const { value } of changes) onEvent(value.n);
        });
        await new Promise<void>(resolve => {
          const hear = (data: unknown) => {
            if (!String(data).startsWith('43/live,')) return;
            socket.off('message', hear);
            resolve();
          };
          socket.on('message', hear);
          socket.send('42/live,0["subscribe",{"topic":"decisions"}]');
        });
        return socket;
      },
      value => publisher.send(`42/publish,${JSON.stringify(['event', value])}`),
    );
  } finally {
    await server.end();
    rmSync(folder, { recursive: true });
  }
}

/** @throws when an event did not come to all of them, in order */
async function measure(server: MeasuredProcess, connect: Connect, publish: Publish): Promise<Told> {
  const latencies: number[] = [];
  let publishedAt = 0;
  let heard = 0;
  let expected = 0;
  let whole: (() => void) | undefined;
  const onEvent = (n: number) => {
    if (n !== expected) throw new Error(`a dashboard heard event ${n} instead of ${expected}`);
    latencies.push(performance.now() - publishedAt);
    if (++heard === DASHBOARDS) whole?.();
  };
  const sockets: WebSocket[] = [];
  while (sockets.length < DASHBOARDS) {
    sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => connect(onEvent)))));
  }
  const cpuMs = server.cpuMs();
  for (expected = 1; expected <= EVENTS; expected++) {
    heard = 0;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`event ${expected} came to ${heard} dashboards`)),
        LATEST_MS,
      );
      whole = () => {
        clearTimeout(timer);
        resolve();
      };
      publishedAt = performance.now();
      publish({ ...plan, n: expected });
    });
    await pause(PAUSE_MS);
  }
  const cpuEachMs = (server.cpuMs() - cpuMs) / EVENTS;
  for (const socket of sockets) socket.terminate();
  const sorted = latencies.toSorted((a, b) => a - b);
  return { p99Ms: sorted[Math.floor(0.99 * sorted.length)] ?? Number.NaN, cpuMs: cpuEachMs };
}

async function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await new Promise((resolve, reject) => {
    socket.on('open', resolve).on('error', reject);
  });
  return socket;
}

/** Connects to a namespace over Engine.IO and Socket.IO frames by hand. */
async function openSocketIo(
  url: string,
  namespace: string,
  auth: object,
  onText: (text: string) => void,
): Promise<WebSocket> {
  const socket = new WebSocket(`${url}/socket.io/?EIO=4&transport=websocket`, { perMessageDeflate: false });
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', data => {
      const text = String(data);
      if (text === '2') socket.send('3');
      else if (text.startsWith('0')) socket.send(`40${namespace},${JSON.stringify(auth)}`);
      else if (text.startsWith(`40${namespace}`)) resolve();
      else if (text.startsWith('44')) reject(new Error(text));
      else onText(text);
    });
  });
  return socket;
}
