import type { PackingPlan } from '../../../common/contracts/index.ts';
import { formatUsdPerHour } from '../../../common/units/index.ts';
import { ownerChangesText } from '../owners/owner-changes-text.ts';

/** How many of a long list are printed; --json has all. */
const SHOWN = 20;

/** A plan for a terminal. */
export function planText(plan: PackingPlan): string {
  const {
    before,
    after,
    nodes,
    moves,
    waves,
    blocked,
    unknownPrices,
    unplaced,
    brokenPreferences,
    warnings,
  } = plan;
  return `${[
    `now          ${before.nodes} nodes, ${hourly(before.costUsdHour)}`,
    `planned      ${after.nodes} nodes, ${hourly(after.costUsdHour)}: saves ${monthly(plan.savesUsdMonth)}`,
    `at least     ${hourly(plan.lowerBoundUsdHour)}${plan.gap === null ? '' : `, so at most ${(plan.gap * 100).toFixed(1)} % above the cheapest possible`}`,
    ...(unknownPrices.length === 0
      ? []
      : [`not counted  ${unknownPrices.length} nodes of unknown price: ${unknownPrices[0]?.reason ?? ''}`]),
    ...section('remove', nodes.remove, one => machine(one)),
    ...section('add', nodes.add, one => `${machine(one)}, like ${one.like}`),
    ...section('waves', waves, (wave, index) =>
      [
        `${index + 1}. ${wave.add.length > 0 ? `add ${wave.add.join(', ')}; ` : ''}drain ${wave.drain.map(({ node, pods, isRemoved }) => `${node} (${pods.length} ${pods.length === 1 ? 'pod' : 'pods'}${isRemoved ? '' : ', it stays'})`).join(', ') || 'nothing'}`,
        ...wave.budgets.map(
          ({ budget, evictions, allowed }) => `   ${budget}: ${evictions} of ${allowed} evictions allowed`,
        ),
        ...(wave.note === null ? [] : [`   ${wave.note}`]),
      ].join('\n  '),
    ),
    ...section('moves', moves, ({ pod, from, to }) => `${pod}: ${from ?? 'pending'} → ${to}`),
    ...section('stay', blocked, ({ node, reasons }) =>
      [
        node,
        ...reasons.map(
          ({ text, unblock, savesUsdMonth }) =>
            `   ${text}${unblock === null ? '' : ` ${unblock}`}${savesUsdMonth === null ? '' : ` (about ${monthly(savesUsdMonth)} if the node could go)`}`,
        ),
      ].join('\n  '),
    ),
    ...section('not placed', unplaced, ({ pods, count, reason }) => `${count} × ${pods}. ${reason}`),
    ...section('would rather', brokenPreferences, ({ pods, kind, count }) => `${count} × ${pods}: ${kind}`),
    ...section('note', warnings, warning => warning),
    ...(plan.ownerChanges === undefined ? [] : ownerChangesText(plan.ownerChanges)),
  ].join('\n')}\n`;
}

function section<T>(title: string, items: readonly T[], line: (item: T, index: number) => string): string[] {
  if (items.length === 0) return [];
  const more = items.length - SHOWN;
  return [
    '',
    title,
    ...items.slice(0, SHOWN).map((item, index) => `  ${line(item, index)}`),
    ...(more > 0 ? [`  and ${more} more; --json has all`] : []),
  ];
}

/** `m5.large on-demand in us-east-1a, $0.0960/h`. */
export function machine({
  name,
  instanceType,
  zone,
  capacityType,
  usdHour,
}: PackingPlan['nodes']['remove'][number]): string {
  const price = usdHour === null ? 'price unknown' : hourly(usdHour);
  return `${name}: ${instanceType ?? 'unknown type'} ${capacityType ?? ''} in ${zone ?? 'unknown zone'}, ${price}`;
}

export function hourly(usd: number): string {
  return formatUsdPerHour(Math.round(usd * 1e6));
}

export function monthly(usd: number): string {
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}/month`;
}
