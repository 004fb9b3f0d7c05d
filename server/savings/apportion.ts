/**
 * Splits a whole amount in proportion to weights by largest remainder (Hamilton's method): parts are whole, add up to
 * exactly the amount, and each is less than one away from its exact share. Of equal remainders the earlier one wins. Without
 * any weight the parts are as even as can be.
 * @param amount ≥ 0, e.g. micro-USD
 * @param weights ≥ 0, in any unit
 */
export function apportion(amount: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((total, weight) => total + weight, 0n);
  if (sum === 0n && weights.length > 0)
    return apportion(
      amount,
      weights.map(() => 1n),
    );
  const parts = weights.map(weight => (amount * weight) / sum);
  let left = amount - parts.reduce((total, part) => total + part, 0n);
  if (left === 0n) return parts;
  const byRemainder = weights
    .map((weight, index) => ({ index, remainder: (amount * weight) % sum }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
  for (const { index } of byRemainder) {
    if (left === 0n) break;
    parts[index] = (parts[index] ?? 0n) + 1n;
    left -= 1n;
  }
  return parts;
}
