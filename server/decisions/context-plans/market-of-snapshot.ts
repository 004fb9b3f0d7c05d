import { type NodePrice, nodeFacts, type PricedMachine } from '../../clusters/index.ts';
import {
  type Machine,
  type MachineCatalog,
  type MachineMarket,
  type MachinePrice,
  machineMarket,
} from '../snapshot/machine-market.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/** Prices for a cluster that is read once: list prices, and for its Spot nodes the price in force that the engine knows. */
export async function marketOfSnapshot(
  { nodes }: Pick<Snapshot, 'nodes'>,
  parts: {
    readonly market: { readonly catalog: MachineCatalog };
    readonly priceOfNode: (machine: PricedMachine) => Promise<NodePrice>;
  },
): Promise<MachineMarket> {
  const spot = new Map<string, MachinePrice>();
  for (const node of nodes) {
    const { region, zone, instanceType, capacityType } = nodeFacts(node);
    if (capacityType !== 'spot' || region === null || zone === null || instanceType === null) continue;
    const machine = { region, zone, instanceType, capacityType };
    const key = keyOf(machine);
    if (spot.has(key)) continue;
    const price = await parts.priceOfNode(machine);
    spot.set(
      key,
      // Plans put the reason into a sentence of their own.
      'unknown' in price
        ? { unknown: price.unknown.charAt(0).toLowerCase() + price.unknown.slice(1).replace(/\.$/, '') }
        : { microUsdPerHour: price.priceMicroUsdPerHour },
    );
  }
  return machineMarket(
    parts.market.catalog,
    machine =>
      spot.get(keyOf(machine)) ?? {
        unknown: `no node runs on Spot as ${machine.instanceType} in ${machine.zone}`,
      },
  );
}

function keyOf({ region, zone, instanceType }: Machine): string {
  return `${region}/${zone}/${instanceType}`;
}
