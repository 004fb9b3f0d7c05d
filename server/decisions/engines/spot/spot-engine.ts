import { atOnce, inTurns } from '../../../platform/index.ts';
import type { DecisionEngine, RunnableEngine } from '../engine.ts';
import { selectMoves } from './select-moves.ts';

/**
 * Moves nodes to Spot pools where the expected cost, interruptions included, is lower, and from dear Spot pools to
 * clearly cheaper ones. Keeps the caps per pool and the on-demand floor over all its proposals together.
 */
export const spotEngine: DecisionEngine = {
  name: 'spot',
  decide: (state, forecasts, policy) => atOnce(selectMoves(state, forecasts, policy)),
};

/** The same in short turns: a large cluster takes a while. */
export const patientSpotEngine: RunnableEngine = {
  name: spotEngine.name,
  decide: (state, forecasts, policy) => inTurns(selectMoves(state, forecasts, policy)),
};
