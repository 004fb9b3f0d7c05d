import type { CatalogType, Plan, PlanStep, PlanTarget } from '../../common/contracts/index.ts';
import { provisionerSeen } from './capacity/provisioner.ts';
import { nodeDifferences, passingBlockers, withoutRoom } from './check-nodes.ts';
import type { PlanCheck } from './check-plan.ts';
import { drainBlockers } from './drain-blockers.ts';
import { floorDifferences } from './floor-differences.ts';
import { checkRoom } from './making-room/check-room.ts';
import type { SchedulableCluster } from './neighbours.ts';
import type { DecisionPolicy } from './policy.ts';
import { shutBy } from './shut-ahead.ts';
import { workloadOwners } from './workload-owner.ts';

const NO_PODS = { moving: [], resident: [], needs: { cpuMilli: 0, memoryBytes: 0, pods: 0 } };

/** How a wave stands against the present, and which of its nodes, and of the pods that were to leave others, went by themselves. */
export type WaveCheck =
  | Exclude<PlanCheck, { readonly verdict: 'holds' }>
  | { readonly verdict: 'holds'; readonly gone: readonly string[] };

/**
 * Holds one wave of a running plan against the cluster as it is now: its nodes are what they were, nothing new forbids to drain them,
 * what the waves before moved runs again, and their pods find a place on the nodes that stay and those that came or are to come.
 */
export function checkWave(
  plan: Plan,
  { wave }: Pick<PlanStep, 'wave'>,
  seen: SchedulableCluster | undefined,
  types: readonly CatalogType[],
  policy: DecisionPolicy,
): WaveCheck {
  if (seen?.cluster.state !== 'live') {
    return { verdict: 'away', text: `The agent of cluster ${plan.clusterName} is not connected.` };
  }
  const observed = withoutOwnCordons(plan, seen);
  const uids = new Set(
    plan.steps.flatMap(step =>
      step.wave === wave && step.kind === 'drain' && step.node ? [step.node.uid] : [],
    ),
  );
  const nodes = plan.remove.filter(({ uid }) => uids.has(uid));
  const closing = nodesToClose(plan, wave).filter(({ uid }) => !uids.has(uid));
  const standing = nodes.filter(({ uid }) => observed.nodes.some(node => node.uid === uid));
  const gone = nodes.filter(node => !standing.includes(node));
  if (gone.length > 0 && standing.length === 0 && wave === 1) {
    return {
      verdict: 'stale',
      text: gone.map(({ name }) => `Node ${name} is no longer in the cluster.`).join(' '),
    };
  }
  const room = checkRoom(
    plan.steps.filter(step => step.wave === wave),
    observed,
    policy,
  );
  const departure = {
    leaving: standing.map(({ name }) => name),
    closed: plan.remove.map(({ name }) => name),
    evicted: room,
    coming: comingNodes(plan, wave, observed),
  };
  const differences = [
    ...standing.flatMap(node => nodeDifferences(node, observed, policy)),
    ...closing.flatMap(node => cordonedByOthers(node, observed, policy)),
    ...room.differences,
    ...floorDifferences(plan, standing, room.leaving, observed, [], policy),
    ...withoutRoom(departure, observed, types, plan.pods),
  ];
  if (differences.length > 0) return { verdict: 'stale', text: [...new Set(differences)].join(' ') };
  const [passing] = [
    ...stillWaiting(plan, observed),
    ...standing.flatMap(node => passingBlockers(node, observed, policy)),
    ...room.passing,
  ];
  if (passing !== undefined) return { verdict: 'wait', text: passing };
  const later = closing.filter(({ uid }) => !observed.nodes.some(node => node.uid === uid));
  return { verdict: 'holds', gone: [...[...gone, ...later].map(({ uid }) => uid), ...room.gone] };
}

/** The cluster as it would be had the plan shut no node: what it shut itself is no reason against it. */
function withoutOwnCordons(plan: Plan, observed: SchedulableCluster): SchedulableCluster {
  const shut = shutBy(plan);
  if (shut.size === 0) return observed;
  const nodes = observed.nodes.map(node => (shut.has(node.uid) ? { ...node, cordoned: false } : node));
  return { ...observed, nodes };
}

/** Nodes that the wave is about to cordon. */
function nodesToClose({ steps }: Plan, wave: number): NonNullable<PlanStep['node']>[] {
  return steps.flatMap(step =>
    step.wave === wave && step.kind === 'cordon' && step.state === 'waiting' ? (step.node ?? []) : [],
  );
}

/** Whoever cordoned a node would find it uncordoned when the plan gives it back. */
function cordonedByOthers(
  { uid }: { readonly uid: string },
  observed: SchedulableCluster,
  policy: DecisionPolicy,
): string[] {
  const node = observed.nodes.find(one => one.uid === uid);
  if (!node?.cordoned) return [];
  return drainBlockers({ ...node, ready: true }, undefined, NO_PODS, [], policy).map(({ text }) => text);
}

/** Nodes that may be counted on: those that the wave orders, or those that the cluster's own provisioner still brings. */
function comingNodes(plan: Plan, wave: number, observed: SchedulableCluster): readonly PlanTarget[] {
  if (plan.steps.some(({ kind }) => kind === 'add-node')) {
    return plan.steps.flatMap(({ kind, wave: of, state, target }) =>
      kind === 'wait-ready' && of === wave && state !== 'done' ? (plan.add[target ?? -1] ?? []) : [],
    );
  }
  return provisionerSeen(observed) === undefined ? [] : stillComing(plan, observed);
}

/** Nodes of the plan that have not come yet: each that came since it began stands for one, of its own kind first. */
function stillComing(plan: Plan, observed: SchedulableCluster): PlanTarget[] {
  const startedAt = startOf(plan);
  const came = observed.nodes.filter(node => node.ready && node.createdAt >= startedAt);
  const coming = [...plan.add];
  const others = came.filter(node => {
    const place = coming.findIndex(
      target =>
        target.instanceType === node.instanceType &&
        target.zone === node.zone &&
        target.capacityType === node.capacityType,
    );
    if (place < 0) return true;
    coming.splice(place, 1);
    return false;
  });
  return coming.slice(others.length);
}

/** Pods of workloads that the plan moved, that still wait for a node. */
function stillWaiting(plan: Plan, { inventory }: SchedulableCluster): string[] {
  const startedAt = startOf(plan);
  const owners = workloadOwners(inventory.workloads);
  const moved = new Set(plan.pods.map(({ owner }) => owner));
  const waiting = inventory.pods.filter(
    pod =>
      pod.nodeName === null && !pod.terminating && pod.createdAt >= startedAt && moved.has(owners.keyOf(pod)),
  );
  const [first] = waiting;
  if (!first) return [];
  const more = waiting.length > 1 ? ` and ${waiting.length - 1} more wait` : ' waits';
  return [`Pod ${first.namespace}/${first.name}${more} for a node since the wave before.`];
}

/** Objects state whole seconds, so what came in the first one counts. */
function startOf({ steps }: Plan): number {
  const times = steps.flatMap(({ startedAt }) => startedAt ?? []);
  return Math.floor(Math.min(...times) / 1000) * 1000;
}
