import type { Reason } from '../../../../common/contracts/index.ts';
import {
  formatDuration,
  formatUsd,
  formatUsdPerHour,
  formatUsdPerMonth,
} from '../../../../common/units/index.ts';
import { drainWarnings } from '../../drain-blockers.ts';
import type { WorkloadOwners } from '../../workload-owner.ts';
import type { DecisionState, PoolOutlook, Proposal } from '../engine.ts';
import { type ConsideredNode, coverReason, isKnown } from './consider-node.ts';
import { BYTES_PER_MIB, type SpotCandidate } from './spot-candidates.ts';

/** The proposal to move a node into a pool, with every reason and dollar of it. */
export function proposeMove(
  entry: ConsideredNode,
  chosen: SpotCandidate,
  state: DecisionState,
  owners: WorkloadOwners,
): Proposal {
  const { node, occupancy } = entry;
  const { outlook, cost, type, interruptionMaxPercentPerMonth } = chosen;
  const zone = outlook.pool.availabilityZone;
  return {
    kind: 'replace-node',
    title: `Replace ${shortName(node.name)} (${node.instanceType} ${node.capacityType}) by ${type.instanceType} Spot in ${zone}`,
    reasons: [
      ...(isKnown(node) ? coverReason(node, cost.nowMicroUsdPerHour) : []),
      ...moneyReasons(chosen),
      ...drainWarnings(occupancy, state.inventory.budgets, owners),
    ],
    remove: [
      {
        name: node.name,
        uid: node.uid,
        instanceType: node.instanceType ?? '',
        zone: node.zone ?? '',
        capacityType: node.capacityType,
        priceMicroUsdPerHour: cost.nowMicroUsdPerHour,
      },
    ],
    add: [
      {
        key: 'new-1',
        instanceType: type.instanceType,
        allocatable: {
          cpuMilli: type.allocatableCpuMilli,
          memoryBytes: type.allocatableMemoryMib * BYTES_PER_MIB,
        },
        zone,
        capacityType: 'spot',
        priceMicroUsdPerHour: Math.round(outlook.priceMicroUsdPerHour),
        predictedMicroUsdPerHour: Math.round(outlook.predictedMicroUsdPerHour),
        forecastBy: outlook.by,
        interruptionMaxPercentPerMonth,
      },
    ],
    cost,
    pods: occupancy.moving.map(pod => ({
      namespace: pod.namespace,
      name: pod.name,
      uid: pod.uid,
      owner: owners.keyOf(pod),
      from: node.name,
      to: 'new-1',
      requests: pod.requests,
    })),
    proof: null,
  };
}

/** `ip-10-0-43-17` of `ip-10-0-43-17.ec2.internal`: the domain is the same for all nodes. */
function shortName(node: string): string {
  return node.split('.')[0] ?? node;
}

function moneyReasons({ cost, outlook, type, interruptionMaxPercentPerMonth }: SpotCandidate): Reason[] {
  const horizon = formatDuration(outlook.horizonHours * 3_600_000);
  const payback = cost.paybackMs === null ? '' : `, back after ${formatDuration(cost.paybackMs)}`;
  return [
    {
      code: 'saving',
      text: `Saves ${formatUsdPerHour(cost.savingMicroUsdPerHour)} (${formatUsdPerMonth(cost.savingMicroUsdPerHour)}): now ${formatUsdPerHour(cost.nowMicroUsdPerHour)}, then ${formatUsdPerHour(cost.afterMicroUsdPerHour)} and ${formatUsdPerHour(cost.riskMicroUsdPerHour)} for interruptions.`,
    },
    {
      code: 'forecast',
      text: `${type.instanceType} Spot costs ${formatUsdPerHour(outlook.priceMicroUsdPerHour)} now; for ${horizon} from now “${outlook.by}” expects ${formatUsdPerHour(outlook.predictedMicroUsdPerHour)}.`,
    },
    {
      code: 'interruption',
      text: interruptionText(outlook.interruptionSource, interruptionMaxPercentPerMonth),
    },
    {
      code: 'switching',
      text: `Switching costs ${formatUsd(cost.switchingMicroUsd)} once${payback}.`,
    },
  ];
}

function interruptionText(source: PoolOutlook['interruptionSource'], percentPerMonth: number): string {
  if (source === 'model')
    return `${Number(percentPerMonth.toPrecision(3))} % of such nodes are expected to be interrupted in a month.`;
  if (source === 'notice')
    return `AWS warned of this pool not long ago: ${percentPerMonth} % of such nodes are taken to be interrupted in a month.`;
  return `At most ${percentPerMonth} % of such nodes are interrupted in a month.`;
}
