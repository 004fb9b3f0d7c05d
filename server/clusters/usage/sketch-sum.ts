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

  /** As `UsageSketch.quantile`. */
  quantile(q: number): number {
    return this.quantiles([q])[0] ?? Number.NaN;
  }

  /**
   * Several at once, in one walk over the bins.
   * @param qs ascending
   */
  quantiles(qs: readonly number[]): number[] {
    if (this.#count === 0) return qs.map(() => Number.NaN);
    const bins = this.#bins;
    const found: number[] = [];
    let below = this.#zeros;
    let value = 0;
    let key = this.#low;
    for (const q of qs) {
      const rank = q * (this.#count - 1);
      while (below <= rank && key <= this.#high) {
        below += bins[key] as number;
        value = key++;
      }
      if (rank < this.#zeros) found.push(0);
      else if (below > rank) found.push(Math.min(sketchBins[value] as number, this.#max));
      else found.push(this.#max);
    }
    return found;
  }
}
