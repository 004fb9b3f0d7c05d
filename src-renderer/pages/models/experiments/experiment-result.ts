/** Mean error over the blocks of an experiment, as a fraction of the price and in USD per hour. */
export interface MeanError {
  readonly relative: number;
  readonly maeUsd: number;
}

/** A limit that ends an experiment when it is passed. */
export interface GuardrailResult {
  readonly name: 'worse-than-champion' | 'missing-predictions' | 'process-failures';
  /** Share or count so far; `null` while it is unknown. */
  readonly value: number | null;
  readonly limit: number;
  readonly breached: boolean;
  readonly sentence: string;
}

/**
 * What an experiment shows so far. Differences are (error of the champion − error of the challenger) as a fraction of the
 * price: above 0 the challenger is better. The bounds hold at all times at once, so that looking costs nothing.
 */
export interface ExperimentResult {
  readonly blocks: number;
  readonly points: number;
  readonly pools: number;
  readonly meanDifference: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly series: readonly {
    readonly atMs: number;
    readonly mean: number;
    readonly lower: number | null;
    readonly upper: number | null;
  }[];
  readonly championError: MeanError | null;
  readonly challengerError: MeanError | null;
  readonly persistenceError: MeanError | null;
  readonly verdict: 'challenger-better' | 'champion-better' | 'undecided' | 'too-few';
  /** More blocks until it is decided, if all stays as it is; `null` when unknown. */
  readonly blocksLeft: number | null;
  readonly etaMs: number | null;
  readonly guardrails: readonly GuardrailResult[];
  readonly sentence: string;
}
