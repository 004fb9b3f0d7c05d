import type { NodePlan } from './node-plan.ts';
import { giveUpIf, type LateCheck } from './out-of-time.ts';
import { Placement, type PlacementNode } from './placement.ts';
import type { ClassRules } from './pod-rule-index.ts';
import { type PodClass, ZONE_LABEL } from './problem.ts';

/** So many pods of a class, bound to a node one after the other. */
export interface Binding {
  readonly podClass: number;
  readonly node: number;
  readonly count: number;
}

export interface BoundPods {
  /** In the order in which the scheduler must meet them. */
  readonly bindings: readonly Binding[];
  /** Pods of each class that no node takes. */
  readonly homeless: ReadonlyMap<number, number>;
}

/**
 * Binds pods where they are planned, by the exact rules, highest priority first; a pod that its node refuses waits for others, then goes to any
 * node that takes it.
 * @param rules of each class, from `indexPodRules`
 * @param nodes the nodes of the plans, empty; their free room is written to
 * @param sizes request of one pod of each class, in the order of `free`
 */
export function bindPods(
  pods: readonly PodClass[],
  rules: readonly ClassRules[],
  plans: readonly NodePlan[],
  nodes: readonly PlacementNode[],
  sizes: readonly Float64Array[],
  extra: ReadonlyMap<number, number>,
  isTooLate?: LateCheck,
): BoundPods {
  const placement = new Placement(pods, rules, nodes, sizes);
  const bindings: Binding[] = [];
  const bind = (podClass: number, node: number, count: number) => {
    placement.bind(podClass, node, count);
    bindings.push({ podClass, node, count });
  };
  plans.forEach(({ resident, staying }, n) => {
    for (const { podClass, count } of [...resident, ...staying]) placement.bind(podClass, n, count);
  });
  const homeless = new Map(extra);
  const waiting = plannedByClass(pods, plans, nodes);
  // What a pod waits for may be of lower priority, so those that wait are asked again after the others.
  for (let progress = true; progress; ) {
    progress = false;
    for (const [podClass, entries] of waiting) {
      giveUpIf(isTooLate);
      if (bindPlanned(placement, podClass, entries, bind)) progress = true;
    }
  }
  for (const [podClass, entries] of waiting) {
    const left = entries.reduce((sum, { count }) => sum + count, 0);
    if (left > 0) homeless.set(podClass, (homeless.get(podClass) ?? 0) + left);
  }
  settleElsewhere(pods, placement, nodes, homeless, bind, isTooLate);
  return { bindings, homeless };
}

interface Waiting {
  readonly node: number;
  count: number;
}

/** Classes by priority; for each its nodes, zones in turn, so that spreading stays within its skew. */
function plannedByClass(
  pods: readonly PodClass[],
  plans: readonly NodePlan[],
  nodes: readonly PlacementNode[],
): [number, Waiting[]][] {
  const byClass = new Map<number, Map<string, Waiting[]>>();
  plans.forEach(({ planned }, node) => {
    const zone = (nodes[node] as PlacementNode).labels[ZONE_LABEL] ?? '';
    for (const { podClass, count } of planned) {
      const zones = byClass.get(podClass) ?? new Map<string, Waiting[]>();
      byClass.set(podClass, zones);
      const list = zones.get(zone);
      if (list) list.push({ node, count });
      else zones.set(zone, [{ node, count }]);
    }
  });
  return [...byClass]
    .sort(([a], [b]) => byPriority(pods, a, b))
    .map(([podClass, zones]) => [
      podClass,
      inTurn([...zones].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, list]) => list)),
    ]);
}

function inTurn(lists: readonly Waiting[][]): Waiting[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap(list => list[i] ?? [])).flat();
}

function bindPlanned(
  placement: Placement,
  podClass: number,
  entries: Waiting[],
  bind: (podClass: number, node: number, count: number) => void,
): boolean {
  let any = false;
  if (placement.isFree(podClass)) {
    for (const entry of entries) {
      if (entry.count === 0 || placement.refusal(podClass, entry.node) !== undefined) continue;
      bind(podClass, entry.node, entry.count);
      entry.count = 0;
      any = true;
    }
    return any;
  }
  for (let progress = true; progress; ) {
    progress = false;
    for (const entry of entries) {
      if (entry.count === 0 || placement.refusal(podClass, entry.node) !== undefined) continue;
      bind(podClass, entry.node, 1);
      entry.count--;
      progress = true;
      any = true;
    }
  }
  return any;
}

/** First the nodes with least room, as full nodes are what saves money. */
function settleElsewhere(
  pods: readonly PodClass[],
  placement: Placement,
  nodes: readonly PlacementNode[],
  homeless: Map<number, number>,
  bind: (podClass: number, node: number, count: number) => void,
  isTooLate: LateCheck,
): void {
  for (let progress = true; progress && homeless.size > 0; ) {
    progress = false;
    const order = nodes
      .map(({ free }, node) => ({ node, cpu: free[0] as number }))
      .sort((a, b) => a.cpu - b.cpu || a.node - b.node);
    for (const podClass of [...homeless.keys()].sort((a, b) => byPriority(pods, a, b))) {
      giveUpIf(isTooLate);
      let left = homeless.get(podClass) ?? 0;
      for (const { node } of order) {
        while (left > 0 && placement.refusal(podClass, node) === undefined) {
          bind(podClass, node, 1);
          left--;
          progress = true;
        }
      }
      if (left > 0) homeless.set(podClass, left);
      else homeless.delete(podClass);
    }
  }
}

function byPriority(pods: readonly PodClass[], a: number, b: number): number {
  return (pods[b] as PodClass).rules.priority - (pods[a] as PodClass).rules.priority || a - b;
}
