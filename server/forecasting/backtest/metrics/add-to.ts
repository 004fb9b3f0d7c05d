/** Adds numbers to sums, place by place. */
export function addTo(sums: Float64Array, numbers: ArrayLike<number>): void {
  for (let place = 0; place < sums.length; place++)
    sums[place] = (sums[place] as number) + (numbers[place] as number);
}
