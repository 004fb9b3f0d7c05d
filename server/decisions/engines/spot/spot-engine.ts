import type { DecisionEngine } from '../engine.ts';
import { selectMoves } from './select-moves.ts';

/**
 * Moves nodes to Spot pools where the expected cost, interruptions included, is lower, and from dear Spot pools to
 * clearly cheaper ones. Keeps the caps per pool and the on-demand floor over all its proposals together.
 */
export const spotEngine: DecisionEngine = {
  name: 'spot',
  decide: (state, forecasts, policy) => selectMoves(state, forecasts, policy),
};
