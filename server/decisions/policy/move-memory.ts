import type { PolicyDocument } from '../../../common/contracts/index.ts';
import { formatDuration, MS_PER_MINUTE } from '../../../common/units/index.ts';
import type { Hold } from './budgets.ts';
import type { NodePlace } from './match-nodes.ts';
import type { Disruption, LostNode } from './plan-disruption.ts';

type Place = Pick<NodePlace, 'instanceType' | 'zone' | 'capacityType'>;

/** Pods of one workload that left a node by a plan. */
interface Departure {
  readonly planId: string;
  readonly atMs: number;
  readonly from: LostNode;
  /** Whether the node stayed and may be returned to by name; else only others of its kind can come. */
  readonly isStaying: boolean;
  /** The pods as they were; each was made anew elsewhere. */
  readonly uids: ReadonlySet<string>;
}

/** Departures by workload. */
export type MoveMemory = ReadonlyMap<string, readonly Departure[]>;

/** A pod's age is told by the cluster's clock, in whole seconds. */
const CLOCK_SLACK_MS = MS_PER_MINUTE;

/** What is remembered of plans, as far as they are not older than either time of the policy. */
export function rememberMoves(
  history: readonly Disruption[],
  memory: PolicyDocument['memory'],
  nowMs: number,
): MoveMemory {
  const sinceMs = nowMs - Math.max(memory.noReturnMs, memory.podRestMs);
  const departures = new Map<string, Departure[]>();
  for (const { planId, nodes, roomy, pods, leftAt } of history) {
    for (const from of [...nodes, ...roomy]) {
      const atMs = leftAt.get(from.name);
      if (atMs === undefined || atMs <= sinceMs) continue;
      const isStaying = roomy.includes(from);
      const own = pods.filter(pod => pod.from === from.name && pod.owner !== null);
      for (const [owner, gone] of Map.groupBy(own, pod => pod.owner ?? '')) {
        const departure = { planId, atMs, from, isStaying, uids: new Set(gone.map(({ uid }) => uid)) };
        departures.set(owner, [...(departures.get(owner) ?? []), departure]);
      }
    }
  }
  return departures;
}

/**
 * What the memory of moves has against a plan: pods that were moved a short while ago, and a way back to a pool, or to a node that
 * stayed, that they left.
 *
 * A controller makes a new pod in place of one that is moved, so a pod counts as moved when its workload lost pods to a plan and it is
 * younger than that: a pod that was only added meanwhile rests, too.
 * @param createdAtOf ms; `undefined` for a pod that is not in the cluster any more
 */
export function memoryHold(
  plan: Disruption,
  remembered: MoveMemory,
  memory: PolicyDocument['memory'],
  createdAtOf: (podUid: string) => number | undefined,
  nowMs: number,
): Hold | undefined {
  let hold: Hold | undefined;
  const later = (next: Hold) => {
    if ((next.untilMs ?? 0) > (hold?.untilMs ?? 0)) hold = next;
  };
  for (const pod of plan.pods) {
    const createdAt = createdAtOf(pod.uid);
    if (pod.owner === null || createdAt === undefined) continue;
    for (const { planId, atMs, from, isStaying, uids } of remembered.get(pod.owner) ?? []) {
      if (planId === plan.planId || uids.has(pod.uid) || createdAt < atMs - CLOCK_SLACK_MS) continue;
      const name = `Pod ${pod.namespace}/${pod.name}`;
      const ago = formatDuration(nowMs - atMs);
      const restUntilMs = atMs + memory.podRestMs;
      if (nowMs < restUntilMs) {
        const text = `${name} was moved ${ago} ago; the policy leaves a pod alone for ${formatDuration(memory.podRestMs)}.`;
        later({ code: 'moved-recently', text, untilMs: restUntilMs });
      }
      const returnUntilMs = atMs + memory.noReturnMs;
      const returns = isStaying ? pod.to === from.name : plan.targets.some(isSame(from));
      if (nowMs < returnUntilMs && returns) {
        const where = isStaying
          ? `node ${from.name}`
          : `${from.instanceType} ${from.capacityType} in ${from.zone}`;
        const text = `${name} left ${where} ${ago} ago; the policy lets nothing return within ${formatDuration(memory.noReturnMs)}.`;
        later({ code: 'no-return', text, untilMs: returnUntilMs });
      }
    }
  }
  return hold;
}

function isSame(a: Place): (b: Place) => boolean {
  return b => a.instanceType === b.instanceType && a.zone === b.zone && a.capacityType === b.capacityType;
}
