import type { PolicyDocument } from '../../../common/contracts/index.ts';
import { formatDuration, MS_PER_MINUTE } from '../../../common/units/index.ts';
import type { Hold } from './budgets.ts';
import type { NodePlace } from './match-nodes.ts';
import type { Disruption, MovedPod } from './plan-disruption.ts';

type Place = Pick<NodePlace, 'instanceType' | 'zone' | 'capacityType'>;

/** A pod's age is told by the cluster's clock, in whole seconds. */
const CLOCK_SLACK_MS = MS_PER_MINUTE;

/**
 * What the memory of moves has against a plan: pods that were moved a short while ago, and a way back to a pool that they left.
 *
 * A controller makes a new pod in place of one that is moved, so a pod counts as moved when its workload lost pods to a plan and it is
 * younger than that: a pod that was only added meanwhile rests, too.
 * @param history plans whose pods began to move
 * @param createdAtOf ms; `undefined` for a pod that is not in the cluster any more
 */
export function memoryHold(
  plan: Disruption,
  history: readonly Disruption[],
  memory: PolicyDocument['memory'],
  createdAtOf: (podUid: string) => number | undefined,
  nowMs: number,
): Hold | undefined {
  let hold: Hold | undefined;
  const later = (next: Hold) => {
    if ((next.untilMs ?? 0) > (hold?.untilMs ?? 0)) hold = next;
  };
  for (const past of history) {
    if (past.movedAt === null || past.planId === plan.planId) continue;
    const { movedAt } = past;
    const restUntilMs = movedAt + memory.podRestMs;
    const returnUntilMs = movedAt + memory.noReturnMs;
    const mayReturn = nowMs >= returnUntilMs || !past.nodes.some(node => plan.targets.some(isSame(node)));
    if (nowMs >= restUntilMs && mayReturn) continue;
    const moved = plan.pods.find(pod => wasMovedBy(past, movedAt, pod, createdAtOf(pod.uid)));
    if (!moved) continue;
    const pod = `Pod ${moved.namespace}/${moved.name}`;
    const ago = formatDuration(nowMs - movedAt);
    if (nowMs < restUntilMs) {
      const text = `${pod} was moved ${ago} ago; the policy leaves a pod alone for ${formatDuration(memory.podRestMs)}.`;
      later({ code: 'moved-recently', text, untilMs: restUntilMs });
    }
    const left = past.nodes.find(node => plan.targets.some(isSame(node)));
    if (!mayReturn && left) {
      const text = `${pod} left ${left.instanceType} ${left.capacityType} in ${left.zone} ${ago} ago; the policy lets nothing return within ${formatDuration(memory.noReturnMs)}.`;
      later({ code: 'no-return', text, untilMs: returnUntilMs });
    }
  }
  return hold;
}

function isSame(a: Place): (b: Place) => boolean {
  return b => a.instanceType === b.instanceType && a.zone === b.zone && a.capacityType === b.capacityType;
}

function wasMovedBy(
  past: Disruption,
  movedAt: number,
  pod: MovedPod,
  createdAt: number | undefined,
): boolean {
  if (pod.owner === null || createdAt === undefined || createdAt < movedAt - CLOCK_SLACK_MS) return false;
  return past.pods.some(one => one.owner === pod.owner && one.uid !== pod.uid);
}
