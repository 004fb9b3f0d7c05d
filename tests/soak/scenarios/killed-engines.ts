import { createRandom } from '../../../simulator/cluster/random.ts';
import { reportsOnDisk } from '../../support/cluster-room.ts';
import { startEngineFleet } from '../../support/engine-fleet.ts';
import type { Scenario } from '../scenario.ts';
import { compareReports } from './compare-reports.ts';

const REPORT_EVERY_MS = 250;
const MOST_AGENTS = 500;
const SETTLE_MS = 180_000;

/** The engine is killed at random moments while its agents report; what it acknowledged is on its disk, once. */
export const killedEngines: Scenario = {
  row: 'T1a',
  title:
    'an engine that is killed while agents report loses nothing that it acknowledged and counts nothing twice',
  unit: 'kills',
  fullSize: 200,
  async run({ size, seed, isOver, say }) {
    const random = createRandom(seed);
    const fleet = await startEngineFleet(Math.min(MOST_AGENTS, 10 + 5 * size), seed);
    let sent = 0;
    let isReporting = true;
    const report = async () => {
      while (isReporting) {
        sent++;
        for (const agent of fleet.agents) agent.report(sent);
        await new Promise(resolve => setTimeout(resolve, REPORT_EVERY_MS));
      }
    };
    let done = 0;
    try {
      const reporting = report();
      for (; done < size && !isOver(); done++) {
        await new Promise(resolve => setTimeout(resolve, 200 + random.integer(3_000)));
        await fleet.restart();
        say(`${done + 1} kills`);
      }
      isReporting = false;
      await reporting;
      const misses: string[] = [];
      await Promise.all(
        fleet.agents.map(agent =>
          agent.settled(SETTLE_MS).catch((error: unknown) => {
            misses.push(`${agent.clusterId}: ${String(error)}`);
          }),
        ),
      );
      await fleet.engine.kill();
      misses.push(...compareReports(fleet.agents, sent, reportsOnDisk(fleet.data)));
      return { done, figures: { agents: fleet.agents.length, reports: sent * fleet.agents.length }, misses };
    } finally {
      isReporting = false;
      await fleet.close();
    }
  },
};
