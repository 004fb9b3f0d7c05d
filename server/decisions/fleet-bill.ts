import type { NodeView } from '../../common/contracts/index.ts';
import { SPOT_PRODUCT } from './engines/spot/spot-candidates.ts';
import type { PaidNode } from './neighbours.ts';

type BilledNode = Pick<
  NodeView,
  'uid' | 'region' | 'zone' | 'instanceType' | 'capacityType' | 'priceMicroUsdPerHour'
>;

/** What all of these nodes cost after Savings Plans, Reserved Instances and discounts, used or not, in micro-USD per hour. */
export type FleetTotal = (nodes: readonly PaidNode[]) => number;

/**
 * What leaves the bill with a node. Without agreements that is its price; with them less, down to nothing where a commitment
 * that is paid for anyway would lie idle. Nodes that were given up before count as gone: two nodes on one reservation cannot
 * both be called its cover.
 */
export class FleetBill {
  readonly #total: FleetTotal | undefined;
  readonly #left: Map<string, PaidNode>;
  readonly #savedByKind = new Map<string, number>();
  #totalLeft: number | undefined;

  /**
   * @param nodes of every cluster on the bill; those of unknown price, place or type take no part
   * @param total `undefined` where no agreement is known
   */
  constructor(nodes: readonly BilledNode[], total: FleetTotal | undefined) {
    this.#total = total;
    this.#left = new Map(nodes.flatMap(node => paidNode(node) ?? []).map(node => [node.id, node]));
  }

  /** Integer micro-USD per hour that are no longer paid without the node; `undefined` when its price is unknown. */
  savedWithout(node: BilledNode): number | undefined {
    if (node.priceMicroUsdPerHour === null) return undefined;
    const paid = this.#left.get(node.uid);
    if (this.#total === undefined || paid === undefined) return Math.floor(node.priceMicroUsdPerHour);
    const kind = JSON.stringify({ ...paid, id: undefined });
    const known = this.#savedByKind.get(kind);
    if (known !== undefined) return known;
    this.#totalLeft ??= this.#total([...this.#left.values()]);
    const without = this.#total([...this.#left.values()].filter(({ id }) => id !== node.uid));
    const saved = Math.floor(this.#totalLeft - without);
    this.#savedByKind.set(kind, saved);
    return saved;
  }

  /** Takes a node off the bill. */
  remove(uid: string): void {
    if (!this.#left.delete(uid)) return;
    this.#savedByKind.clear();
    this.#totalLeft = undefined;
  }
}

function paidNode(node: BilledNode): PaidNode | undefined {
  const { uid, region, zone, instanceType, capacityType, priceMicroUsdPerHour } = node;
  if (region === null || instanceType === null || capacityType === 'unknown') return undefined;
  const spotMicroUsdPerHour =
    capacityType === 'spot' && priceMicroUsdPerHour !== null ? priceMicroUsdPerHour : undefined;
  return { id: uid, region, zone, instanceType, product: SPOT_PRODUCT, capacityType, spotMicroUsdPerHour };
}
