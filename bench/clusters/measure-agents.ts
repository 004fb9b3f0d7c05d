import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { figureLine, spreadOf } from '../figures.ts';
import { connectAgent, connectBare, type ReportSender, reportBytes } from './agent-client.ts';
import { judge, type MeasuredProcess, pause, startMeasured } from './process-figures.ts';

const root = join(import.meta.dirname, '../..');
const PER = 10_000;
const EVERY_MS = 10_000;
const FLOODERS = 200;
const FLOOD_MS = 5_000;
/** Handshakes and enrolments at the same time. */
const PARALLEL = 50;

interface Load {
  readonly bytesEach: number;
  readonly corePercent: number;
  readonly floods: readonly Flood[];
}

interface Flood {
  readonly perSecond: number;
  /** Processor time of the server for each report: unlike the rate it does not tell how busy the machine is. */
  readonly cpuMicros: number;
}

/** Row *agents*: `count` agents with 2-KB reports every ten seconds, validated and committed, against bare `ws` that echoes the same. */
export async function measureAgents(count: number, runs: number): Promise<void> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  say(
    `${count} agents, ${reportBytes} bytes every ${EVERY_MS / 1000} s, ${runs} times; figures are for ${PER} agents`,
  );
  const bareServer = await startMeasured(
    [join(import.meta.dirname, 'bare-ws-server.ts')],
    /listens on (\S+)\n/,
  );
  let bare: Load;
  try {
    bare = await load(bareServer, count, runs, () => connectBare(bareServer.said[1] ?? ''));
  } finally {
    await bareServer.end();
  }
  const engine = await loadEngine(count, runs);
  say(figureLine('bare ws: memory for each connection', spreadOf([bare.bytesEach / 1024]), 'KiB'));
  say(figureLine('engine: memory for each connection', spreadOf([engine.bytesEach / 1024]), 'KiB'));
  const rate = ({ floods }: Load) => spreadOf(floods.map(({ perSecond }) => perSecond));
  const processor = ({ floods }: Load) => spreadOf(floods.map(({ cpuMicros }) => cpuMicros));
  say(figureLine('bare ws: flood', rate(bare), 'reports/s'));
  say(figureLine('engine: flood, validated and committed', rate(engine), 'reports/s'));
  say(figureLine('bare ws: processor time of a report', processor(bare), 'µs'));
  say(figureLine('engine: processor time of a report', processor(engine), 'µs'));
  judge('agents: CPU above bare ws', engine.corePercent - bare.corePercent, 10, '% of a core');
  judge('agents: memory of a connection / bare ws', engine.bytesEach / bare.bytesEach, 3, '×');
  judge('agents: flood / bare ws', rate(engine).median / rate(bare).median, 0.65, '×', true);
}

async function loadEngine(count: number, runs: number): Promise<Load> {
  const data = mkdtempSync(join(tmpdir(), 'cloudoptim-bench-agents-'));
  const args = [
    join(root, 'server/main.ts'),
    'server',
    '--port',
    '0',
    '--data',
    data,
    '--log-level',
    'error',
  ];
  const engine = await startMeasured(args, /Sign in:\s+(\S+)\n/);
  try {
    const [url = '', token = ''] = (engine.said[1] ?? '').split('/#token=');
    const identities = await inParallel(count, n => enrol(url, token, `c${n}`));
    const agents: Awaited<ReturnType<typeof connectAgent>>[] = [];
    const found = await load(
      engine,
      count,
      runs,
      async n => {
        const agent = await connectAgent(url, identities[n] as Identity);
        agents.push(agent);
        return agent;
      },
      async () => void (await inParallel(count, n => (agents[n] as (typeof agents)[number]).sendSnapshot())),
    );
    const sent = agents.reduce((sum, agent) => sum + agent.sent - 1, 0);
    await engine.end();
    const kept = countReports(data);
    if (kept !== sent) throw new Error(`${kept} of ${sent} acknowledged reports are on the engine's disk`);
    return found;
  } finally {
    await engine.end();
    rmSync(data, { recursive: true });
  }
}

async function load(
  server: MeasuredProcess,
  count: number,
  runs: number,
  connect: (n: number) => Promise<ReportSender>,
  prepare: () => Promise<void> = async () => undefined,
): Promise<Load> {
  await pause(2_000);
  const bytesBefore = server.residentBytes();
  const senders = await inParallel(count, connect);
  await pause(2_000);
  const bytesEach = (server.residentBytes() - bytesBefore) / count;
  await prepare();
  await report(senders, EVERY_MS);
  const cores: number[] = [];
  const floods: Flood[] = [];
  for (let run = 0; run < runs; run++) {
    const [cpuMs, at] = [server.cpuMs(), performance.now()];
    await report(senders, EVERY_MS);
    cores.push(((100 * (server.cpuMs() - cpuMs)) / (performance.now() - at)) * (PER / count));
    floods.push(await flood(server, senders.slice(0, FLOODERS)));
  }
  for (const sender of senders) sender.close();
  return { bytesEach, corePercent: spreadOf(cores).median, floods };
}

/** Each sends one, evenly over the time; resolves when all were answered. */
async function report(senders: readonly ReportSender[], overMs: number): Promise<void> {
  const startAt = performance.now();
  const answers: Promise<void>[] = [];
  for (const [n, sender] of senders.entries()) {
    const waitMs = startAt + (overMs * n) / senders.length - performance.now();
    if (waitMs > 1) await pause(waitMs);
    answers.push(sender.send());
  }
  await Promise.all(answers);
  const restMs = startAt + overMs - performance.now();
  if (restMs > 0) await pause(restMs);
}

/** Each sends the next as soon as the last was answered. */
async function flood(server: MeasuredProcess, senders: readonly ReportSender[]): Promise<Flood> {
  const [cpuMs, startAt] = [server.cpuMs(), performance.now()];
  let count = 0;
  const one = async (sender: ReportSender) => {
    while (performance.now() - startAt < FLOOD_MS) {
      await sender.send();
      count++;
    }
  };
  await Promise.all(senders.map(one));
  const perSecond = (1000 * count) / (performance.now() - startAt);
  return { perSecond, cpuMicros: (1000 * (server.cpuMs() - cpuMs)) / count };
}

interface Identity {
  readonly agentId: string;
  readonly key: string;
  readonly clusterId: string;
}

async function enrol(url: string, token: string, clusterName: string): Promise<Identity> {
  const post = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(`${url}/api/v1/${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response.json();
  };
  const { token: joinToken } = (await post('admin/enrolment/tokens', { clusterName })) as { token: string };
  const { agentId, key, clusterId } = (await post('client/enrol', {
    joinToken,
    agentVersion: '1.0.0',
    instanceId: 'instance',
  })) as Identity;
  return { agentId, key, clusterId };
}

/** Reports in the journal, and those that were counted into the sketches of days: one for each moment of a container. */
function countReports(data: string): number {
  const database = new Database(join(data, 'cloudoptim.sqlite'), { readonly: true });
  const { count } = database.prepare('select count(*) as count from usage_journal').get() as {
    count: number;
  };
  database.close();
  return count;
}

async function inParallel<T>(count: number, work: (n: number) => Promise<T>): Promise<T[]> {
  const results: T[] = new Array(count);
  const numbers = Array.from({ length: count }, (_, n) => n).values();
  const worker = async () => {
    for (const n of numbers) results[n] = await work(n);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return results;
}
