import { daemonSetLoad } from '../packing/daemon-set-load.ts';
import type { NodeShape, PackingProblem, Resources } from '../packing/problem.ts';
import type { Rearrangement } from '../packing/rearrangement.ts';

type FreeRoom = Resources & { readonly pods: number };

/** What every node has free before anything moves: there by its pods, on new ones by their DaemonSets. */
export function freeRoom(problem: PackingProblem, { add }: Rearrangement): Map<string, FreeRoom> {
  const free = new Map<string, FreeRoom>();
  for (const node of problem.existing) {
    const taken = node.pods.flatMap(({ podClass, count }) => {
      const { requests } = problem.pods[podClass] ?? {};
      return requests ? Array.from({ length: count }, () => requests) : [];
    });
    free.set(node.name, less(node, taken));
  }
  for (const { name, offer } of add) {
    const shape = problem.offers[offer];
    if (!shape) continue;
    free.set(name, less(shape, daemonSetLoad(problem.daemonSets, { ...shape, name: '' })));
  }
  return free;
}

function less({ allocatable, podLimit }: NodeShape, taken: readonly Resources[]): FreeRoom {
  const extended = { ...allocatable.extended };
  for (const { extended: own } of taken)
    for (const [name, amount] of Object.entries(own)) extended[name] = (extended[name] ?? 0) - amount;
  return {
    cpuMilli: taken.reduce((left, { cpuMilli }) => left - cpuMilli, allocatable.cpuMilli),
    memoryBytes: taken.reduce((left, { memoryBytes }) => left - memoryBytes, allocatable.memoryBytes),
    pods: podLimit - taken.length,
    extended,
  };
}
