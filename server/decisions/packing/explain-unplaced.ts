import { nodeRefusal } from './node-rules.ts';
import type { UnplacedPods } from './packing-answer.ts';
import type { PackingProblem, PodClass } from './problem.ts';
import { hasPodRules } from './split-classes.ts';

/** Says of each class that has pods left over why, in words. */
export function explainUnplaced(
  problem: PackingProblem,
  homeless: ReadonlyMap<number, number>,
): UnplacedPods[] {
  return [...homeless]
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => a - b)
    .map(([podClass, count]) => ({
      podClass,
      count,
      reason: reasonOf(problem, problem.pods[podClass] as PodClass),
    }));
}

function reasonOf({ offers, maxNodes }: PackingProblem, pod: PodClass): string {
  const { cpuMilli, memoryBytes, extended } = pod.requests;
  const priced = offers.filter(({ priceMicroUsdPerHour }) => priceMicroUsdPerHour !== null);
  if (offers.length > 0 && priced.length === 0) return 'No instance type has a known price.';
  const open = priced.filter(
    offer => nodeRefusal(pod.rules, { name: '', labels: offer.labels, taints: offer.taints }) === undefined,
  );
  if (open.length === 0) {
    const refusals = new Set(
      priced.map(offer => nodeRefusal(pod.rules, { name: '', labels: offer.labels, taints: offer.taints })),
    );
    return `No instance type passes its ${[...refusals].filter(Boolean).sort().join(' and ') || 'rules'}.`;
  }
  const largest = (pick: (offer: (typeof open)[number]) => number) => Math.max(...open.map(pick));
  const most = largest(({ allocatable }) => allocatable.cpuMilli);
  if (cpuMilli > most) return `It asks for ${cpuMilli} m of CPU; the largest type has ${most} m.`;
  const memory = largest(({ allocatable }) => allocatable.memoryBytes);
  if (memoryBytes > memory) {
    return `It asks for ${mebibytes(memoryBytes)} MiB of memory; the largest type has ${mebibytes(memory)} MiB.`;
  }
  for (const [name, count] of Object.entries(extended)) {
    const offered = largest(({ allocatable }) => allocatable.extended[name] ?? 0);
    if (count > offered) return `It asks for ${count} ${name}; the type with most has ${offered}.`;
  }
  if (maxNodes !== null) return `The limit of ${maxNodes} nodes is reached.`;
  if (hasPodRules(pod))
    return 'Its rules about other pods (affinity, spread, host ports) leave no node for it.';
  return 'No one type has enough of everything that it asks for.';
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
