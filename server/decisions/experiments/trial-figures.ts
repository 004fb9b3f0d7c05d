import type { EngineAnswer } from '../engines/engine.ts';

/** What an engine proposed in one run, as figures: nothing of it can be carried out. */
export interface ProposedFigures {
  readonly savedMicroUsdPerHour: number;
  /** Of the present cost of the cluster: 0…1; `null` where that is unknown. */
  readonly savedShare: number | null;
  /** Pods that would move or start anew. */
  readonly moves: number;
  readonly proposals: number;
  /** Moves that the rules refused. */
  readonly refused: number;
}

/** The figures of an answer. @param costMicroUsdPerHour what the cluster costs now; `null` when unknown */
export function figuresOf(
  { proposals, refused = [] }: EngineAnswer,
  costMicroUsdPerHour: number | null,
): ProposedFigures {
  const saved = proposals.reduce((sum, { cost }) => sum + cost.savingMicroUsdPerHour, 0);
  const isKnown = costMicroUsdPerHour !== null && costMicroUsdPerHour > 0;
  return {
    savedMicroUsdPerHour: saved,
    // No more can be saved than is paid; the bound is what a confidence sequence rests on.
    savedShare: isKnown ? Math.min(1, Math.max(0, saved / costMicroUsdPerHour)) : null,
    moves: proposals.reduce((sum, { pods }) => sum + pods.length, 0),
    proposals: proposals.length,
    refused: refused.length,
  };
}
