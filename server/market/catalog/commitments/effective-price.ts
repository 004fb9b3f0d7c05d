import type { Provenance } from '../../../../common/contracts/index.ts';
import { formatUsdPerHour } from '../../../../common/units/index.ts';
import { applyCommitments } from './apply-commitments.ts';
import type { Commitments } from './commitments.ts';
import type { CostPart, PricedNode } from './node-cost.ts';

/** What one more node costs after all agreements. */
export interface EffectivePrice {
  /** Its share of the bill: what its hour is charged at, commitments at their own rate. Never above the list price. */
  readonly microUsdPerHour: number;
  /**
   * What it adds to the bill. Commitments are paid for whether they are used or not: while one lies idle that fits, the
   * node adds less than its share, down to nothing; when all are used up it adds the list price less the discount.
   */
  readonly marginalMicroUsdPerHour: number;
  /** What the share is made of, in words. */
  readonly components: readonly { readonly kind: CostPart['kind']; readonly text: string }[];
  /** Of the list or Spot price, and of the commitments where they take part. */
  readonly provenance: readonly Provenance[];
}

/** A price, or what is missing for it. */
export type EffectivePriceAnswer = EffectivePrice | { readonly unknown: string };

/**
 * The effective price of one node beside those that run already. With no running nodes the commitments are all idle.
 * @param priceProvenance of the list price or Spot price of `node`
 */
export function effectivePrice(
  node: PricedNode,
  priceProvenance: Provenance | undefined,
  running: readonly PricedNode[],
  commitments: Commitments,
  atMs: number,
): EffectivePriceAnswer {
  // Running ones come first in the list, and so keep what they have where all else is equal.
  const after = applyCommitments([...running, node], commitments, atMs);
  const cost = after.nodes.at(-1);
  if (cost?.microUsdPerHour === undefined) {
    const what = node.capacityType === 'spot' ? 'Spot' : 'on-demand';
    return {
      unknown: `No ${what} price of ${node.instanceType} (${node.product}) in ${node.region} is known.`,
    };
  }
  const before = applyCommitments(running, commitments, atMs);
  const isDiscounted = cost.parts.some(part => part.commitmentId !== null);
  return {
    microUsdPerHour: cost.microUsdPerHour,
    marginalMicroUsdPerHour: after.beyondMicroUsdPerHour - before.beyondMicroUsdPerHour,
    components: cost.parts.map(part => ({ kind: part.kind, text: textOf(part) })),
    provenance: [
      ...(priceProvenance ? [priceProvenance] : []),
      ...(isDiscounted ? [commitments.provenance] : []),
    ],
  };
}

const NAME: Readonly<Record<CostPart['kind'], string>> = {
  'reserved-instance': 'Reserved Instance',
  'savings-plan': 'Savings Plan',
  'on-demand': 'on-demand',
  spot: 'Spot',
};

/** `40 % by Savings Plan sp-1: $0.0200/h`. */
function textOf({ kind, commitmentId, share, microUsdPerHour }: CostPart): string {
  const isAgreement = kind === 'on-demand' || kind === 'spot';
  const by =
    commitmentId === null
      ? NAME[kind]
      : isAgreement
        ? `${NAME[kind]} less ${commitmentId}`
        : `${NAME[kind]} ${commitmentId}`;
  return `${Math.round(share * 100)} % by ${by}: ${formatUsdPerHour(microUsdPerHour)}`;
}
