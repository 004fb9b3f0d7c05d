import type { BinTable } from './bin-table.ts';
import { daemonSetLoad } from './daemon-set-load.ts';
import type { NodeFacts } from './node-rules.ts';
import { OpenBins } from './open-bins.ts';
import {
  HOSTNAME_LABEL,
  type NodeShape,
  type PackingProblem,
  type PodRules,
  type Resources,
} from './problem.ts';
import { type ClassPart, splitClass } from './split-classes.ts';

/** Where a bin of the table comes from. */
export type BinSource =
  | { readonly kind: 'offer'; readonly offer: number }
  /** A node that is there; one that may go has its price, one that stays costs nothing more. */
  | { readonly kind: 'existing'; readonly node: number };

/** A problem as numbers, with the way back. */
export interface CompiledProblem {
  readonly table: BinTable;
  readonly bins: readonly BinSource[];
  /** Part of a class of the problem that each class of the table stands for. */
  readonly parts: readonly ClassPart[];
  /** Names of resources 3, 4, … of the table. */
  readonly extended: readonly string[];
}

/**
 * Turns a problem into numbers. Labels, taints, architecture and zones of volumes become groups that may use a bin or not. Rules between pods
 * become what the numbers can say: a cap for each node, parts of a class for each zone; what that leaves open is checked when
 * pods are bound. Offers without a price, and those that their DaemonSets alone fill, are left out.
 */
export function compileProblem(problem: PackingProblem): CompiledProblem {
  const extended = extendedNames(problem);
  const { bins, facts, capacities, prices, limits } = compileBins(problem, extended);
  const open = new OpenBins(facts);
  const counts = podsToPlace(problem);
  const parts: ClassPart[] = [];
  counts.forEach((count, podClass) => {
    if (count > 0) splitClass(problem, podClass, count, open, parts);
  });
  const resources = 3 + extended.length;
  const groups = new Map<string, number>();
  const allowedRows: Uint8Array[] = [];
  const groupOf = (rules: PodRules, only: ClassPart['only']): number => {
    const key = only === null ? open.keyOf(rules) : JSON.stringify([only, open.keyOf(rules)]);
    let group = groups.get(key);
    if (group === undefined) {
      group = allowedRows.length;
      groups.set(key, group);
      allowedRows.push(only === null ? open.row(rules) : open.rowWithin(rules, only));
    }
    return group;
  };
  const size = new Float64Array(parts.length * resources);
  const groupOfClass = new Int32Array(parts.length);
  parts.forEach(({ podClass, podsEach, only }, c) => {
    const { requests, rules } = problem.pods[podClass] as PackingProblem['pods'][number];
    writeResources(size, c * resources, requests, 1, extended, podsEach);
    groupOfClass[c] = groupOf(rules, only);
  });
  const allowed = new Uint8Array(allowedRows.length * bins.length);
  allowedRows.forEach((row, group) => {
    allowed.set(row, group * bins.length);
  });
  const table: BinTable = {
    resources,
    classes: parts.length,
    size,
    demand: Int32Array.from(parts, ({ count }) => count),
    groupOfClass,
    perNode: Int32Array.from(parts, ({ perNode }) => perNode),
    bins: bins.length,
    capacity: Float64Array.from(capacities.flat()),
    price: Float64Array.from(prices),
    limit: Float64Array.from(limits),
    allowed,
  };
  return { table, bins, parts, extended };
}

/** CPU, memory, pods, then extended resources by name. */
export function writeResources(
  into: Float64Array,
  at: number,
  { cpuMilli, memoryBytes, extended: own }: Resources,
  pods: number,
  extended: readonly string[],
  times = 1,
): void {
  into[at] = cpuMilli * times;
  into[at + 1] = memoryBytes * times;
  into[at + 2] = pods * times;
  extended.forEach((name, i) => {
    into[at + 3 + i] = (own[name] ?? 0) * times;
  });
}

/** Pods of each class: pending ones, and those that may leave their node. */
function podsToPlace({ pods, existing }: PackingProblem): number[] {
  const counts = pods.map(({ count }) => count);
  for (const node of existing) {
    for (const { podClass, count, canMove } of node.pods)
      if (mayLeave(node, canMove)) counts[podClass] = (counts[podClass] as number) + count;
  }
  return counts;
}

function extendedNames({ pods }: PackingProblem): string[] {
  const names = new Set<string>();
  for (const { requests } of pods) {
    for (const name in requests.extended) if ((requests.extended[name] ?? 0) > 0) names.add(name);
  }
  return [...names].sort();
}

function compileBins(problem: PackingProblem, extended: readonly string[]) {
  const bins: BinSource[] = [];
  const facts: NodeFacts[] = [];
  const capacities: number[][] = [];
  const prices: number[] = [];
  const limits: number[] = [];
  const add = (source: BinSource, node: NodeFacts, capacity: number[], price: number, limit: number) => {
    if (capacity.some(free => free < 0) || capacity[2] === 0) return;
    bins.push(source);
    facts.push(node);
    capacities.push(capacity);
    prices.push(price);
    limits.push(limit);
  };
  problem.offers.forEach((offer, index) => {
    if (offer.priceMicroUsdPerHour === null) return;
    const node = { name: '', labels: offer.labels, taints: offer.taints };
    const capacity = capacityOf(offer, extended);
    daemonSetLoad(problem.daemonSets, node).forEach(load => {
      subtract(capacity, load, 1, extended);
    });
    add({ kind: 'offer', offer: index }, node, capacity, Math.max(1, offer.priceMicroUsdPerHour), Infinity);
  });
  problem.existing.forEach((existing, index) => {
    const capacity = capacityOf(existing, extended);
    for (const { podClass, count, canMove } of existing.pods) {
      if (mayLeave(existing, canMove)) continue;
      subtract(
        capacity,
        (problem.pods[podClass] as PackingProblem['pods'][number]).requests,
        count,
        extended,
      );
    }
    const isPriced = existing.isRemovable && existing.priceMicroUsdPerHour !== null;
    const price = isPriced ? Math.max(1, existing.priceMicroUsdPerHour ?? 1) : 0;
    add({ kind: 'existing', node: index }, factsOf(existing), capacity, price, 1);
  });
  return { bins, facts, capacities, prices, limits };
}

/** Pods leave a node only when it may be removed for a price that is known. */
export function mayLeave(
  { isRemovable, priceMicroUsdPerHour }: PackingProblem['existing'][number],
  canMove: boolean,
): boolean {
  return canMove && isRemovable && priceMicroUsdPerHour !== null;
}

/** A cordoned node is one with the taint that Kubernetes puts on it. */
export function factsOf({
  name,
  labels,
  taints,
  unschedulable,
}: PackingProblem['existing'][number]): NodeFacts {
  const cordon = { key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' } as const;
  return {
    name,
    labels: { [HOSTNAME_LABEL]: name, ...labels },
    taints: unschedulable ? [...taints, cordon] : taints,
  };
}

function capacityOf({ allocatable, podLimit }: NodeShape, extended: readonly string[]): number[] {
  const { cpuMilli, memoryBytes } = allocatable;
  return [cpuMilli, memoryBytes, podLimit, ...extended.map(name => allocatable.extended[name] ?? 0)];
}

function subtract(capacity: number[], requests: Resources, pods: number, extended: readonly string[]): void {
  const taken = new Float64Array(capacity.length);
  writeResources(taken, 0, requests, 1, extended, pods);
  taken.forEach((value, r) => {
    capacity[r] = (capacity[r] as number) - value;
  });
}
