import type { Pool } from '../../../../common/units/index.ts';

/** States of a tick: capacity could not be had, could be had, or nobody looked. */
export const AWAY = 0;
export const THERE = 1;
export const UNKNOWN = 2;

/** Which pools are asked about at a time: all, or those that could be had. */
export type Origins = 'all' | 'available';

/** What was seen of a pool, tick by tick. */
export interface RecordedStretch {
  readonly startMs: number;
  readonly stepMs: number;
  readonly states: Uint8Array;
}

/** Whether something happened: −1 unknown, 0 no, 1 yes. */
export type Answers = Int8Array;

/** What became of a pool after each of some times. */
export interface PoolOutcomes {
  /** Whether it could not be had then: what persistence goes by. */
  readonly isAway: Answers;
  /**
   * Whether it could not be had in some tick that began after then and within the horizon. Unknown unless the whole horizon was
   * recorded: what was seen of a part only would tell of interruptions more often than of none.
   */
  readonly happened: Answers;
}

/** Whether a pool could be had, from one or more recordings of it. Where they overlap, the earlier one has the word. */
export class PoolAvailability {
  readonly pool: Pool;
  readonly #stretches: readonly CountedStretch[];

  constructor(pool: Pool, stretches: readonly RecordedStretch[]) {
    this.pool = pool;
    this.#stretches = stretches.toSorted((a, b) => a.startMs - b.startMs).map(counted);
  }

  get fromMs(): number {
    return Math.min(...this.#stretches.map(({ startMs }) => startMs));
  }

  /** End of the last tick. */
  get toMs(): number {
    return Math.max(
      ...this.#stretches.map(({ startMs, stepMs, states }) => startMs + stepMs * states.length),
    );
  }

  /** How often capacity went away. */
  get interruptions(): number {
    return this.#stretches.reduce((sum, { goings }) => sum + (goings.at(-1) ?? 0), 0);
  }

  /** @param timesMs ascending */
  outcomes(timesMs: Float64Array, horizonMs: number): PoolOutcomes {
    const isAway = new Int8Array(timesMs.length).fill(-1);
    const happened = new Int8Array(timesMs.length).fill(-1);
    for (const [place, at] of timesMs.entries()) {
      const window = this.#window(at, horizonMs);
      if (!window) continue;
      const { stretch, now, last } = window;
      const state = stretch.states[now];
      if (state !== UNKNOWN) isAway[place] = state === AWAY ? 1 : 0;
      if (last === now || last >= stretch.states.length) continue;
      if (countBetween(stretch.unknown, now, last) > 0) continue;
      happened[place] = countBetween(stretch.away, now, last) > 0 ? 1 : 0;
    }
    return { isAway, happened };
  }

  /** How often capacity went away within the horizon of any of these times, ascending; each time is counted once. */
  interruptionsWithin(timesMs: Float64Array, horizonMs: number): number {
    const countedTo = new Map<CountedStretch, number>();
    let interruptions = 0;
    for (const at of timesMs) {
      const window = this.#window(at, horizonMs);
      if (!window) continue;
      const { stretch, now, last } = window;
      const from = Math.max(now, countedTo.get(stretch) ?? 0);
      const to = Math.min(last, stretch.states.length - 1);
      if (to > from) interruptions += countBetween(stretch.goings, from, to);
      countedTo.set(stretch, Math.max(from, to));
    }
    return interruptions;
  }

  /** The tick of a time, and the last one that begins within the horizon, which may lie behind the end. */
  #window(at: number, horizonMs: number): { stretch: CountedStretch; now: number; last: number } | undefined {
    for (const stretch of this.#stretches) {
      const now = Math.floor((at - stretch.startMs) / stretch.stepMs);
      if (now < 0 || now >= stretch.states.length) continue;
      return { stretch, now, last: Math.floor((at + horizonMs - stretch.startMs) / stretch.stepMs) };
    }
    return undefined;
  }
}

/** With how many ticks up to each one were away, unknown, or the first without capacity after one with it. */
interface CountedStretch extends RecordedStretch {
  readonly away: Uint32Array;
  readonly unknown: Uint32Array;
  readonly goings: Uint32Array;
}

function counted(stretch: RecordedStretch): CountedStretch {
  const { states } = stretch;
  const upTo = (is: (tick: number) => boolean) => {
    const counts = new Uint32Array(states.length);
    let count = 0;
    for (let tick = 0; tick < states.length; tick++) {
      if (is(tick)) count++;
      counts[tick] = count;
    }
    return counts;
  };
  return {
    ...stretch,
    away: upTo(tick => states[tick] === AWAY),
    unknown: upTo(tick => states[tick] === UNKNOWN),
    goings: upTo(tick => tick > 0 && states[tick] === AWAY && states[tick - 1] === THERE),
  };
}

/** In the ticks after `from` up to `to`. */
function countBetween(upTo: Uint32Array, from: number, to: number): number {
  return (upTo[to] ?? 0) - (upTo[from] ?? 0);
}
