import type { JobGrid } from './capacity-trace.ts';
import { afterTick, IDLE, type JobState, onDemandPlace, type Place } from './job-state.ts';

/** All that a policy may know: the present, and what a model says of the future. */
export interface Situation {
  readonly state: JobState;
  readonly grid: JobGrid;
  /** Ticks since the job began. */
  readonly tick: number;
  /** Micro-USD per hour of each pool in this tick; NaN where it cannot be had. */
  readonly spot: Float64Array;
  /** NaN where it is unknown. */
  readonly onDemand: number;
  /** What was foretold in this tick; NaN where nothing was. */
  readonly predicted: Float64Array;
  /** How likely each pool is interrupted within the horizon, as foretold in this tick; NaN where nothing was. */
  readonly risk: Float64Array;
  /** Ticks from now that a forecast is for. */
  readonly horizonTicks: number;
}

/** Says where the job runs in this tick. */
export interface Policy {
  readonly name: string;
  readonly sentence: string;
  choose(situation: Situation): Place;
}

/** All work on demand. */
const onDemandOnly: Policy = {
  name: 'on-demand',
  sentence: 'on demand from beginning to end',
  choose: ({ spot }) => onDemandPlace(spot.length),
};

/** The cheapest pool at each start; stays until it is interrupted, waits while there is none, and may be late. */
const spotOnly: Policy = {
  name: 'spot-cheapest',
  sentence: 'the cheapest Spot pool until it is interrupted, and wait while there is none',
  choose: situation => (runsOnSpot(situation) ? situation.state.place : cheapest(situation)),
};

/**
 * Greedy: Spot whenever it can be had, idle otherwise, on demand from the moment when the deadline asks for it.
 *
 * Source: Z. Wu et al., "Can't Be Late: Optimizing Spot Instance Savings under Deadlines", NSDI 2024, section 3.
 */
const greedy: Policy = {
  name: 'greedy',
  sentence: 'Spot or wait, and on demand from when the deadline asks for it',
  choose: situation => {
    const spot = runsOnSpot(situation) ? situation.state.place : cheapest(situation);
    return staysOnDemandToTheEnd(situation) ? onDemand(situation) : ifSafe(situation, spot);
  },
};

/** See `uniformProgressWith`; the cheapest pool of the moment. */
const uniformProgress: Policy = {
  name: 'uniform-progress',
  sentence: 'Spot whenever it can be had, on demand while progress lags behind the deadline',
  choose: situation => uniformProgressWith(situation, cheapest(situation)),
};

/**
 * Uniform Progress, with the pool chosen and changed by what an hour in it is expected to cost until the horizon. A job moves when
 * that saves more than the changeover costs.
 */
function byExpectation(
  name: string,
  sentence: string,
  expectedOf: (situation: Situation) => Float64Array,
): Policy {
  return {
    name,
    sentence,
    choose: situation => {
      const expected = expectedOf(situation);
      const best = cheapestOf(expected);
      if (!runsOnSpot(situation) || best === IDLE) return uniformProgressWith(situation, best);
      const { state, grid, horizonTicks } = situation;
      const usefulUnits = Math.min(state.left, horizonTicks * grid.unitsPerTick);
      const [stay = 0, move = 0] = [expected[state.place - 1], expected[best - 1]];
      const isWorthIt = (stay - move) * usefulUnits > move * grid.changeoverUnits;
      const moved = isWorthIt && isSafe(situation, best) ? best : state.place;
      return uniformProgressWith(situation, moved, moved);
    },
  };
}

/**
 * Half-way between the price now and the one foretold; with the chance of an interruption, each of which costs a changeover. What
 * nobody foretold stays as it is.
 */
function foretoldCosts({ spot, predicted, risk, grid, horizonTicks }: Situation): Float64Array {
  const restart = grid.changeoverUnits / (grid.unitsPerTick * horizonTicks);
  return spot.map((now, pool) => {
    const then = predicted[pool] ?? Number.NaN;
    const chance = risk[pool] ?? Number.NaN;
    const price = Number.isNaN(then) ? now : (now + then) / 2;
    return Number.isNaN(chance) ? price : price * (1 + chance * restart);
  });
}

const persistence = byExpectation(
  'persistence',
  'Uniform Progress in the pool that is cheapest if prices stay as they are, moving when that pays',
  ({ spot }) => spot,
);

const model = byExpectation(
  'model',
  'Uniform Progress in the pool that the model expects to be cheapest, interruptions included, moving when that pays',
  foretoldCosts,
);

/** Every policy that knows no future; `model` only makes sense where a model said something. */
export const policies: readonly Policy[] = [
  onDemandOnly,
  spotOnly,
  greedy,
  uniformProgress,
  persistence,
  model,
];

/**
 * Uniform Progress: with progress cp and its uniform line ep(t) = t · work / deadline, (1) idle and cp < ep: on demand; (2) Spot
 * whenever it can be had, until it is interrupted; (3) on demand, stay until cp ≥ ep(t + two changeovers); and the safety net: no
 * step after which on demand could not meet the deadline any more.
 *
 * Source: Z. Wu et al., NSDI 2024, section 5.2.2. The safety net is theirs in whole ticks.
 * @param pool where Spot would be taken; idle when there is none
 */
function uniformProgressWith(situation: Situation, pool: Place, running = situation.state.place): Place {
  const { state, grid, tick } = situation;
  if (runsOnSpot(situation)) return ifSafe(situation, running);
  if (staysOnDemandToTheEnd(situation)) return onDemand(situation);
  const done = grid.workUnits - state.left;
  const due = (units: number) =>
    ((tick * grid.unitsPerTick + units) * grid.workUnits) / (grid.deadlineTicks * grid.unitsPerTick);
  const isOnDemand = state.place === onDemandPlace(situation.spot.length);
  if (isOnDemand && done < due(2 * grid.changeoverUnits)) return state.place;
  if (pool !== IDLE) return ifSafe(situation, pool);
  return done < due(0) ? onDemand(situation) : ifSafe(situation, IDLE);
}

/** Whether the job is on demand with no time left to leave it: two changeovers would not fit. */
function staysOnDemandToTheEnd(situation: Situation): boolean {
  const { state, spot } = situation;
  return state.place === onDemandPlace(spot.length) && !isSafe(situation, IDLE);
}

/** The place, or on demand where the deadline could not be met from there. */
function ifSafe(situation: Situation, place: Place): Place {
  return isSafe(situation, place) ? place : onDemand(situation);
}

/** Whether on demand can still meet the deadline if capacity is gone after this tick. */
function isSafe({ state, grid, tick }: Situation, place: Place): boolean {
  const next = afterTick(state, place, grid);
  const unitsLeft = (grid.deadlineTicks - tick - 1) * grid.unitsPerTick;
  return next.left === 0 || next.left + grid.changeoverUnits <= unitsLeft;
}

/** On demand; where nobody knows its price, the cheapest pool must do. */
function onDemand(situation: Situation): Place {
  if (!Number.isNaN(situation.onDemand)) return onDemandPlace(situation.spot.length);
  return runsOnSpot(situation) ? situation.state.place : cheapest(situation);
}

function runsOnSpot({ state, spot }: Situation): boolean {
  return (
    state.place !== IDLE && state.place <= spot.length && !Number.isNaN(spot[state.place - 1] ?? Number.NaN)
  );
}

function cheapest({ spot }: Situation): Place {
  return cheapestOf(spot);
}

/** The place of the lowest price; idle when there is none. */
function cheapestOf(prices: Float64Array): Place {
  let best = IDLE;
  for (const [pool, price] of prices.entries()) {
    if (price < (best === IDLE ? Number.POSITIVE_INFINITY : (prices[best - 1] ?? Number.NaN)))
      best = pool + 1;
  }
  return best;
}
