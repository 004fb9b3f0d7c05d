import type { DecisionRun, Plan } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import type { Logger } from '../../platform/index.ts';
import { type ApprovalParts, approvePlan } from '../approve-plan.ts';
import type { Policies } from './policies.ts';
import type { PolicyInForce } from './policy-in-force.ts';
import { clusterHold } from './start-hold.ts';

/**
 * Approves, in the name of the policy in force, those of these plans that it lets start by themselves. A plan that does not hold any
 * more becomes stale, as when a person approves it.
 * @returns how many were approved
 */
export async function approveByPolicy(
  parts: ApprovalParts & { readonly log: Logger },
  plans: readonly Plan[],
): Promise<number> {
  let approved = 0;
  for (const plan of plans) {
    const approver = await parts.guard.approver(plan);
    if (!approver) continue;
    try {
      await approvePlan(parts, plan.id, approver);
      approved++;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      parts.log.info({ planId: plan.id, reason: error.message }, 'the policy did not approve a plan');
    }
  }
  return approved;
}

/** Whether the policy has the engine run now: not while nothing could start anyway. `lastRunAt` in ms. */
function isRunDue(inForce: PolicyInForce, lastRunAt: number | undefined, nowMs: number): boolean {
  const { mode, runEveryMs } = inForce.document;
  if (mode === 'recommend' || runEveryMs === 0) return false;
  if (lastRunAt !== undefined && nowMs < lastRunAt + runEveryMs) return false;
  return clusterHold(inForce, nowMs) === undefined;
}

/** Clusters of which a run is due, with who asks for it. */
export async function runsDue(
  policies: Policies,
  clusterIds: readonly string[],
  lastRuns: readonly Pick<DecisionRun, 'clusterId' | 'startedAt'>[],
  nowMs: number,
): Promise<
  { clusterId: string; actor: { id: string; label: string; policy: { scope: string; revision: number } } }[]
> {
  const due = [];
  for (const clusterId of clusterIds) {
    const inForce = await policies.inForce(clusterId);
    const lastRunAt = lastRuns.find(run => run.clusterId === clusterId)?.startedAt;
    if (!isRunDue(inForce, lastRunAt, nowMs)) continue;
    const { scope, revision, label } = inForce;
    due.push({ clusterId, actor: { id: `policy:${scope}@${revision}`, label, policy: { scope, revision } } });
  }
  return due;
}
