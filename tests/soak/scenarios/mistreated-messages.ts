import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../../simulator/cluster/random.ts';
import { type ChaosRates, startChaosProxy } from '../../support/chaos-proxy.ts';
import { openClusterRoom, reportsOnDisk } from '../../support/cluster-room.ts';
import { type ReportingAgent, startReportingAgent } from '../../support/reporting-agent.ts';
import { type Scenario, until } from '../scenario.ts';
import { compareReports } from './compare-reports.ts';

/** A lost message costs the agent ten seconds of waiting for its answer, so losses are the rarest. */
const rates: ChaosRates = {
  drop: 0.01,
  duplicate: 0.05,
  reorder: 0.05,
  delay: 0.1,
  maxDelayMs: 100,
  stall: 0.01,
  maxStallMs: 500,
  cut: 0.02,
};
const AGENTS = 20;
const BURST = 5;
const PAUSE_MS = 15;
const FEWEST = 20;
/** Of an agent, before it reports more: one that waits for a lost answer catches up first. */
const MAX_WAITING = 5_000;
/** The last answers may have been lost, each costs ten seconds. */
const SETTLE_MS = 120_000;

/** Reports through a proxy that drops, doubles, reorders, delays, stalls and cuts; then counted on the engine's disk. */
export const mistreatedMessages: Scenario = {
  row: 'S4',
  title: 'messages through a proxy that drops, doubles, reorders and cuts',
  unit: 'messages',
  fullSize: 1_000_000,
  async run({ size, seed, isOver, say }) {
    const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-chaos-'));
    const room = await openClusterRoom(folder);
    const proxy = await startChaosProxy({ target: () => room.url, seed, rates });
    const agents: ReportingAgent[] = [];
    try {
      for (let n = 0; n < AGENTS; n++) {
        const { token } = await room.clusters.createJoinToken(`c${n}`);
        const enrolled = await room.clusters.enrol({ joinToken: token, agentVersion: '0', instanceId: 'i' });
        agents.push(
          startReportingAgent({
            serverUrl: proxy.url,
            enrolled,
            folder: join(folder, `agent-${n}`),
            random: createRandom(seed + n).next,
          }),
        );
      }
      const each = Math.ceil(size / AGENTS);
      let sent = 0;
      while (sent < each && !isOver()) {
        const end = Math.min(each, sent + BURST);
        for (; sent < end; sent++) for (const agent of agents) agent.report(sent + 1);
        await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
        await until(
          () => agents.every(agent => agent.outbox.size < MAX_WAITING) || undefined,
          'An answer',
          SETTLE_MS,
        );
        if (sent % 500 === 0) say(`${sent * AGENTS} messages`);
      }
      proxy.calm();
      const misses: string[] = [];
      await Promise.all(
        agents.map(agent =>
          agent.settled(SETTLE_MS).catch((error: unknown) => {
            misses.push(`${agent.clusterId}: ${String(error)}`);
          }),
        ),
      );
      // The room was not started, so that nothing counts the journal into sketches, which forget single reports.
      misses.push(...compareReports(agents, sent, reportsOnDisk(folder)));
      const { dropped, duplicated, reordered, cut } = proxy.counts;
      if (dropped + duplicated + reordered + cut < FEWEST)
        misses.push('The proxy did next to nothing: this run shows nothing.');
      return { done: sent * AGENTS, figures: { ...proxy.counts }, misses };
    } finally {
      for (const agent of agents) await agent.stop();
      await proxy.close();
      await room.close();
      rmSync(folder, { recursive: true });
    }
  },
};
