import { type ConfidencePoint, ConfidenceSequence, type ConfidenceSettings } from './confidence-sequence.ts';

/** One paired comparison; above 0 the challenger is better. */
export interface PairedDifference {
  /** When it became known. */
  readonly atMs: number;
  readonly value: number;
}

/** What a stream of paired comparisons shows. Bounds are `null` while there are too few. */
export interface JudgedDifferences {
  readonly meanDifference: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** How that became known, one point for each comparison. */
  readonly series: { atMs: number; mean: number; lower: number | null; upper: number | null }[];
  readonly verdict: 'challenger-better' | 'champion-better' | 'undecided' | 'too-few';
  /** More of them until it is decided, if all stays as it is; `null` when unknown. */
  readonly observationsLeft: number | null;
}

/** Judges paired comparisons by a confidence sequence, so that one may look after each. @param differences oldest first */
export function judgeDifferences(
  differences: readonly PairedDifference[],
  confidence: ConfidenceSettings,
): JudgedDifferences {
  const sequence = new ConfidenceSequence(confidence);
  const series = differences.map(({ atMs, value }) => ({ atMs, ...shown(sequence.add(value)) }));
  const now = series.at(-1);
  return {
    meanDifference: now?.mean ?? null,
    lower: now?.lower ?? null,
    upper: now?.upper ?? null,
    series,
    verdict: verdictOf(now, differences.length, confidence.fewest),
    observationsLeft: sequence.observationsLeft() ?? null,
  };
}

type Shown = { readonly mean: number; readonly lower: number | null; readonly upper: number | null };

function shown({ mean, lower, upper }: ConfidencePoint): Shown {
  const finite = (bound: number) => (Number.isFinite(bound) ? bound : null);
  return { mean, lower: finite(lower), upper: finite(upper) };
}

function verdictOf(now: Shown | undefined, count: number, fewest: number): JudgedDifferences['verdict'] {
  if (count < fewest || !now) return 'too-few';
  if (now.lower !== null && now.lower > 0) return 'challenger-better';
  if (now.upper !== null && now.upper < 0) return 'champion-better';
  return 'undecided';
}
