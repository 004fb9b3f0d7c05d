import { ENGINE_CONTRACT_VERSION, type EngineInput, type NodeView } from '../../../common/contracts/index.ts';
import { drainBlockers } from '../drain-blockers.ts';
import type { DecisionForecasts, DecisionState, PoolOutlook } from '../engines/engine.ts';
import { occupancyByNode } from '../node-occupancy.ts';
import type { DecisionPolicy } from '../policy.ts';
import { workloadOwners } from '../workload-owner.ts';

/** What a plug-in engine sees of a decision: copies of plain values, money in integer micro-USD. */
export function engineInput(
  state: DecisionState,
  forecasts: DecisionForecasts,
  policy: DecisionPolicy,
  parameters: EngineInput['parameters'],
): EngineInput {
  const { inventory, cluster } = state;
  const owners = workloadOwners(inventory.workloads);
  const ofUid = new Map(inventory.nodes.map(node => [node.uid, node]));
  const moving = new Set(state.underWay.flatMap(move => move.removes));
  const occupancyOf = occupancyByNode(inventory.pods);
  const bill = state.openBill();
  const inputNode = (node: NodeView): EngineInput['nodes'][number] => {
    const { name, uid, instanceType, zone, region, arch, capacityType, ready, cordoned } = node;
    const own = ofUid.get(uid);
    const blockers = drainBlockers(node, own, occupancyOf(name), inventory.budgets, policy);
    return {
      uid,
      name,
      instanceType,
      zone,
      region,
      arch,
      capacityType,
      ready,
      cordoned,
      createdAt: node.createdAt,
      labels: own?.labels ?? {},
      taints: own?.taints ?? [],
      allocatable: node.allocatable,
      requested: node.requested,
      priceMicroUsdPerHour: node.priceMicroUsdPerHour === null ? null : Math.floor(node.priceMicroUsdPerHour),
      savedMicroUsdPerHour: bill.savedWithout(node) ?? null,
      isMoving: moving.has(uid),
      blockers: blockers.map(({ code, object, text }) => ({ code, object, text })),
    };
  };
  return {
    contractVersion: ENGINE_CONTRACT_VERSION,
    asOf: state.asOf,
    cluster: { name: cluster.name, region: cluster.region },
    nodes: state.nodes.map(inputNode),
    pods: inventory.pods.map(pod => ({
      uid: pod.uid,
      namespace: pod.namespace,
      name: pod.name,
      nodeName: pod.nodeName,
      phase: pod.phase,
      terminating: pod.terminating,
      workload: owners.keyOf(pod),
      ownerKind: pod.ownerKind,
      requests: pod.requests,
      labels: pod.labels,
      nodeSelector: pod.nodeSelector,
      tolerations: pod.tolerations,
      priority: pod.priority,
      hasLocalStorage: pod.hasLocalStorage,
      hasAffinity: pod.hasAffinity,
      doNotDisrupt: pod.doNotDisrupt,
    })),
    workloads: inventory.workloads.map(({ kind, namespace, name, replicas, readyReplicas }) => ({
      kind,
      namespace,
      name,
      replicas,
      readyReplicas,
    })),
    budgets: inventory.budgets.map(({ namespace, name, selector, disruptionsAllowed }) => ({
      namespace,
      name,
      selector,
      disruptionsAllowed,
    })),
    types: [...forecasts.types],
    pools: [...forecasts.pools.values()].map(inputPool),
    poolsOfWorkload: Object.fromEntries(
      [...forecasts.poolsOfWorkload].map(([workload, pools]) => [
        workload,
        [...pools.values()].map(inputPool),
      ]),
    ),
    policy: inputPolicy(policy),
    parameters,
  };
}

function inputPool(outlook: PoolOutlook): EngineInput['pools'][number] {
  const { pool } = outlook;
  return {
    region: pool.region,
    zone: pool.availabilityZone,
    instanceType: pool.instanceType,
    capacityType: 'spot',
    priceMicroUsdPerHour: Math.round(outlook.priceMicroUsdPerHour),
    predictedMicroUsdPerHour: Math.round(outlook.predictedMicroUsdPerHour),
    forecastBy: outlook.by,
    horizonHours: outlook.horizonHours,
    interruptionMaxPercentPerMonth: outlook.interruptionMaxPercentPerMonth ?? null,
  };
}

/** Fields by name: what is added to the policy later reaches no plug-in by accident. */
function inputPolicy(policy: DecisionPolicy): EngineInput['policy'] {
  return {
    minimumSavingShare: policy.minimumSavingShare,
    minimumSavingMicroUsdPerHour: policy.minimumSavingMicroUsdPerHour,
    minimumSpotToSpotSavingShare: policy.minimumSpotToSpotSavingShare,
    maximumPaybackMs: policy.maximumPaybackMs,
    overlapMs: policy.overlapMs,
    lostWorkMs: policy.lostWorkMs,
    interruptionMicroUsd: policy.interruptionMicroUsd,
    maximumPoolShare: policy.maximumPoolShare,
    minimumPoolNodes: policy.minimumPoolNodes,
    onDemandShare: policy.onDemandShare,
    onDemandNodes: policy.onDemandNodes,
    allowLocalStorage: policy.allowLocalStorage,
    allowOtherZones: policy.allowOtherZones,
  };
}
