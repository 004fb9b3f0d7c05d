import type { PackingProblem } from '../../server/decisions/packing/problem.ts';
import { type BaselineType, baselineClasses, baselineTypes } from './packing-case.ts';

interface OpenNode {
  readonly arch: string | undefined;
  cpu: number;
  memory: number;
  gpu: number;
  pods: number;
}

/**
 * First-fit-decreasing as a textbook has it: pods by their larger share of the largest type, descending; each onto the first open node that holds it, else onto
 * a new one of the cheapest type that does. Rules between pods are not looked at.
 * @param remembers what refused one pod of a class is not asked for the next: the same answer, sooner
 * @returns micro-USD an hour, and pods that fit nowhere
 */
export function firstFitDecreasing(
  problem: PackingProblem,
  remembers: boolean,
): { cost: number; unplaced: number } {
  const types = baselineTypes(problem).sort((a, b) => a.price - b.price);
  const most = {
    cpu: Math.max(...types.map(({ cpu }) => cpu)),
    memory: Math.max(...types.map(({ memory }) => memory)),
  };
  const pods = baselineClasses(problem)
    .map(pod => ({ ...pod, share: Math.max(pod.cpu / most.cpu, pod.memory / most.memory) }))
    .sort((a, b) => b.share - a.share);
  const nodes: OpenNode[] = [];
  let cost = 0;
  let unplaced = 0;
  for (const pod of pods) {
    const holds = (room: Pick<BaselineType, 'arch' | 'cpu' | 'memory' | 'gpu' | 'pods'>) =>
      room.cpu >= pod.cpu &&
      room.memory >= pod.memory &&
      room.gpu >= pod.gpu &&
      room.pods > 0 &&
      (pod.arch === undefined || pod.arch === room.arch);
    let from = 0;
    for (let i = 0; i < pod.count; i++) {
      let at = remembers ? from : 0;
      while (at < nodes.length && !holds(nodes[at] as OpenNode)) at++;
      from = at;
      let node = nodes[at];
      if (!node) {
        const type = types.find(holds);
        if (!type) {
          unplaced += pod.count - i;
          break;
        }
        cost += type.price;
        const { arch, cpu, memory, gpu, pods: limit } = type;
        node = { arch, cpu, memory, gpu, pods: limit };
        nodes.push(node);
      }
      node.cpu -= pod.cpu;
      node.memory -= pod.memory;
      node.gpu -= pod.gpu;
      node.pods--;
    }
  }
  return { cost, unplaced };
}
