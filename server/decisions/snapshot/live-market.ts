import { setImmediate } from 'node:timers/promises';
import type { NodeView } from '../../../common/contracts/index.ts';
import type { FleetBill } from '../fleet-bill.ts';
import {
  type MachineCatalog,
  type MachineMarket,
  type MachinePrice,
  machineMarket,
} from './machine-market.ts';

/**
 * Prices for a live cluster: nodes by what leaves the bill with them, new ones on demand at the list price. Nodes leave the bill one
 * after the other, in the order of their names: what several under one Savings Plan or reservation save together is never overstated,
 * because the more have gone, the less each further one saves.
 * @param bill over all clusters; it is used up
 */
export async function liveMarket(
  nodes: readonly NodeView[],
  catalog: MachineCatalog,
  bill: FleetBill,
): Promise<MachineMarket> {
  const nodePrices = new Map<string, MachinePrice>();
  for (const node of nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const saved = bill.savedWithout(node);
    nodePrices.set(
      node.name,
      saved === undefined
        ? { unknown: withoutFullStop(node.priceUnknownReason ?? 'no price is known') }
        : { microUsdPerHour: Math.max(0, saved) },
    );
    bill.remove(node.uid);
    // A bill with many commitments takes milliseconds, for each node.
    await setImmediate();
  }
  return {
    ...machineMarket(catalog, ({ instanceType, zone }) => ({
      unknown: `no node runs on Spot as ${instanceType} in ${zone}`,
    })),
    nodePrices,
  };
}

/** Plans put the reason into a sentence of their own. */
function withoutFullStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
