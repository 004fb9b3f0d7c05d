import { familyOf } from '../../../../common/units/index.ts';
import type { Discount } from './commitments.ts';
import type { PricedNode } from './node-cost.ts';

/** What a rate or a discount is for; `null` matches all. */
interface Selector {
  readonly region: string | null;
  readonly family: string | null;
  readonly instanceType: string | null;
  readonly product: string | null;
}

/** Whether a rate or discount is for a node. */
export function isFor(selector: Selector, node: PricedNode): boolean {
  const { region, family, instanceType, product } = selector;
  return (
    (region === null || region === node.region) &&
    (family === null || family === familyOf(node.instanceType)) &&
    (instanceType === null || instanceType === node.instanceType) &&
    (product === null || product === node.product)
  );
}

/** The largest discount that is for a node; `undefined` when there is none. */
export function discountFor(node: PricedNode, discounts: readonly Discount[]): Discount | undefined {
  let largest: Discount | undefined;
  for (const discount of discounts) {
    if (discount.capacityType !== node.capacityType || !isFor(discount, node)) continue;
    if (largest === undefined || discount.percent > largest.percent) largest = discount;
  }
  return largest;
}
