import { type Binding, type BoundPods, bindPods } from './bind-pods.ts';
import { brokenPreferences } from './broken-preferences.ts';
import { type CompiledProblem, compileProblem, mayLeave, writeResources } from './compile-problem.ts';
import { explainUnplaced } from './explain-unplaced.ts';
import { fewestMoves } from './fewest-moves.ts';
import { fulfilWishes } from './fulfil-wishes.ts';
import { lowerBound } from './lower-bound.ts';
import { movablePods, type NodePlan, nodePlans, placementNode } from './node-plan.ts';
import { giveUpIf } from './out-of-time.ts';
import { type PackBinsOptions, packBins } from './pack-bins.ts';
import { packWithinNodes } from './pack-within-nodes.ts';
import type { PackedNodes, PackingAnswer } from './packing-answer.ts';
import { type ClassRules, indexPodRules } from './pod-rule-index.ts';
import { kindsOf } from './preference-counts.ts';
import type { Offer, PackingProblem } from './problem.ts';
import { type BoundOf, boundsOf } from './relaxed-bound.ts';
import { singleNodes } from './single-nodes.ts';

/** Times that nodes are added for pods that found no place; after the first, each pod gets a node of its own. */
const MOST_ROUNDS = 6;

/**
 * One packing of the problem: planned as if its rules were those of `asIf`, bound by its own. Pods that a stricter plan has no place for are placed
 * as the rules allow.
 * @param boundOf least cost of so many pods of each class, where it is worked out already or not wanted
 */
export function packOnce(
  problem: PackingProblem,
  asIf: PackingProblem,
  options: PackBinsOptions,
  boundOf: BoundOf = boundsOf(problem, options.solve),
): PackingAnswer {
  giveUpIf(options.isTooLate);
  const compiled = compileProblem(asIf);
  const rules = indexPodRules(problem.pods);
  const isPlain =
    problem.existing.length === 0 &&
    problem.maxNodes === null &&
    compiled.parts.every(({ only, podsEach }) => only === null && podsEach === 1) &&
    rules.every(({ isFree }) => isFree) &&
    !problem.pods.some(pod => kindsOf(pod).length > 0);
  return isPlain
    ? packPlain(problem, compiled, options)
    : packByRules(problem, compiled, rules, options, boundOf);
}

function packPlain(
  problem: PackingProblem,
  compiled: CompiledProblem,
  options: PackBinsOptions,
): PackingAnswer {
  const { table, bins, parts } = compiled;
  const { groups, left, prices } = packBins(table, options);
  const nameOf = newNames(problem);
  const nodes: PackedNodes[] = [];
  const each = new Int32Array(problem.pods.length);
  for (let g = 0; g < groups.size; g++) {
    const count = groups.nodes[g] as number;
    const source = bins[groups.bin[g] as number];
    if (count === 0 || source?.kind !== 'offer') continue;
    const classes: number[] = [];
    groups.eachEntry(g, (c, podsEach) => {
      const { podClass } = parts[c] as CompiledProblem['parts'][number];
      if (each[podClass] === 0) classes.push(podClass);
      each[podClass] = (each[podClass] as number) + podsEach;
    });
    const pods = classes.map(podClass => ({ podClass, count: each[podClass] as number }));
    for (const podClass of classes) each[podClass] = 0;
    nodes.push({ source, name: nameOf(problem.offers[source.offer] as Offer), count, pods });
  }
  const homeless = new Map<number, number>();
  left.forEach((count, c) => {
    if (count > 0) homeless.set((parts[c] as CompiledProblem['parts'][number]).podClass, count);
  });
  const placed = table.demand.map((count, c) => count - (left[c] as number));
  return {
    costMicroUsdPerHour: groups.cost(),
    lowerBoundMicroUsdPerHour: lowerBound(prices, placed),
    nodes,
    unplaced: explainUnplaced(problem, homeless),
    bindings: null,
    brokenPreferences: [],
  };
}

function packByRules(
  problem: PackingProblem,
  compiled: CompiledProblem,
  rules: readonly ClassRules[],
  options: PackBinsOptions,
  boundOf: BoundOf,
): PackingAnswer {
  const { isTooLate } = options;
  const { extended } = compiled;
  const sizes = problem.pods.map(({ requests }) => {
    const size = new Float64Array(3 + extended.length);
    writeResources(size, 0, requests, 1, extended);
    return size;
  });
  const staying = problem.existing.filter(existing => !mayLeave(existing, true)).length;
  const nodesLeft = problem.maxNodes === null ? Infinity : Math.max(0, problem.maxNodes - staying);
  const nameOf = newNames(problem);
  const packed = packWithinNodes(compiled.table, nodesLeft, options);
  let plans = nodePlans(problem, compiled, packed.groups, nameOf);
  const wanted = wantedPods(problem);
  const bindAll = (all: readonly NodePlan[]): BoundPods => {
    const nodes = all.map(plan => placementNode(problem, extended, plan));
    return bindPods(problem.pods, rules, all, nodes, sizes, unplanned(wanted, all), isTooLate);
  };
  let bound = bindAll(plans);
  let answer: Planned = { plans, bound };
  for (let round = 0; round < MOST_ROUNDS && bound.homeless.size > 0; round++) {
    const room = (problem.maxNodes ?? Infinity) - plans.length;
    const added = room > 0 ? singleNodes(problem, bound.homeless, round, nameOf, room, options) : [];
    if (added.length === 0) break;
    // Only what was bound stays planned: a pod that its node refused must not be counted there and on a new one.
    plans = [...plannedAsBound(plans, bound), ...added];
    bound = bindAll(plans);
    if (homelessPods(bound) < homelessPods(answer.bound)) answer = { plans, bound };
  }
  answer = withoutEmpty(problem, answer, bindAll);
  answer = fewestMoves(problem, answer, wanted, bindAll);
  if (!options.shouldStop()) {
    const kinder = fulfilWishes(problem, plannedAsBound(answer.plans, answer.bound), sizes, extended);
    if (kinder)
      answer = kinderOf(
        problem,
        answer,
        withoutEmpty(problem, { plans: kinder, bound: bindAll(kinder) }, bindAll),
      );
  }
  return toAnswer(problem, answer, boundOf);
}

type Planned = { readonly plans: NodePlan[]; readonly bound: BoundPods };

/** Of two placements on the same nodes the second, if it leaves no more pods out and breaks fewer wishes. */
function kinderOf(problem: PackingProblem, now: Planned, other: Planned): Planned {
  if (homelessPods(other.bound) > homelessPods(now.bound)) return now;
  const broken = ({ plans, bound }: Planned) =>
    brokenPreferences(problem, packedNodes(plannedAsBound(plans, bound))).reduce(
      (sum, { count }) => sum + count,
      0,
    );
  return broken(other) < broken(now) ? other : now;
}

/** Nodes that nothing was bound to are left out, when the pods still find their places without them. */
function withoutEmpty(
  problem: PackingProblem,
  answer: Planned,
  bindAll: (plans: readonly NodePlan[]) => BoundPods,
): Planned {
  const used = new Set(answer.bound.bindings.map(({ node }) => node));
  const kept = plannedAsBound(answer.plans, answer.bound).filter(
    ({ source, staying }, n) =>
      used.has(n) || staying.length > 0 || (source.kind === 'existing' && stays(problem, source.node)),
  );
  if (kept.length === answer.plans.length) return answer;
  const bound = bindAll(kept);
  return homelessPods(bound) <= homelessPods(answer.bound) ? { plans: kept, bound } : answer;
}

function stays({ existing }: PackingProblem, node: number): boolean {
  return !mayLeave(existing[node] as PackingProblem['existing'][number], true);
}

function plannedAsBound(plans: readonly NodePlan[], { bindings }: BoundPods): NodePlan[] {
  const planned = plans.map(() => new Map<number, number>());
  for (const { podClass, node, count } of bindings) {
    const mine = planned[node] as Map<number, number>;
    mine.set(podClass, (mine.get(podClass) ?? 0) + count);
  }
  return plans.map((plan, n) => ({
    ...plan,
    planned: [...(planned[n] as Map<number, number>)].map(([podClass, count]) => ({ podClass, count })),
  }));
}

/** Pods of each class to be placed: pending ones, and those that may leave their node. */
function wantedPods(problem: PackingProblem): Map<number, number> {
  const wanted = new Map<number, number>();
  problem.pods.forEach(({ count }, podClass) => {
    if (count > 0) wanted.set(podClass, count);
  });
  for (const existing of problem.existing) {
    for (const [podClass, count] of movablePods(existing))
      wanted.set(podClass, (wanted.get(podClass) ?? 0) + count);
  }
  return wanted;
}

function unplanned(wanted: ReadonlyMap<number, number>, plans: readonly NodePlan[]): Map<number, number> {
  const left = new Map(wanted);
  for (const { staying, planned } of plans) {
    for (const { podClass, count } of [...staying, ...planned])
      left.set(podClass, (left.get(podClass) ?? 0) - count);
  }
  return new Map([...left].filter(([, count]) => count > 0));
}

function homelessPods({ homeless }: BoundPods): number {
  let pods = 0;
  for (const count of homeless.values()) pods += count;
  return pods;
}

function toAnswer(
  problem: PackingProblem,
  { plans, bound }: { plans: readonly NodePlan[]; bound: BoundPods },
  boundOf: BoundOf,
): PackingAnswer {
  const final = plannedAsBound(plans, bound);
  let cost = 0;
  let sunk = 0;
  for (const { source } of final) {
    const price =
      source.kind === 'offer'
        ? problem.offers[source.offer]?.priceMicroUsdPerHour
        : problem.existing[source.node]?.priceMicroUsdPerHour;
    cost += price ?? 0;
    if (source.kind === 'existing' && stays(problem, source.node)) sunk += price ?? 0;
  }
  const nodes = packedNodes(final);
  const placed = new Map(wantedPods(problem));
  for (const [podClass, count] of bound.homeless) placed.set(podClass, (placed.get(podClass) ?? 0) - count);
  return {
    costMicroUsdPerHour: cost,
    lowerBoundMicroUsdPerHour: Math.min(cost, sunk + boundOf(placed)),
    nodes,
    unplaced: explainUnplaced(problem, bound.homeless),
    bindings: bound.bindings as Binding[],
    brokenPreferences: brokenPreferences(problem, nodes),
  };
}

function packedNodes(plans: readonly NodePlan[]): PackedNodes[] {
  return plans.map(({ source, name, resident, staying, planned }) => ({
    source,
    name,
    count: 1,
    pods: merged([...resident, ...staying, ...planned]),
  }));
}

function merged(pods: readonly { podClass: number; count: number }[]): { podClass: number; count: number }[] {
  const counts = new Map<number, number>();
  for (const { podClass, count } of pods) counts.set(podClass, (counts.get(podClass) ?? 0) + count);
  return [...counts].map(([podClass, count]) => ({ podClass, count }));
}

/** `new-1`, `new-2`, …: names that no node has yet. */
function newNames({ existing }: PackingProblem): (offer: Offer) => string {
  const taken = new Set(existing.map(({ name }) => name));
  let last = 0;
  return () => {
    do last++;
    while (taken.has(`new-${last}`));
    return `new-${last}`;
  };
}
