import type { CapacityType } from '../../../common/contracts/index.ts';
import type { MachinePrice } from './machine-market.ts';
import type { MachineType } from './node-templates.ts';

/** A node that runs: what its labels tell of its machine, `null` where they do not, and what is saved with it. */
export interface QuotedNode {
  readonly facts: {
    readonly region: string | null;
    readonly zone: string | null;
    readonly instanceType: string | null;
    readonly capacityType: CapacityType;
    readonly arch: string | null;
  };
  readonly price: MachinePrice;
}

/** What a plan wants to know of machines, as plain data: it is made in another thread. */
export interface QuotedMachines {
  readonly types: readonly MachineType[];
  /** By name. */
  readonly nodes: ReadonlyMap<string, QuotedNode>;
  /** micro-USD per hour by `placeKey`; what has no known price is absent. */
  readonly onDemand: ReadonlyMap<string, number>;
}

/** Where which machine would be bought. */
export function placeKey({
  region,
  zone,
  instanceType,
}: {
  readonly region: string;
  readonly zone: string;
  readonly instanceType: string;
}): string {
  return `${region}/${zone}/${instanceType}`;
}
