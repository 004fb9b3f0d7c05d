import type { PackingPlan, PlanMachine } from '../../../common/contracts/index.ts';
import { formatUsdPerHour, HOURS_PER_MONTH, usdFromMicroUsd } from '../../../common/units/index.ts';
import type { Improvement } from '../packing/improve-cluster.ts';
import type { Rearrangement } from '../packing/rearrangement.ts';
import type { ThreadOptions } from '../packing/run-thread.ts';
import type { DecisionPolicy } from '../policy.ts';
import { arrangeSnapshot } from './arrange-snapshot.ts';
import type { MachineMarket } from './machine-market.ts';
import type { Snapshot } from './snapshot.ts';
import { stayReasons } from './stay-reasons.ts';

/**
 * The cheapest nodes for a cluster as a snapshot shows it: nothing is guessed that it does not say, and what is unknown stays.
 * The same snapshot and seed give the same plan unless time runs out.
 */
export async function planSnapshot(
  snapshot: Snapshot,
  market: MachineMarket,
  policy: DecisionPolicy,
  options: ThreadOptions,
): Promise<PackingPlan> {
  const arranged = await arrangeSnapshot(snapshot, market, policy, options);
  const { cluster, compiled, improvement, whatIf, moves, waves } = arranged;
  const { problem, prices } = compiled;
  const { rearrangement } = improvement;
  const places = new Map(cluster.nodes.map(({ name }, place) => [name, place]));
  const machineOf = (name: string): PlanMachine => {
    const place = places.get(name) ?? -1;
    const facts = cluster.nodes[place]?.facts;
    const price = problem.existing[place]?.priceMicroUsdPerHour ?? null;
    return {
      name,
      instanceType: facts?.instanceType ?? null,
      zone: facts?.zone ?? null,
      capacityType: facts?.capacityType ?? null,
      usdHour: price === null ? null : usdFromMicroUsd(price),
    };
  };
  const removed = new Map(rearrangement.remove.map(name => [name, goesText(machineOf(name))]));
  const reasonOf = (from: string | null, to: string): string => {
    if (from === null) return `It waits for a node; ${to} has room.`;
    const goes = removed.get(from);
    return goes === undefined
      ? `It makes room on ${from} for pods of nodes that go.`
      : `${goes}; ${to} has room.`;
  };
  return {
    ...figuresOf(improvement, cluster.nodes.length, rearrangement),
    unknownPrices: cluster.nodes.flatMap(({ name }, place) => {
      const price = prices[place];
      return price && 'unknown' in price ? [{ node: name, reason: price.unknown }] : [];
    }),
    nodes: {
      keep: rearrangement.keep,
      remove: rearrangement.remove.map(machineOf),
      add: rearrangement.add.map(({ name, offer }) => {
        const { instanceType, zone, capacityType, priceMicroUsdPerHour } = problem.offers[offer] ?? {};
        return {
          name,
          instanceType: instanceType ?? null,
          zone: zone ?? null,
          capacityType: capacityType ?? null,
          usdHour: priceMicroUsdPerHour == null ? null : usdFromMicroUsd(priceMicroUsdPerHour),
          like: compiled.templates[offer]?.name ?? '',
        };
      }),
    },
    moves: moves.map(({ pod, from, to }) => ({ pod: pod.key, from, to, reason: reasonOf(from, to) })),
    waves,
    blocked: stayReasons(cluster, compiled, improvement, whatIf),
    unplaced: rearrangement.unplaced.map(({ podClass, count, reason }) => ({
      pods: problem.pods[podClass]?.name ?? '',
      count,
      reason,
    })),
    brokenPreferences: rearrangement.brokenPreferences.map(({ podClass, kind, count }) => ({
      pods: problem.pods[podClass]?.name ?? '',
      kind,
      count,
    })),
    warnings: cluster.warnings,
  };
}

function figuresOf(improvement: Improvement, nodes: number, { keep, add }: Rearrangement) {
  const before = improvement.costBeforeMicroUsdPerHour;
  const after = improvement.costAfterMicroUsdPerHour;
  // Rounded down: a bound may only ever be too low.
  const bound = Math.floor(improvement.lowerBoundMicroUsdPerHour);
  return {
    before: { nodes, costUsdHour: usdFromMicroUsd(before) },
    after: { nodes: keep.length + add.length, costUsdHour: usdFromMicroUsd(after) },
    savesUsdMonth: usdFromMicroUsd(Math.round((before - after) * HOURS_PER_MONTH)),
    lowerBoundUsdHour: usdFromMicroUsd(bound),
    gap: bound > 0 ? Math.max(0, after / bound - 1) : null,
  };
}

function goesText({ name, usdHour }: PlanMachine): string {
  return `Node ${name} goes${usdHour === null ? '' : ` (${formatUsdPerHour(usdHour * 1e6)})`}`;
}
