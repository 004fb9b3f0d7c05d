import type { NodePrice, PricedMachine } from './clusters/index.ts';
import type { Market } from './market/index.ts';

const PRODUCT = 'Linux/UNIX';

/**
 * What a node costs an hour: on-demand nodes by the catalog's list price, Spot nodes by the price in force.
 * What is not known is said, with what would resolve it.
 */
export async function priceOfNode(market: Market, machine: PricedMachine): Promise<NodePrice> {
  const { region, zone, instanceType, capacityType } = machine;
  if (capacityType === 'unknown')
    return { unknown: 'The node has no label that says whether it is Spot or on-demand.' };
  if (capacityType === 'on-demand') {
    const price = market.catalog.onDemandMicroUsdPerHour(region, instanceType);
    if (price === undefined) {
      return { unknown: `The catalog has no on-demand price of ${instanceType} in ${region}.` };
    }
    const provenance = market.catalog.onDemandProvenance(region, instanceType) ?? market.catalog.provenance;
    return { priceMicroUsdPerHour: price, provenance };
  }
  if (zone === null) return { unknown: 'The node has no label of its zone.' };
  const last = await market.prices.lastPrice({
    region,
    availabilityZone: zone,
    instanceType,
    product: PRODUCT,
  });
  if (last === undefined) {
    return {
      unknown: `No Spot price of ${instanceType} in ${zone} from the last 24.5 h is on disk; fill the gap.`,
    };
  }
  return {
    priceMicroUsdPerHour: last.priceMicroUsdPerHour,
    provenance: { source: 'EC2 Spot price history', asOf: last.atMs },
  };
}
