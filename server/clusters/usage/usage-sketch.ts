import { DDSketch } from '@datadog/sketches-js';
import type { ByteReader, ByteWriter } from './varints.ts';

/** A quantile is at most this far from a value that has its rank, as a share of that value. */
export const SKETCH_ACCURACY = 0.01;

const { mapping } = new DDSketch({ relativeAccuracy: SKETCH_ACCURACY });

/** The value that each bin stands for; bins of whole numbers below 2⁵³ begin at 0. */
export const sketchBins: Float64Array = Float64Array.from(
  { length: mapping.key(Number.MAX_SAFE_INTEGER) + 1 },
  (_, key) => mapping.value(key),
);

/**
 * How whole numbers of one kind were spread: a DDSketch (Masson, Rim, Lee: "DDSketch", VLDB 2019) with their exact sum and
 * largest. Sketches merge by adding counts, so that any order gives the same result to the last bit.
 */
export class UsageSketch {
  readonly #sketch = new DDSketch({ relativeAccuracy: SKETCH_ACCURACY });
  #sum = 0;
  #max = 0;

  get count(): number {
    return this.#sketch.count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** Exactly; 0 without values. */
  get max(): number {
    return this.#max;
  }

  /** @param value a whole number ≥ 0 */
  add(value: number): void {
    this.#sketch.accept(value);
    this.#sum += value;
    if (value > this.#max) this.#max = value;
  }

  /** The value of rank ⌊q (count − 1)⌋, within the accuracy; never above the largest. NaN without values. */
  quantile(q: number): number {
    return Math.min(this.#sketch.getValueAtQuantile(q), this.#max);
  }

  /** Adds the values of another one, which stays as it is. */
  merge(other: UsageSketch): void {
    this.#sketch.merge(other.#sketch);
    this.#sum += other.#sum;
    this.#max = Math.max(this.#max, other.#max);
  }

  /**
   * Writes it in at most about `mostBins` × 2 bytes: runs of counts as varints. Where values are spread over more bins the
   * lowest are told as the lowest that is kept; what is high stays exact.
   */
  write(to: ByteWriter, mostBins: number): void {
    const { store, zeroCount } = this.#sketch;
    to.put(zeroCount);
    to.put(this.#sum);
    to.put(this.#max);
    if (store.count === 0) {
      to.put(0);
      return;
    }
    const first = Math.max(store.minKey, store.maxKey - mostBins + 1);
    to.put(store.maxKey - first + 1);
    to.put(first);
    let below = 0;
    for (let key = store.minKey; key < first; key++) below += store.bins[key - store.offset] ?? 0;
    for (let key = first; key <= store.maxKey; key++) {
      to.put((store.bins[key - store.offset] ?? 0) + (key === first ? below : 0));
    }
  }

  /** Adds the values of a written one. */
  mergeWritten(from: ByteReader): void {
    const sketch = this.#sketch;
    const { store } = sketch;
    const zeros = from.take();
    this.#sum += from.take();
    this.#max = Math.max(this.#max, from.take());
    const bins = from.take();
    const before = store.count;
    if (bins > 0) {
      const first = from.take();
      for (let bin = 0; bin < bins; bin++) {
        const count = from.take();
        if (count > 0) store.add(first + bin, count);
      }
    }
    sketch.zeroCount += zeros;
    sketch.count += zeros + store.count - before;
  }
}
