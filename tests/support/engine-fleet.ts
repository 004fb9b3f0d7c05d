import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { api } from '../../common/contracts/index.ts';
import type { Enrolled } from '../../server/clusters/index.ts';
import { createRandom } from '../../simulator/cluster/random.ts';
import { type EngineProcess, startEngineProcess } from './engine-process.ts';
import { type ReportingAgent, startReportingAgent } from './reporting-agent.ts';

/** A real engine as a process, and agents that report to it from this process. */
export interface EngineFleet {
  readonly data: string;
  engine: EngineProcess;
  readonly agents: readonly ReportingAgent[];
  /** kill -9, then a new one on the same data at the same address. */
  restart(): Promise<void>;
  /** How many agents are connected. */
  connected(): number;
  close(): Promise<void>;
}

/** Enrolments at the same time. */
const PARALLEL = 20;

/** Enrols each agent for a cluster of its own; they begin to connect at once. */
export async function startEngineFleet(count: number, seed: number): Promise<EngineFleet> {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-fleet-'));
  const data = join(folder, 'engine');
  const engine = await startEngineProcess(data);
  const { url } = engine;
  const agents: ReportingAgent[] = [];
  const fleet: EngineFleet = {
    data,
    engine,
    agents,
    async restart() {
      await fleet.engine.kill();
      fleet.engine = await startEngineProcess(data, '--port', new URL(url).port);
    },
    connected: () => agents.filter(agent => agent.connected).length,
    async close() {
      await Promise.all(agents.map(agent => agent.stop()));
      await fleet.engine.kill();
      rmSync(folder, { recursive: true });
    },
  };
  try {
    const numbers = Array.from({ length: count }, (_, n) => n).values();
    const enrolNext = async () => {
      for (const n of numbers) {
        const enrolled = await enrol(engine, `c${n}`);
        agents.push(
          startReportingAgent({
            serverUrl: url,
            enrolled,
            folder: join(folder, `agent-${n}`),
            random: createRandom(seed + n).next,
          }),
        );
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, enrolNext));
    return fleet;
  } catch (error) {
    // Nobody else could end what was started.
    await fleet.close();
    throw error;
  }
}

async function enrol({ url, token }: EngineProcess, clusterName: string): Promise<Enrolled> {
  const post = async (path: string, body: object): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const { token: joinToken } = (await post(api.clusters.createJoinToken.path, { clusterName })) as {
    token: string;
  };
  return (await post(api.clusters.enrol.path, { joinToken, agentVersion: '0', instanceId: 'i' })) as Enrolled;
}
