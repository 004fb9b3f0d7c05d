import type { ForecastSummary } from '../../../common/contracts/index.ts';

/** What the drift tests say of a model: of its inputs one by one, and of its errors. */
export interface Drift {
  readonly state: 'none' | 'drifting' | 'unknown';
  readonly sentence: string;
  readonly inputs: readonly DriftOfInput[];
}

/** One input now against when the model was trained. */
export interface DriftOfInput {
  readonly feature: string;
  /** Corrected for the number of inputs that were looked at. */
  readonly pAdjusted: number | null;
  /** Size of the difference, 0…1. */
  readonly effect: number | null;
  readonly referenceN: number;
  readonly recentN: number;
  readonly drifting: boolean;
}

/** The drift in a forecast summary; an engine that does not test for it says nothing. */
export function driftOf(summary: ForecastSummary | undefined): Drift | undefined {
  return (summary as { readonly drift?: Drift } | undefined)?.drift;
}
