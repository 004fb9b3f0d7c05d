import { sketchBins } from './usage-sketch.ts';
import type { ByteReader } from './varints.ts';

/**
 * Adds up written sketches, and is used again for the next series: the same quantiles as merging them as `UsageSketch`, without making
 * a sketch of each. Bins of whole numbers below 2⁵³ are few, so that all of them have their place.
 */
export class SketchSum {
  readonly #bins = new Float64Array(sketchBins.length);
  #low = sketchBins.length;
  #high = -1;
  #zeros = 0;
  #count = 0;
  #sum = 0;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  get max(): number {
    return this.#max;
  }

  /** Empties it. */
  clear(): void {
    if (this.#high >= 0) this.#bins.fill(0, this.#low, this.#high + 1);
    this.#low = this.#bins.length;
    this.#high = -1;
    this.#zeros = 0;
    this.#count = 0;
    this.#sum = 0;
    this.#max = 0;
  }

  /** Adds the values of a written sketch. */
  mergeWritten(from: ByteReader): void {
    const zeros = from.take();
    this.#zeros += zeros;
    this.#count += zeros;
    this.#sum += from.take();
    this.#max = Math.max(this.#max, from.take());
    const length = from.take();
    if (length === 0) return;
    const first = from.take();
    const bins = this.#bins;
    const end = first + length;
    if (end > bins.length) throw new Error(`a usage record has a bin ${end - 1}; there are ${bins.length}`);
    this.#count += from.addTo(bins, first, length);
    if (first < this.#low) this.#low = first;
    if (end - 1 > this.#high) this.#high = end - 1;
  }

  /** Adds the values of another one. */
  merge(other: SketchSum): void {
    const bins = this.#bins;
    for (let key = other.#low; key <= other.#high; key++)
      bins[key] = (bins[key] ?? 0) + (other.#bins[key] ?? 0);
    this.#low = Math.min(this.#low, other.#low);
    this.#high = Math.max(this.#high, other.#high);
    this.#zeros += other.#zeros;
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#max = Math.max(this.#max, other.#max);
  }

  /** As `UsageSketch.quantile`: from the largest down, as what is asked for lies high. */
  quantile(q: number): number {
    if (this.#count === 0) return Number.NaN;
    const rank = q * (this.#count - 1);
    if (rank < this.#zeros) return 0;
    const bins = this.#bins;
    let key = this.#high;
    let below = this.#count - (bins[key] as number);
    while (below > rank) below -= bins[--key] as number;
    return Math.min(sketchBins[key] as number, this.#max);
  }
}
