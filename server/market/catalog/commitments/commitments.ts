import type { Provenance } from '../../../../common/contracts/index.ts';

/** When a commitment is paid for and applied; `null` is open. Milliseconds. */
export interface Term {
  readonly startsAt: number | null;
  readonly endsAt: number | null;
}

/** What usage is charged at under a Savings Plan. `null` matches all. The first one that matches holds. */
export interface PlanRate {
  readonly region: string | null;
  readonly family: string | null;
  readonly instanceType: string | null;
  readonly product: string | null;
  /** Exactly one of the two is known. */
  readonly microUsdPerHour: number | null;
  /** Percent off the list price. */
  readonly percent: number | null;
}

export interface SavingsPlan extends Term {
  readonly id: string;
  readonly kind: 'compute' | 'ec2-instance';
  /** Of an EC2 Instance Savings Plan; `null` for a Compute Savings Plan. */
  readonly region: string | null;
  readonly family: string | null;
  /** Paid each hour, used or not. */
  readonly commitmentMicroUsdPerHour: number;
  readonly rates: readonly PlanRate[];
}

export interface ReservedInstance extends Term {
  readonly id: string;
  readonly instanceType: string;
  readonly region: string;
  /** `null`: regional. */
  readonly zone: string | null;
  readonly product: string;
  readonly count: number;
  /** Of one instance, what was paid upfront spread over the term. Paid each hour, used or not. */
  readonly effectiveMicroUsdPerHour: number;
  readonly sizeFlexible: boolean;
}

/** Agreed percent off list prices, or off Spot prices. Of several that match the largest holds; they are not added. */
export interface Discount {
  readonly id: string;
  readonly capacityType: 'on-demand' | 'spot';
  readonly region: string | null;
  readonly family: string | null;
  readonly instanceType: string | null;
  readonly product: string | null;
  readonly percent: number;
}

/** All that an organisation has agreed with AWS about instances. */
export interface Commitments {
  readonly provenance: Provenance;
  readonly savingsPlans: readonly SavingsPlan[];
  readonly reservedInstances: readonly ReservedInstance[];
  readonly discounts: readonly Discount[];
}

export const NO_COMMITMENTS: Commitments = {
  provenance: { source: 'no commitments file', asOf: 0 },
  savingsPlans: [],
  reservedInstances: [],
  discounts: [],
};

/** Whether a commitment holds at a moment; the end is not part of it. */
export function isInForce({ startsAt, endsAt }: Term, atMs: number): boolean {
  return (startsAt === null || startsAt <= atMs) && (endsAt === null || atMs < endsAt);
}
