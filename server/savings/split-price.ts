/**
 * Splits an integer price among several in proportion to their weights, in whole micro-USD whose sum is exactly the
 * price. Weights of zero altogether split it evenly. The last one takes what rounding left.
 */
export function splitPrice(priceMicroUsdPerHour: number, weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let cumulated = 0;
  let given = 0;
  return weights.map((weight, index) => {
    cumulated += total > 0 ? weight / total : 1 / weights.length;
    const until =
      index === weights.length - 1 ? priceMicroUsdPerHour : Math.floor(priceMicroUsdPerHour * cumulated);
    const share = until - given;
    given = until;
    return share;
  });
}
