/** What capacity cost and whether it could be had, tick by tick; pools stand in for each other. */
export interface CapacityTrace {
  readonly name: string;
  readonly startMs: number;
  readonly stepMs: number;
  readonly pools: readonly string[];
  /** For each pool, micro-USD per hour at each tick; NaN where it cannot be had, or nobody knows. */
  readonly spot: readonly Float64Array[];
  /** Micro-USD per hour; NaN where it is unknown, so that nobody can choose it. */
  readonly onDemand: number;
  /** What a model foretold at each tick for `horizonMs` later, for each pool; NaN where it said nothing. */
  readonly predicted?: readonly Float64Array[];
  /** How likely an interruption within `horizonMs` is by a model, at each tick for each pool: 0…1; NaN where it said nothing. */
  readonly risk?: readonly Float64Array[];
  readonly horizonMs: number;
}

/** Work that can be interrupted and goes on from where it was, as with checkpoints. */
export interface JobOrder {
  /** Time of running that it takes. */
  readonly workMs: number;
  /** Time from its start within which it should be done. */
  readonly deadlineMs: number;
  /** Time that each start of an instance costs before work goes on; it is paid for. */
  readonly changeoverMs: number;
}

/** A job in whole numbers, so that the optimum can be found exactly. */
export interface JobGrid {
  /** Units of work that one tick is long. */
  readonly unitsPerTick: number;
  readonly workUnits: number;
  readonly changeoverUnits: number;
  readonly deadlineTicks: number;
}

/** A tick is divided no finer than this. */
const MOST_UNITS = 20;

/** A job on the grid of a trace; work and changeover are rounded up to whole units, the deadline down to whole ticks. */
export function gridOf({ workMs, deadlineMs, changeoverMs }: JobOrder, stepMs: number): JobGrid {
  const unitsPerTick = changeoverMs >= stepMs ? 1 : unitsFor(changeoverMs / stepMs);
  const unitMs = stepMs / unitsPerTick;
  // A hundredth of a per cent above a whole number is rounding.
  const up = (ms: number) => Math.ceil(ms / unitMs - 1e-9);
  return {
    unitsPerTick,
    workUnits: up(workMs),
    changeoverUnits: up(changeoverMs),
    deadlineTicks: Math.floor(deadlineMs / stepMs + 1e-9),
  };
}

function unitsFor(share: number): number {
  for (let units = 1; units <= MOST_UNITS; units++) {
    if (Math.abs(share * units - Math.round(share * units)) < 1e-9) return units;
  }
  return MOST_UNITS;
}
