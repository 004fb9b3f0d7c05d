import type { Plan } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import type { PlanActor } from '../plan-journal.ts';
import { freshResizeSteps } from '../plan-progress.ts';
import { presentState, type RunParts, statesUnderWay } from '../trigger-run.ts';
import { proposeResizes } from './propose-resize.ts';

/**
 * Makes a plan of what rightsizing says of one workload (`Deployment/shop/web`) now; an older proposal for it becomes stale.
 * @throws AppError `resource.not-found` for an unknown cluster or a workload of which rightsizing proposes no change, `cluster.away`,
 * `resource.conflict` while a plan for it is under way
 */
export async function proposeOneResize(
  parts: RunParts,
  clusterId: string,
  workload: string,
  actor: PlanActor,
): Promise<Plan> {
  const { store, journal, clock, newId, rightsizing } = parts;
  const observed = presentState(parts, clusterId);
  const { proposals } = await rightsizing.recommend(clusterId);
  const ofWorkload = proposals.filter(one => one.workload.key === workload);
  const [proposal] = proposeResizes({ proposals: ofWorkload }, observed);
  if (!proposal)
    throw new AppError(
      'resource.not-found',
      `Rightsizing proposes no change of ${workload} that a plan could make.`,
      {
        hint: 'Deployments, StatefulSets and DaemonSets with a recommendation can be resized, but for those whose pods ask not to be disrupted.',
      },
    );
  const isSame = (plan: Plan) => plan.resize?.workload.key === workload;
  const [open] = (await store.plansIn(statesUnderWay, clusterId)).filter(isSame);
  if (open)
    throw new AppError('resource.conflict', `Plan ${open.id} for ${workload} is ${open.state} already.`);
  const nowMs = clock.now();
  const plan: Plan = {
    ...proposal,
    id: newId('plan'),
    runId: newId('run'),
    clusterId,
    clusterName: observed.cluster.name,
    engine: 'rightsizing',
    state: 'proposed',
    createdAt: nowMs,
    changedAt: nowMs,
    steps: freshResizeSteps(),
    approval: null,
    outcome: null,
  };
  for (const older of (await store.plansIn(['proposed'], clusterId)).filter(isSame))
    await journal.change(older.id, {
      from: ['proposed'],
      actor,
      action: 'plan.superseded',
      apply: one => ({ ...one, state: 'stale', outcome: `A newer plan for ${workload} was made.` }),
    });
  await journal.propose(plan, actor);
  return plan;
}
