/**
 * Adjusts p values so that the chance of any false alarm among all tests is at most the level, whatever the dependence between
 * the tests: the smallest times their number, the next times one less, never smaller than the one before, at most 1.
 *
 * Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).
 * @returns the adjusted values in the order given
 */
export function holm(pValues: readonly number[]): number[] {
  const adjusted = new Array<number>(pValues.length).fill(1);
  let largest = 0;
  const ascending = [...pValues.entries()].sort(([, a], [, b]) => a - b);
  for (const [rank, [place, p]] of ascending.entries()) {
    largest = Math.max(largest, Math.min(1, p * (pValues.length - rank)));
    adjusted[place] = largest;
  }
  return adjusted;
}
