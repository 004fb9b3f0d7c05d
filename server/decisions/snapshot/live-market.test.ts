import { expect, it } from 'vitest';
import { FleetBill } from '../fleet-bill.ts';
import { nodeAt } from '../small-cluster.fixture.ts';
import { liveMarket } from './live-market.ts';

const catalog = { all: () => [], typeOf: () => undefined, onDemandMicroUsdPerHour: () => undefined };
const nodes = ['c', 'a', 'b'].map(name => nodeAt(name));
const pricesOf = async (of: typeof nodes, bill: FleetBill) =>
  [...((await liveMarket(of, catalog, bill)).nodePrices ?? [])].sort();

it('prices nodes by what is paid for them, and tells why a price is unknown', async () => {
  const unknown = { priceMicroUsdPerHour: null, priceUnknownReason: 'The price is being looked up.' };
  const all = [nodeAt('a'), nodeAt('b', unknown)];
  expect(await pricesOf(all, new FleetBill(all, undefined))).toEqual([
    ['a', { microUsdPerHour: 192_000 }],
    ['b', { unknown: 'The price is being looked up' }],
  ]);
});

it('never counts more for several nodes together than leaves the bill with them', async () => {
  // Two of three are paid for whether they run or not.
  const total = (paid: readonly unknown[]) => 300_000 + 192_000 * Math.max(0, paid.length - 2);
  expect(await pricesOf(nodes, new FleetBill(nodes, total))).toEqual([
    ['a', { microUsdPerHour: 192_000 }],
    ['b', { microUsdPerHour: 0 }],
    ['c', { microUsdPerHour: 0 }],
  ]);
});
