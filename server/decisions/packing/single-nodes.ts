import { compileProblem } from './compile-problem.ts';
import { daemonSetLoad } from './daemon-set-load.ts';
import { type NodePlan, nodePlans } from './node-plan.ts';
import { nodeRefusal } from './node-rules.ts';
import { type PackBinsOptions, packBins } from './pack-bins.ts';
import type { Offer, PackingProblem, PodClass } from './problem.ts';

/**
 * More nodes for pods that found no place: in the first round packed like any others, later one node of the cheapest offer for each pod, because what
 * keeps them apart is then a rule that packing does not see. Each round tries the next zone.
 * @param room most nodes to add
 */
export function singleNodes(
  problem: PackingProblem,
  homeless: ReadonlyMap<number, number>,
  round: number,
  nameOf: (offer: Offer) => string,
  room: number,
  options: PackBinsOptions,
): NodePlan[] {
  if (round === 0) {
    const rest: PackingProblem = {
      ...problem,
      pods: problem.pods.map((pod, podClass) => ({ ...pod, count: homeless.get(podClass) ?? 0 })),
      existing: [],
    };
    const compiled = compileProblem(rest);
    const { groups } = packBins(compiled.table, { ...options, patience: 0 });
    return nodePlans(rest, compiled, groups, nameOf).slice(0, room);
  }
  const added: NodePlan[] = [];
  for (const [podClass, count] of homeless) {
    const offers = cheapestByZone(problem, problem.pods[podClass] as PodClass);
    for (let i = 0; i < count && added.length < room && offers.length > 0; i++) {
      const offer = offers[(i + round - 1) % offers.length] as number;
      added.push({
        source: { kind: 'offer', offer },
        name: nameOf(problem.offers[offer] as Offer),
        resident: [],
        staying: [],
        planned: [{ podClass, count: 1 }],
      });
    }
  }
  return added;
}

/** The cheapest offer of each zone that holds one pod of the class, cheapest zone first. */
function cheapestByZone({ offers, daemonSets }: PackingProblem, { requests, rules }: PodClass): number[] {
  const byZone = new Map<string | null, { offer: number; price: number }>();
  offers.forEach((shape, offer) => {
    const price = shape.priceMicroUsdPerHour;
    const node = { name: '', labels: shape.labels, taints: shape.taints };
    if (price === null || nodeRefusal(rules, node) !== undefined) return;
    const load = daemonSetLoad(daemonSets, node);
    const { cpuMilli, memoryBytes, extended } = shape.allocatable;
    const sum = (pick: (of: (typeof load)[number]) => number) =>
      load.reduce((all, one) => all + pick(one), 0);
    const holds =
      requests.cpuMilli + sum(one => one.cpuMilli) <= cpuMilli &&
      requests.memoryBytes + sum(one => one.memoryBytes) <= memoryBytes &&
      1 + load.length <= shape.podLimit &&
      Object.entries(requests.extended).every(
        ([name, count]) => count + sum(one => one.extended[name] ?? 0) <= (extended[name] ?? 0),
      );
    const known = byZone.get(shape.zone);
    if (holds && (!known || price < known.price)) byZone.set(shape.zone, { offer, price });
  });
  return [...byZone.values()]
    .sort((a, b) => a.price - b.price || a.offer - b.offer)
    .map(({ offer }) => offer);
}
