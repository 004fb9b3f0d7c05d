/** A node that is paid for by the hour, with the price that it would have without any agreement. */
export interface PricedNode {
  readonly id: string;
  readonly region: string;
  readonly zone: string | null;
  readonly instanceType: string;
  readonly product: string;
  readonly capacityType: 'on-demand' | 'spot';
  /** List price, or the Spot price in force; `undefined` when unknown. */
  readonly priceMicroUsdPerHour: number | undefined;
}

/** A part of what a node costs. `share` is the part of the node's hour that it pays for: 0…1. */
export interface CostPart {
  readonly kind: 'reserved-instance' | 'savings-plan' | 'on-demand' | 'spot';
  /** The commitment or discount; `null` for a price without any. */
  readonly commitmentId: string | null;
  readonly share: number;
  readonly microUsdPerHour: number;
}

export interface NodeCost {
  readonly id: string;
  /** The sum of its parts; `undefined` when a part of its hour has no known price. */
  readonly microUsdPerHour: number | undefined;
  readonly parts: readonly CostPart[];
}

/** A commitment and what of it was used in the hour; used and unused are together what was committed. */
export interface CommitmentUse {
  readonly id: string;
  readonly kind: 'reserved-instance' | 'savings-plan';
  readonly committedMicroUsdPerHour: number;
  readonly usedMicroUsdPerHour: number;
  readonly unusedMicroUsdPerHour: number;
}

export interface AppliedCommitments {
  readonly nodes: readonly NodeCost[];
  readonly uses: readonly CommitmentUse[];
  /** What is paid on top of the commitments, of nodes with known prices. */
  readonly beyondMicroUsdPerHour: number;
  /** The bill: commitments, used or not, and what is beyond. */
  readonly totalMicroUsdPerHour: number;
  /** Nodes of which a part has no known price; they are not in the sums. */
  readonly unknownNodes: readonly string[];
}

/** A node while commitments are laid over it. Units are whole numbers, so that nothing is lost in parts. */
export interface OpenNode {
  readonly node: PricedNode;
  readonly units: number;
  openUnits: number;
  readonly parts: CostPart[];
}
