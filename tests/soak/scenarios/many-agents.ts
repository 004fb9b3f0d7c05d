import { startEngineFleet } from '../../support/engine-fleet.ts';
import { type Scenario, until } from '../scenario.ts';

const REPORT_EVERY_MS = 10_000;
const BACK_WITHIN_MS = 60_000;
/** Shorter, memory says more about the garbage collector than about a leak. */
const SHORTEST_SLOPE_MS = 30 * 60_000;
const LONGEST_MS = 60 * 60_000;
const WARM_UP_MS = 5 * 60_000;
const MOST_MIB_PER_HOUR = 1;
const MIB = 1024 ** 2;

/** Agents connect, report every ten seconds, come back after a kill of the engine, and report on until the time is over. */
export const manyAgents: Scenario = {
  row: 'S2',
  title: 'many agents connect, come back after a kill of the engine, and its memory does not grow',
  unit: 'agents',
  fullSize: 2_000,
  async run({ size, seed, isOver, say }) {
    const misses: string[] = [];
    const startedAt = Date.now();
    const fleet = await startEngineFleet(size, seed);
    try {
      const all = () => (fleet.connected() === size ? true : undefined);
      await until(all, 'The last agent', BACK_WITHIN_MS);
      const connectMs = Date.now() - startedAt;
      const restartedAt = Date.now();
      await fleet.restart();
      await until(() => fleet.connected() < size || undefined, 'The news of the kill');
      await until(all, 'The last agent to come back', BACK_WITHIN_MS).catch(() =>
        misses.push(`${fleet.connected()} of ${size} agents are back after ${BACK_WITHIN_MS / 1_000} s.`),
      );
      const backMs = Date.now() - restartedAt;
      const memory: { atMs: number; mib: number }[] = [];
      for (
        let round = 1;
        round === 1 || (!isOver() && Date.now() - restartedAt < LONGEST_MS && size >= 500);
        round++
      ) {
        for (const agent of fleet.agents) agent.report(round);
        await Promise.all(fleet.agents.map(agent => agent.settled(BACK_WITHIN_MS)));
        memory.push({ atMs: Date.now(), mib: (fleet.engine.residentBytes() ?? Number.NaN) / MIB });
        say(`${round} rounds, ${memory.at(-1)?.mib.toFixed(0)} MiB`);
        if (size >= 500) await new Promise(resolve => setTimeout(resolve, REPORT_EVERY_MS));
      }
      const steady = memory.filter(({ atMs }) => atMs - restartedAt > WARM_UP_MS);
      const spanMs = (steady.at(-1)?.atMs ?? 0) - (steady[0]?.atMs ?? 0);
      const slope = slopeOf(steady) * 3_600_000;
      if (spanMs >= SHORTEST_SLOPE_MS && slope > MOST_MIB_PER_HOUR) {
        misses.push(`Memory grows by ${slope.toFixed(1)} MiB an hour.`);
      }
      const figures = {
        'enrolled and connected s': round1(connectMs / 1_000),
        'all back s': round1(backMs / 1_000),
        'MiB at the end': round1(memory.at(-1)?.mib ?? Number.NaN),
        rounds: memory.length,
        'MiB/h': spanMs >= SHORTEST_SLOPE_MS ? round1(slope) : 'too short to tell',
      };
      return { done: size, figures, misses };
    } finally {
      await fleet.close();
    }
  },
};

/** Of the straight line through the points by least squares, in MiB/ms. */
function slopeOf(points: readonly { readonly atMs: number; readonly mib: number }[]): number {
  const mean = (of: (point: (typeof points)[number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [atMs, mib] = [mean(point => point.atMs), mean(point => point.mib)];
  const rise = mean(point => (point.atMs - atMs) * (point.mib - mib));
  return rise / mean(point => (point.atMs - atMs) ** 2);
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}
