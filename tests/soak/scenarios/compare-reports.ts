import type { ReportingAgent } from '../../support/reporting-agent.ts';

/** Each agent has reported the numbers from 1 to `sent`: what is missing on the engine's disk, and what is there twice. */
export function compareReports(
  agents: readonly Pick<ReportingAgent, 'clusterId'>[],
  sent: number,
  onDisk: ReadonlyMap<string, readonly number[]>,
): string[] {
  const misses: string[] = [];
  for (const { clusterId } of agents) {
    const found = onDisk.get(clusterId) ?? [];
    const distinct = new Set(found);
    const lost = Array.from({ length: sent }, (_, n) => n + 1).filter(number => !distinct.has(number));
    if (lost.length > 0)
      misses.push(`${clusterId}: ${lost.length} of ${sent} reports are lost, first ${lost[0]}.`);
    if (found.length > distinct.size)
      misses.push(`${clusterId}: ${found.length - distinct.size} reports are counted twice.`);
  }
  return misses;
}
