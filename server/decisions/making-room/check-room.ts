import type { Plan, PlanStep } from '../../../common/contracts/index.ts';
import { type DrainBlocker, drainBlockers } from '../drain-blockers.ts';
import type { SchedulableCluster } from '../neighbours.ts';
import { isFinished } from '../node-occupancy.ts';
import type { DecisionPolicy } from '../policy.ts';

/** How the pods that are to leave nodes that stay stand against the present. */
export interface RoomCheck {
  /** Uids of those that still are where they were: they have to find another place. */
  readonly leaving: ReadonlySet<string>;
  /** Names of the nodes that they leave, which take none of them back. */
  readonly shut: ReadonlySet<string>;
  /** Uids of nodes and pods that went by themselves. */
  readonly gone: readonly string[];
  /** What forbids to move them for good. */
  readonly differences: readonly string[];
  /** What forbids it for now. */
  readonly passing: readonly string[];
}

const NO_PODS = { moving: [], resident: [], needs: { cpuMilli: 0, memoryBytes: 0, pods: 0 } };
/** A budget recovers by itself. */
const PASSING = 'budget-exhausted';

/**
 * Looks at the evictions of these steps. A pod that is gone, or runs elsewhere, makes its room without being moved, and so does one whose
 * node is gone: nothing is held against the plan for that.
 */
export function checkRoom(
  steps: Plan['steps'],
  observed: SchedulableCluster,
  policy: Pick<DecisionPolicy, 'allowLocalStorage'>,
): RoomCheck {
  const evictions = steps.filter(({ kind, state }) => kind === 'evict' && state !== 'done');
  const byNode = Map.groupBy(evictions, ({ node }) => node?.uid ?? '');
  const alive = new Map(observed.inventory.pods.filter(pod => !isFinished(pod)).map(pod => [pod.uid, pod]));
  const leaving = new Set<string>();
  const shut = new Set<string>();
  const gone: string[] = [];
  const blockers: DrainBlocker[] = [];
  for (const [uid, own] of byNode) {
    const node = observed.nodes.find(one => one.uid === uid);
    if (!node) {
      gone.push(uid);
      continue;
    }
    shut.add(node.name);
    const isHere = ({ pod }: PlanStep) => {
      const found = alive.get(pod?.uid ?? '');
      return found?.nodeName === node.name && !found.terminating ? found : undefined;
    };
    const moving = own.flatMap(step => isHere(step) ?? []);
    gone.push(...own.filter(step => !isHere(step)).flatMap(({ pod }) => pod?.uid ?? []));
    for (const pod of moving) leaving.add(pod.uid);
    const inventoryNode = observed.inventory.nodes.find(one => one.uid === uid);
    blockers.push(
      ...drainBlockers(node, inventoryNode, { ...NO_PODS, moving }, observed.inventory.budgets, policy),
    );
  }
  const texts = (isPassing: boolean) => [
    ...new Set(blockers.filter(({ code }) => (code === PASSING) === isPassing).map(({ text }) => text)),
  ];
  return { leaving, shut, gone, differences: texts(false), passing: texts(true) };
}
