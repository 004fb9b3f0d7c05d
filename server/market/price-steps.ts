import type { Interval } from '../../common/contracts/index.ts';

/** Steps of a price: the price at a place holds from its second on. */
export interface Steps {
  readonly atS: readonly number[];
  readonly price: readonly number[];
}

/**
 * The same step function without records that repeat the price before them. Behind a hole the price is told again, so
 * that it begins there. `holes` ascend, in milliseconds.
 */
export function withoutRepeats(
  atMs: ArrayLike<number>,
  price: ArrayLike<number>,
  holes: readonly Interval[],
): Steps {
  const steps = { atS: [] as number[], price: [] as number[] };
  let nextHole = 0;
  for (let index = 0; index < atMs.length; index++) {
    const at = atMs[index] ?? 0;
    const isBehindHole = (holes[nextHole]?.toMs ?? Number.POSITIVE_INFINITY) <= at;
    if (isBehindHole) nextHole++;
    if (!isBehindHole && index > 0 && price[index] === steps.price.at(-1)) continue;
    steps.atS.push(Math.floor(at / 1_000));
    steps.price.push(price[index] ?? 0);
  }
  return steps;
}

/**
 * At most four steps in each of `buckets` equal stretches of `[fromS, toS)`: the first, the lowest, the highest and the
 * last. A drawing of that many columns is the same, and every step is one that was. As "M4" of Jugel et al., VLDB 2014.
 */
export function thinned({ atS, price }: Steps, fromS: number, toS: number, buckets: number): Steps {
  const kept = { atS: [] as number[], price: [] as number[] };
  const bucketOf = (index: number) =>
    Math.floor((((atS[index] ?? 0) - fromS) * buckets) / Math.max(1, toS - fromS));
  for (let first = 0; first < atS.length; ) {
    let [last, lowest, highest] = [first, first, first];
    const bucket = bucketOf(first);
    while (last + 1 < atS.length && bucketOf(last + 1) === bucket) {
      last++;
      if ((price[last] ?? 0) < (price[lowest] ?? 0)) lowest = last;
      if ((price[last] ?? 0) > (price[highest] ?? 0)) highest = last;
    }
    for (const index of [...new Set([first, lowest, highest, last])].sort((a, b) => a - b)) {
      kept.atS.push(atS[index] ?? 0);
      kept.price.push(price[index] ?? 0);
    }
    first = last + 1;
  }
  return kept;
}

/** The first number, then differences: small numbers are short on the wire. */
export function asDifferences(values: readonly number[]): number[] {
  return values.map((value, index) => (index === 0 ? value : value - (values[index - 1] ?? 0)));
}
