import type { CapacityType, Plan, PlanPod, RunNode } from '../../../../common/contracts/index.ts';

/** What a plan does to a node. */
export type NodeFate = 'stays' | 'goes' | 'comes';

/** What is on a node at one time. */
interface Fill {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

/** A node with the plan: how it was, and how it will be. */
export interface PlannedNode {
  /** Name, or key of one that comes. */
  readonly name: string;
  readonly fate: NodeFate;
  readonly instanceType: string;
  readonly zone: string | null;
  readonly capacityType: CapacityType;
  readonly isCordoned: boolean;
  readonly allocatable: Fill;
  readonly before: Fill;
  /** `null` where the plan does not say what its pods request. */
  readonly after: Fill | null;
  readonly priceMicroUsdPerHour: number | null;
  /** Pods that leave it, and that come to it. */
  readonly leave: readonly PlanPod[];
  readonly arrive: readonly PlanPod[];
}

const NOTHING: Fill = { cpuMilli: 0, memoryBytes: 0 };

/** All nodes before and after a plan, in the order of the run, those that come last. */
export function plannedNodes(plan: Plan, nodes: readonly RunNode[]): PlannedNode[] {
  const leaving = Map.groupBy(plan.pods, pod => pod.from ?? '');
  const arriving = Map.groupBy(plan.pods, pod => pod.to ?? '');
  const goes = new Map(plan.remove.map(node => [node.uid, node]));
  const there = nodes.map((node): PlannedNode => {
    const leave = leaving.get(node.name) ?? [];
    const arrive = arriving.get(node.name) ?? [];
    const gone = goes.get(node.uid);
    return {
      name: node.name,
      fate: gone ? 'goes' : 'stays',
      instanceType: node.instanceType ?? 'unknown type',
      zone: node.zone,
      capacityType: node.capacityType,
      isCordoned: node.cordoned,
      allocatable: node.allocatable,
      before: node.requested,
      after: gone ? NOTHING : fillAfter(node.requested, leave, arrive),
      priceMicroUsdPerHour: gone?.priceMicroUsdPerHour ?? node.priceMicroUsdPerHour,
      leave,
      arrive,
    };
  });
  const come = plan.add.map((target): PlannedNode => {
    const arrive = arriving.get(target.key) ?? [];
    return {
      name: target.key,
      fate: 'comes',
      instanceType: target.instanceType,
      zone: target.zone,
      capacityType: target.capacityType,
      isCordoned: false,
      // A tile needs some area: one CPU where an older engine did not say.
      allocatable: target.allocatable ?? { cpuMilli: 1_000, memoryBytes: 0 },
      before: NOTHING,
      after: fillAfter(NOTHING, [], arrive),
      priceMicroUsdPerHour: target.priceMicroUsdPerHour,
      leave: [],
      arrive,
    };
  });
  return [...there, ...come];
}

/** Nodes that the pods of a node come from or go to: what hovering it points at. */
export function partnersOf({ leave, arrive }: PlannedNode): ReadonlySet<string> {
  const names = [...leave.map(({ to }) => to), ...arrive.map(({ from }) => from)];
  return new Set(names.filter(name => name !== null));
}

function fillAfter(before: Fill, leave: readonly PlanPod[], arrive: readonly PlanPod[]): Fill | null {
  let { cpuMilli, memoryBytes } = before;
  for (const [pods, sign] of [
    [leave, -1],
    [arrive, 1],
  ] as const) {
    for (const { requests } of pods) {
      if (requests === null) return null;
      cpuMilli += sign * requests.cpuMilli;
      memoryBytes += sign * requests.memoryBytes;
    }
  }
  return { cpuMilli: Math.max(0, cpuMilli), memoryBytes: Math.max(0, memoryBytes) };
}
