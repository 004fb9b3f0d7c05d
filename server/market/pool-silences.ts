import type { Interval } from '../../common/contracts/index.ts';
import { MS_PER_SECOND } from '../../common/units/index.ts';
import { type IntervalSet, intersectionOf } from './intervals.ts';
import { LONGEST_SILENCE_MS } from './step-function.ts';

/** What covered time says of a pool. */
export interface PoolSilence {
  readonly id: number;
  /** Silences of more than 24.5 h after which the pool lived on, from where the last price stopped to be believed. */
  readonly holes: readonly Interval[];
  /** Since when it is silent up to the end of covered time; `null` while it lives. */
  readonly retiredAtMs: number | null;
  /** When it was first seen, where it was silent for more than 24.5 h of covered time before; else `null`. */
  readonly bornAtMs: number | null;
}

/**
 * Tells holes from retired pools and pools that came later, by one pass over records: EC2 says an unchanged price again
 * about every 24 h, so that longer silence is no steady price. Silence in time that is not covered says nothing.
 */
export class SilenceWatch {
  readonly #covered: IntervalSet;
  readonly #lastMs = new Map<number, number>();
  readonly #holes = new Map<number, Interval[]>();
  readonly #bornAtMs = new Map<number, number>();

  /** @param covered time that is wholly on disk, within the window that is watched */
  constructor(covered: IntervalSet) {
    this.#covered = covered;
  }

  /** Call it with every record, ascending in time for each pool. */
  add(id: number, atS: number): void {
    const atMs = atS * MS_PER_SECOND;
    const lastMs = this.#lastMs.get(id);
    this.#lastMs.set(id, atMs);
    if (lastMs !== undefined && atMs - lastMs <= LONGEST_SILENCE_MS) return;
    const silences = this.#silences(lastMs ?? Number.MIN_SAFE_INTEGER, atMs);
    if (silences.length === 0) return;
    if (lastMs === undefined) this.#bornAtMs.set(id, atMs);
    else this.#holes.set(id, [...(this.#holes.get(id) ?? []), ...silences]);
  }

  /** What was found of these pools; one without any record is retired from the start. */
  end(ids: readonly number[]): PoolSilence[] {
    const endMs = this.#covered.at(-1)?.toMs ?? Number.MIN_SAFE_INTEGER;
    return ids.map(id => {
      const lastMs = this.#lastMs.get(id) ?? Number.MIN_SAFE_INTEGER;
      const silence = this.#silences(lastMs, endMs).at(-1);
      return {
        id,
        holes: this.#holes.get(id) ?? [],
        retiredAtMs: silence?.toMs === endMs ? Math.max(lastMs, this.#covered[0]?.fromMs ?? lastMs) : null,
        bornAtMs: this.#bornAtMs.get(id) ?? null,
      };
    });
  }

  /** Parts of `(fromMs, toMs)` that are covered and longer than a pool that lives is silent. */
  #silences(fromMs: number, toMs: number): Interval[] {
    return intersectionOf(this.#covered, [{ fromMs, toMs }])
      .filter(part => part.toMs - part.fromMs > LONGEST_SILENCE_MS)
      .map(part => ({ fromMs: part.fromMs + LONGEST_SILENCE_MS, toMs: part.toMs }));
  }
}
