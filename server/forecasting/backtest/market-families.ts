import { familyOf } from '../../../common/units/index.ts';
import type { MarketSlice, PoolPrices } from '../features/index.ts';

/**
 * A market in parts that know nothing of each other: a feature looks at other zones of a type and other sizes of its family, in
 * its region, and no further. In the order of their first pools.
 */
export function familiesOf({ pools, neighbours, factsOf }: MarketSlice): MarketSlice[] {
  const beside = Map.groupBy(neighbours, keyOf);
  return [...Map.groupBy(pools, keyOf)].map(([key, own]) => ({
    pools: own,
    neighbours: beside.get(key) ?? [],
    factsOf,
  }));
}

function keyOf({ pool: { region, instanceType, product } }: PoolPrices): string {
  return `${region}/${familyOf(instanceType)}/${product}`;
}
