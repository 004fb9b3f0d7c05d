import type { PackingPlan, PlanMachine } from '../../../common/contracts/index.ts';
import { formatUsdPerHour, HOURS_PER_MONTH, usdFromMicroUsd } from '../../../common/units/index.ts';
import type { Improvement } from '../packing/improve-cluster.ts';
import type { Rearrangement } from '../packing/rearrangement.ts';
import type { Arrangement } from './arrange-snapshot.ts';
import type { QuotedNode } from './machine-quotes.ts';
import { outOfTime, stayReasons } from './stay-reasons.ts';

/** An arrangement in words and dollars: every node that goes, comes or stays, every move, every wave, with the reasons. */
export function writePlan({
  cluster,
  compiled,
  improvement,
  whatIf,
  moves,
  waves,
}: Arrangement): PackingPlan {
  const { problem } = compiled;
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
    unknownPrices: unknownPrices(cluster.nodes),
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
    blocked: stayReasons(cluster, improvement, whatIf),
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

/**
 * That everything stays as it is, in the same words: what a plan is when time runs out before anything is found.
 * @param pending pods that wait for a node
 */
export function unchangedPlan(
  nodes: readonly (Pick<QuotedNode, 'price'> & { readonly name: string })[],
  pending: readonly string[],
  warnings: readonly string[],
): PackingPlan {
  const cost = nodes.reduce((sum, { price }) => sum + ('unknown' in price ? 0 : price.microUsdPerHour), 0);
  const figures = { nodes: nodes.length, costUsdHour: usdFromMicroUsd(cost) };
  return {
    before: figures,
    after: figures,
    savesUsdMonth: 0,
    lowerBoundUsdHour: 0,
    gap: null,
    unknownPrices: unknownPrices(nodes),
    nodes: { keep: nodes.map(({ name }) => name), remove: [], add: [] },
    moves: [],
    waves: [],
    blocked: nodes.map(({ name }) => ({ node: name, reasons: [outOfTime(name)] })),
    unplaced: pending.map(pods => ({ pods, count: 1, reason: 'Time ran out before a place was found.' })),
    brokenPreferences: [],
    warnings,
  };
}

function unknownPrices(
  nodes: readonly (Pick<QuotedNode, 'price'> & { readonly name: string })[],
): PackingPlan['unknownPrices'] {
  return nodes.flatMap(({ name, price }) =>
    'unknown' in price ? [{ node: name, reason: price.unknown }] : [],
  );
}
