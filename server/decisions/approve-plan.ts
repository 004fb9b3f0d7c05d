import type { Plan } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { Clock } from '../platform/index.ts';
import { checkPlan, type PlanCheck } from './check-plan.ts';
import type { Endings } from './ending/endings.ts';
import type { ClusterControl, TypeCatalog } from './neighbours.ts';
import { openBill } from './open-bill.ts';
import { demandHandshake } from './owners/handshake.ts';
import type { PlanActor, PlanJournal } from './plan-journal.ts';
import type { PlanStore } from './plan-store.ts';
import { plansBefore } from './plans-before.ts';
import { pausedSentence } from './policy/breaker.ts';
import type { PlanGuard } from './policy/plan-guard.ts';
import { moveOf, statesUnderWay } from './trigger-run.ts';

/** What approvals are decided with. */
export interface ApprovalParts {
  readonly store: PlanStore;
  readonly journal: PlanJournal;
  readonly clusters: Pick<ClusterControl, 'state' | 'summaries'>;
  readonly market: TypeCatalog;
  readonly guard: PlanGuard;
  readonly endings: Pick<Endings, 'check'>;
  readonly clock: Clock;
}

/**
 * Approves a proposed plan after holding it against the present state of its cluster.
 * @throws AppError `resource.not-found`; `plan.wrong-state`; `cluster.away` (the plan stays proposed);
 * `plan.owned-elsewhere` where a node belongs to somebody who would bring it back (the plan stays proposed);
 * `plan.instance-kept` where an instance that it means to end could not be ended, or a policy would approve what saves nothing because an
 * instance goes on (the plan stays proposed);
 * `plan.stale` with the difference in words (the plan is stale from then on); `resource.conflict` while the executor of
 * the cluster is paused or a kill switch is on for it
 */
export async function approvePlan(
  parts: ApprovalParts,
  planId: string,
  actor: PlanActor,
  comment?: string,
): Promise<Plan> {
  const { store, journal, clusters, market, guard, endings, clock } = parts;
  const plan = await planInState(store, planId, ['proposed'], 'approved');
  await guard.demandNoKillSwitch(plan.clusterId);
  const policy = await guard.settings(plan.clusterId);
  const breaker = await store.breaker(plan.clusterId);
  if (breaker.pausedAt !== null) {
    throw new AppError('resource.conflict', pausedSentence(breaker, policy), {
      hint: 'Look at why they failed, then run the engine again; that lets plans go on.',
    });
  }
  demandHandshake(plan, clusters.state(plan.clusterId));
  const staying = plan.remove.find(({ endedBy }) => endedBy === 'nobody');
  if (actor.policy && staying)
    throw new AppError(
      'plan.instance-kept',
      `The instance of node ${staying.name} would go on costing, so no policy approves plan ${plan.id}; a person may.`,
    );
  const ends = await endings.check(plan);
  if (ends.verdict !== 'holds') throw new AppError('plan.instance-kept', ends.text);
  const others = (await store.plansIn(statesUnderWay, plan.clusterId)).map(moveOf);
  const all = (await store.plansIn(statesUnderWay)).map(moveOf);
  const bill = openBill(clusters, market, all);
  const types = market.catalog.all();
  // What makes room for it has yet to happen: it is held against the cluster when it starts.
  const isEarly = (await plansBefore(plan, store)).length > 0;
  const check: PlanCheck = isEarly
    ? { verdict: 'holds' }
    : checkPlan(plan, clusters.state(plan.clusterId), others, types, policy, bill);
  if (check.verdict === 'away') throw new AppError('cluster.away', check.text);
  // A budget that another plan of this cluster uses up comes back; the plan waits for its turn anyway.
  if (check.verdict === 'stale' || (check.verdict === 'wait' && others.length === 0)) {
    await journal.change(plan.id, {
      from: ['proposed'],
      actor,
      action: 'plan.stale',
      apply: one => ({ ...one, state: 'stale', outcome: check.text }),
    });
    throw new AppError('plan.stale', check.text);
  }
  const approved = await journal.change(plan.id, {
    from: ['proposed'],
    actor,
    action: 'plan.approved',
    detail: { comment: comment ?? null },
    apply: one => ({ ...one, state: 'approved', approval: approvalOf(actor, clock.now()) }),
  });
  // Somebody else was first: their word stands.
  return approved ?? planInState(store, planId, [], 'approved');
}

/**
 * The plan, where it is in one of `states`; `wanted` is the word for what was to be done to it.
 * @throws AppError `resource.not-found`, `plan.wrong-state`
 */
export async function planInState(
  store: PlanStore,
  planId: string,
  states: readonly Plan['state'][],
  wanted: string,
): Promise<Plan> {
  const plan = await store.plan(planId);
  if (!plan) throw new AppError('resource.not-found', `There is no plan ${planId}.`);
  if (!states.includes(plan.state)) {
    throw new AppError('plan.wrong-state', `Plan ${planId} is ${plan.state}; it cannot be ${wanted}.`);
  }
  return plan;
}

function approvalOf({ label, policy }: PlanActor, at: number): Plan['approval'] {
  return { by: label, at, ...(policy ? { policy } : {}) };
}
