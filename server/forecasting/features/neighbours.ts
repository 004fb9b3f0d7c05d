import { familyOf, type Pool, type PoolKey, poolKey } from '../../../common/units/index.ts';
import type { MarketSlice, PoolFacts, PoolPrices } from './market-slice.ts';
import { type NeighbourKind, PriceFrame } from './price-frame.ts';

/** Those of `candidates` that are neighbours of any of `pools`, and none of them. */
export function neighboursAmong(pools: readonly Pool[], candidates: readonly Pool[]): Pool[] {
  const own = new Set(pools.map(poolKey));
  const groups = new Set(pools.flatMap(pool => [zonesKey(pool), sizesKey(pool)]));
  return candidates.filter(
    pool => !own.has(poolKey(pool)) && (groups.has(zonesKey(pool)) || groups.has(sizesKey(pool))),
  );
}

/** Frames of neighbours of the pools of a slice. They are kept while times stay the same, as they do in a backtest. */
export class NeighbourFrames {
  readonly #factsOf: (pool: Pool) => PoolFacts;
  readonly #groups = new Map<string, PoolPrices[]>();
  #timesMs = new Float64Array();
  #frames = new Map<PoolKey, PriceFrame>();

  constructor({ pools, neighbours, factsOf }: MarketSlice) {
    this.#factsOf = factsOf;
    const seen = new Set<PoolKey>();
    for (const prices of [...pools, ...neighbours]) {
      const key = poolKey(prices.pool);
      if (seen.has(key)) continue;
      seen.add(key);
      for (const group of [zonesKey(prices.pool), sizesKey(prices.pool)]) {
        const members = this.#groups.get(group) ?? [];
        if (members.push(prices) === 1) this.#groups.set(group, members);
      }
    }
  }

  /** The neighbours of a pool, without itself, seen from these times. */
  of(pool: Pool, kind: NeighbourKind, timesMs: Float64Array): PriceFrame[] {
    if (!isEqual(timesMs, this.#timesMs)) {
      this.#frames = new Map();
      this.#timesMs = timesMs.slice();
    }
    const key = poolKey(pool);
    const members = this.#groups.get(kind === 'zones' ? zonesKey(pool) : sizesKey(pool)) ?? [];
    return members.filter(member => poolKey(member.pool) !== key).map(member => this.#frameOf(member));
  }

  #frameOf(prices: PoolPrices): PriceFrame {
    const key = poolKey(prices.pool);
    const known = this.#frames.get(key);
    if (known) return known;
    const frame = new PriceFrame(prices, this.#timesMs, this.#factsOf(prices.pool));
    this.#frames.set(key, frame);
    return frame;
  }
}

function zonesKey({ region, instanceType, product }: Pool): string {
  return `type ${region}/${instanceType}/${product}`;
}

function sizesKey({ region, availabilityZone, instanceType, product }: Pool): string {
  return `family ${region}/${availabilityZone}/${familyOf(instanceType)}/${product}`;
}

function isEqual(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
