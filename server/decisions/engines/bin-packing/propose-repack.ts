import type { PlanNode, PlanTarget, Reason, RoomyNode } from '../../../../common/contracts/index.ts';
import { AppError } from '../../../../common/errors.ts';
import {
  formatDuration,
  formatUsd,
  formatUsdPerHour,
  formatUsdPerMonth,
  MS_PER_HOUR,
} from '../../../../common/units/index.ts';
import { thresholdsOfPlan } from '../../policy/pool-thresholds.ts';
import type { DecisionPolicy } from '../../policy.ts';
import type { Arrangement } from '../../snapshot/arrange-snapshot.ts';
import type { Proposal } from '../engine.ts';
import type { RepackedNode } from './repack-answer.ts';

/** The proposal to pack the pods of a cluster anew, with every reason and dollar of it; `undefined` when no node goes. */
export function proposeRepack(
  arranged: Arrangement,
  nodes: readonly RepackedNode[],
  policy: DecisionPolicy,
): Proposal | undefined {
  const { improvement } = arranged;
  const { costBeforeMicroUsdPerHour, costAfterMicroUsdPerHour, lowerBoundMicroUsdPerHour } = improvement;
  const remove = removedNodes(arranged, nodes);
  const add = addedNodes(arranged);
  const makeRoom = roomyNodes(arranged, nodes);
  if (remove.length === 0) return undefined;
  const now = sumOf(remove);
  const after = sumOf(add);
  const { overlapMs } = thresholdsOfPlan(policy, remove);
  const switching = Math.ceil((overlapMs / MS_PER_HOUR) * (now + after));
  const saving = now - after;
  const cost = {
    nowMicroUsdPerHour: now,
    afterMicroUsdPerHour: after,
    // Pods on Spot keep to nodes that there are, and new nodes are on demand.
    riskMicroUsdPerHour: 0,
    switchingMicroUsd: switching,
    savingMicroUsdPerHour: saving,
    paybackMs: saving > 0 ? Math.ceil((switching / saving) * MS_PER_HOUR) : null,
  };
  return {
    kind: 'repack',
    title: titleOf(remove.length, add.length),
    reasons: reasonsOf(arranged, cost),
    remove,
    add,
    ...(makeRoom.length > 0 ? { makeRoom } : {}),
    cost,
    pods: arranged.moves.map(({ pod: { key, owner, inventory }, from, to }) => ({
      namespace: inventory.namespace,
      name: inventory.name,
      uid: inventory.uid,
      owner: owner === `Pod/${key}` ? null : owner,
      from,
      to,
      requests: inventory.requests,
    })),
    proof: {
      nowMicroUsdPerHour: costBeforeMicroUsdPerHour,
      afterMicroUsdPerHour: costAfterMicroUsdPerHour,
      // Rounded down: a bound may only ever be too low.
      lowerBoundMicroUsdPerHour: Math.floor(lowerBoundMicroUsdPerHour),
    },
    waves: arranged.waves.map(({ drain }) => drain.map(({ node }) => node)).filter(wave => wave.length > 0),
  };
}

function removedNodes({ compiled, improvement }: Arrangement, all: readonly RepackedNode[]): PlanNode[] {
  const priceOf = new Map(
    compiled.problem.existing.map(({ name, priceMicroUsdPerHour }) => [name, priceMicroUsdPerHour]),
  );
  const gone = new Set(improvement.rearrangement.remove);
  return all
    .filter(({ name }) => gone.has(name))
    .map(({ name, uid, instanceType, zone, capacityType, nodePool }) => ({
      name,
      uid,
      instanceType: instanceType ?? '',
      zone: zone ?? '',
      capacityType,
      priceMicroUsdPerHour: priceOf.get(name) ?? 0,
      nodePool,
    }));
}

/** Nodes that stay and that pods leave. */
function roomyNodes({ moves, improvement }: Arrangement, all: readonly RepackedNode[]): RoomyNode[] {
  const kept = new Set(improvement.rearrangement.keep);
  const left = new Set(moves.flatMap(({ from }) => (from !== null && kept.has(from) ? [from] : [])));
  return all
    .filter(({ name }) => left.has(name))
    .map(({ name, uid, instanceType, zone, capacityType, nodePool }) => ({
      name,
      uid,
      instanceType: instanceType ?? '',
      zone: zone ?? '',
      capacityType,
      nodePool: nodePool ?? null,
    }));
}

function addedNodes({ compiled, improvement }: Arrangement): PlanTarget[] {
  return improvement.rearrangement.add.flatMap(({ name, offer }): PlanTarget[] => {
    const bought = compiled.problem.offers[offer];
    const { instanceType, zone, allocatable, priceMicroUsdPerHour } = bought ?? {};
    // Offers for a live cluster are made where zone and price are known; none is bought without.
    if (!instanceType || !zone || !allocatable || priceMicroUsdPerHour == null)
      throw new AppError('bug.unexpected', `A node that has no place or price was packed: ${name}.`);
    return [
      {
        key: name,
        instanceType,
        zone,
        capacityType: 'on-demand',
        allocatable: { cpuMilli: allocatable.cpuMilli, memoryBytes: allocatable.memoryBytes },
        priceMicroUsdPerHour,
        predictedMicroUsdPerHour: priceMicroUsdPerHour,
        forecastBy: 'catalog',
        interruptionMaxPercentPerMonth: 0,
      },
    ];
  });
}

function reasonsOf(arranged: Arrangement, cost: Proposal['cost']): Reason[] {
  const { waves, moves, improvement, cluster } = arranged;
  const { costAfterMicroUsdPerHour: after, lowerBoundMicroUsdPerHour: bound } = improvement;
  const { remove, add } = improvement.rearrangement;
  const gap = bound > 0 ? Math.max(0, 100 * (after / bound - 1)) : null;
  const payback = cost.paybackMs === null ? '' : `, back after ${formatDuration(cost.paybackMs)}`;
  return [
    {
      code: 'saving',
      text: `Saves ${formatUsdPerHour(cost.savingMicroUsdPerHour)} (${formatUsdPerMonth(cost.savingMicroUsdPerHour)}): ${nodes(remove.length)} for ${formatUsdPerHour(cost.nowMicroUsdPerHour)} ${remove.length === 1 ? 'goes' : 'go'}, ${add.length === 0 ? 'none comes' : `${add.length} for ${formatUsdPerHour(cost.afterMicroUsdPerHour)} ${add.length === 1 ? 'comes' : 'come'}`}.`,
    },
    {
      code: 'proof',
      text: `The cluster then costs ${formatUsdPerHour(after)}; no set of nodes that holds these pods costs less than ${formatUsdPerHour(bound)}${gap === null ? '' : `, so at most ${Number(gap.toPrecision(3))} % more could be saved`}.`,
    },
    {
      code: 'moves',
      text: `${moves.length.toLocaleString('en-US')} ${moves.length === 1 ? 'pod moves' : 'pods move'} in ${waves.length} ${waves.length === 1 ? 'wave' : 'waves'}, each within the disruption budgets.`,
    },
    ...roomReasons(arranged),
    { code: 'switching', text: `Switching costs ${formatUsd(cost.switchingMicroUsd)} once${payback}.` },
    ...waves.flatMap(({ note }, index) =>
      note === null ? [] : [{ code: 'wave-note', text: `Wave ${index + 1}: ${note}` }],
    ),
    ...cluster.warnings.map(text => ({ code: 'warning', text })),
  ];
}

/** What moving pods off nodes that stay brings, or why it is not done. */
function roomReasons({ room, moves, improvement }: Arrangement): Reason[] {
  if (!room) return [];
  const more = `${formatUsdPerHour(room.savesMicroUsdPerHour)} (${formatUsdPerMonth(room.savesMicroUsdPerHour)})`;
  if (room.isLeftBecause !== undefined) {
    const why =
      room.isLeftBecause === 'no-order'
        ? `${waitingWords(room.waiting)} wait for each other’s room, and a pod that stepped aside would move twice`
        : 'that is less than the policy wants of a plan, and every move disturbs';
    return [
      {
        code: 'makes-no-room',
        text: `Moving pods off nodes that stay, to make room for others, would save ${more} more; it is not done: ${why}.`,
      },
    ];
  }
  const kept = new Set(improvement.rearrangement.keep);
  const leaving = moves.flatMap(({ from }) => (from !== null && kept.has(from) ? [from] : []));
  const sources = new Set(leaving).size;
  return [
    {
      code: 'makes-room',
      text: `${leaving.length === 1 ? 'One pod leaves' : `${leaving.length} pods leave`} ${sources === 1 ? 'a node that stays' : `${sources} nodes that stay`}, to make room for others: that saves ${more} more than draining whole nodes alone. Such a node is cordoned while its pods look for a place, and uncordoned after.`,
    },
    {
      code: 'scheduler-decides',
      text: 'The scheduler has the last word on where a pod goes: where each one runs is looked at after it was moved, and each wave is held against the cluster as it is then.',
    },
  ];
}

function titleOf(removed: number, added: number): string {
  return added === 0
    ? `Remove ${nodes(removed)}: ${removed === 1 ? 'its' : 'their'} pods fit on the others`
    : `Replace ${nodes(removed)} by ${added === 1 ? 'one new one' : `${added} new ones`}`;
}

function nodes(count: number): string {
  return count === 1 ? 'one node' : `${count} nodes`;
}

function sumOf(machines: readonly { readonly priceMicroUsdPerHour: number }[]): number {
  return machines.reduce((sum, { priceMicroUsdPerHour }) => sum + priceMicroUsdPerHour, 0);
}

/** Enough to see where it is. */
const NAMED_NODES = 3;

function waitingWords(names: readonly string[] = []): string {
  if (names.length <= NAMED_NODES) return `nodes ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return `nodes ${names.slice(0, NAMED_NODES).join(', ')} and ${names.length - NAMED_NODES} more`;
}
