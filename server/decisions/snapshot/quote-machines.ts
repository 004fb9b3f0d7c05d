import type { InventoryNode } from '../../../common/agent-protocol/index.ts';
import { nodeFacts } from '../../clusters/index.ts';
import type { MachineMarket, MachinePrice } from './machine-market.ts';
import { placeKey, type QuotedMachines, type QuotedNode } from './machine-quotes.ts';

/** Asks a market, once, for everything that a plan for these nodes may want to know. */
export function quoteMachines(nodes: readonly InventoryNode[], market: MachineMarket): QuotedMachines {
  const quoted = new Map<string, QuotedNode>();
  const places = new Map<string, { region: string; zone: string }>();
  for (const node of nodes) {
    const facts = nodeFacts(node);
    const { region, zone } = facts;
    quoted.set(node.name, { facts, price: priceOf(node.name, facts, market) });
    if (region !== null && zone !== null) places.set(`${region}/${zone}`, { region, zone });
  }
  const onDemand = new Map<string, number>();
  for (const place of places.values()) {
    for (const { instanceType } of market.types) {
      const machine = { ...place, instanceType };
      const price = market.priceOf({ ...machine, capacityType: 'on-demand' });
      if ('microUsdPerHour' in price) onDemand.set(placeKey(machine), price.microUsdPerHour);
    }
  }
  return { types: market.types, nodes: quoted, onDemand };
}

function priceOf(
  name: string,
  { region, zone, instanceType, capacityType }: QuotedNode['facts'],
  market: MachineMarket,
): MachinePrice {
  const known = market.nodePrices?.get(name);
  if (known) return known;
  if (instanceType === null) return { unknown: 'it has no label that names its instance type' };
  if (region === null || zone === null) return { unknown: 'it has no label of its zone' };
  if (capacityType === 'unknown') return { unknown: 'no label says whether it is Spot or on-demand' };
  return market.priceOf({ region, zone, instanceType, capacityType });
}
