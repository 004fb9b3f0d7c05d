import type { CatalogType, CatalogTypeFacts } from '../../../common/contracts/index.ts';
import type { MachineType } from './node-templates.ts';

/** The price of a machine in micro-USD per hour, or why it is unknown. */
export type MachinePrice = { readonly microUsdPerHour: number } | { readonly unknown: string };

/** What sets the price of a machine. */
export interface Machine {
  readonly region: string;
  readonly zone: string;
  readonly instanceType: string;
  readonly capacityType: 'on-demand' | 'spot';
}

/** What is known of machines. */
export interface MachineMarket {
  readonly types: readonly MachineType[];
  priceOf(machine: Machine): MachinePrice;
  /** What is saved with a node that runs, by its name, where that is known better than by its machine. */
  readonly nodePrices?: ReadonlyMap<string, MachinePrice>;
}

/** What a market of machines is made from. */
export interface MachineCatalog {
  all(): readonly CatalogType[];
  typeOf(
    instanceType: string,
  ): Pick<CatalogTypeFacts, 'bareMetal' | 'burstable' | 'currentGeneration'> | undefined;
  onDemandMicroUsdPerHour(region: string, instanceType: string): number | undefined;
}

/**
 * List prices of a catalog, and Spot prices as they are given. New nodes are on demand: which pool of Spot to trust is a decision of
 * the Spot engine.
 */
export function machineMarket(
  catalog: MachineCatalog,
  spotPriceOf: (machine: Machine) => MachinePrice,
): MachineMarket {
  return {
    types: catalog.all().flatMap(type => {
      const facts = catalog.typeOf(type.instanceType);
      // Bare metal starts slowly, and what AWS no longer lists as current may not be had.
      if (!facts || facts.bareMetal || !facts.currentGeneration) return [];
      return { ...type, isBurstable: facts.burstable };
    }),
    priceOf: machine => {
      if (machine.capacityType === 'spot') return spotPriceOf(machine);
      const { region, instanceType } = machine;
      const price = catalog.onDemandMicroUsdPerHour(region, instanceType);
      return price === undefined
        ? { unknown: `the catalog has no on-demand price of ${instanceType} in ${region}` }
        : { microUsdPerHour: price };
    },
  };
}
