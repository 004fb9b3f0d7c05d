import type { ModelManifest } from '../../../../common/contracts/index.ts';
import { MS_PER_HOUR } from '../../../../common/units/index.ts';
import { answerPlaces, probabilityAnswer } from '../../model-answers.ts';
import { keptOutputs } from '../../predict.ts';
import { completeRows } from '../complete-rows.ts';
import { distinctRows } from '../distinct-rows.ts';
import type { RowRunner } from '../model-forecaster.ts';

/** What is asked about a pool. */
export interface RiskQuestion {
  /** Which of the times are asked for. */
  readonly places: Uint32Array;
  /** The forecaster's features at each of the times, row after row. */
  readonly values: Float64Array;
  /** What the baselines say at each of the places. */
  readonly baseRate: Float64Array;
  readonly persistence: Float64Array;
}

/** Foretells whether a pool is interrupted within a fixed time, from what was known at the time alone. */
export interface RiskForecaster {
  readonly name: string;
  readonly horizonMs: number;
  readonly features: readonly string[];
  readonly isBaseline: boolean;
  /** How often each feature was the first unknown one of a time, so that nothing could be said. */
  readonly unknownFeatures: ReadonlyMap<string, number>;
  /** Probabilities 0…1 for each of the places; NaN where nothing is said. */
  probabilities(question: RiskQuestion): Promise<Float64Array>;
}

export const riskBaselineNames = ['persistence', 'base-rate'] as const;
type RiskBaselineName = (typeof riskBaselineNames)[number];

export function isRiskBaseline(name: string): name is RiskBaselineName {
  return riskBaselineNames.some(known => known === name);
}

/** A baseline as a forecaster, to see the bar without a model. */
export function riskBaselineForecaster(name: RiskBaselineName, horizonMs: number): RiskForecaster {
  return {
    name,
    horizonMs,
    features: [],
    isBaseline: true,
    unknownFeatures: new Map(),
    probabilities: async ({ baseRate, persistence }) => (name === 'base-rate' ? baseRate : persistence),
  };
}

/** A model of interruptions as a forecaster, asked as it is live. */
export function modelRiskForecaster(manifest: ModelManifest, runner: RowRunner): RiskForecaster {
  const names = manifest.features.map(feature => feature.name);
  const columns = names.length;
  const answer = answerPlaces(manifest);
  const unknownFeatures = new Map<string, number>();
  return {
    name: manifest.name,
    horizonMs: manifest.horizonHours * MS_PER_HOUR,
    features: names,
    isBaseline: false,
    unknownFeatures,
    probabilities: async question => {
      const said = new Float64Array(question.places.length).fill(Number.NaN);
      const { rows, points } = completeRows(names, question, unknownFeatures);
      if (points.length === 0) return said;
      const different = distinctRows(rows, columns);
      const count = different.rows.length / columns;
      const outputs = keptOutputs(manifest, await runner.run(different.rows, columns), count);
      for (let row = 0; row < points.length; row++) {
        const start = (different.placeOf[row] ?? 0) * answer.width;
        const own = probabilityAnswer(answer, outputs.subarray(start, start + answer.width));
        said[points[row] ?? 0] = own ?? Number.NaN;
      }
      return said;
    },
  };
}
