import type { Recomputation } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { featureSetHash } from './features/index.ts';
import { type ForecastParts, featureNamesOf } from './forecast-parts.ts';
import { priceOf } from './predict.ts';
import type { KeptPrediction } from './prediction-store.ts';

/**
 * Makes a kept prediction once more: the call of the model that made it is repeated as it was, with all its rows, because a
 * sum may round differently in a call of another size.
 * @throws AppError `resource.not-found` when there is no such prediction, `model.faulty` when the model fails
 */
export async function recomputePrediction(
  { models, predictions }: ForecastParts,
  modelId: string,
  pool: string,
  madeAt: number,
): Promise<Recomputation> {
  const model = await models.get(modelId);
  const kept = await predictions.one(modelId, pool, madeAt);
  if (!kept) {
    throw new AppError(
      'resource.not-found',
      `"${model.manifest.name}" has no prediction for ${pool} made at ${new Date(madeAt).toISOString()}.`,
      { hint: 'Take pool and madeAt from the series of the model; predictions are kept for 60 days.' },
    );
  }
  const names = featureNamesOf(model);
  const { inputs } = kept;
  const base = {
    modelId,
    pool: kept.pool,
    madeAt,
    forMs: kept.forMs,
    modelHash: kept.modelHash,
    featureHash: kept.featureHash,
    features: inputs ? names.map((name, column) => ({ name, value: valueAt(inputs, column) })) : [],
    keptPriceMicroUsdPerHour: kept.priceMicroUsdPerHour,
    recomputedPriceMicroUsdPerHour: null,
    keptOutput: inputs?.output[inputs.row] ?? null,
    recomputedOutput: null,
  };
  const unknown = (sentence: string): Recomputation => ({ ...base, verdict: 'unknown', sentence });
  if (!inputs) return unknown('It was made before inputs were kept, so it cannot be recomputed.');
  if (kept.modelHash !== model.sha256) {
    return unknown(`It was made by the file ${kept.modelHash}; the model's file now is ${model.sha256}.`);
  }
  const session = await models.openSession(modelId);
  const [output] = await session.run(inputs.table, inputs.columns);
  const recomputedOutput = output?.[inputs.row] ?? Number.NaN;
  const price = priceOf(model.manifest, recomputedOutput, kept.persistenceMicroUsdPerHour);
  const isEqual = Object.is(recomputedOutput, base.keptOutput) && price === kept.priceMicroUsdPerHour;
  const meaning =
    kept.featureHash === featureSetHash(names)
      ? ''
      : ' The meaning of its features has changed since; it was recomputed from the values as they were then.';
  return {
    ...base,
    recomputedPriceMicroUsdPerHour: price ?? null,
    recomputedOutput: Number.isFinite(recomputedOutput) ? recomputedOutput : null,
    verdict: isEqual ? 'equal' : 'different',
    sentence: isEqual
      ? `Recomputed from its ${names.length} kept inputs, the prediction is the same to the bit.${meaning}`
      : `Recomputed, the model puts out ${recomputedOutput} instead of ${base.keptOutput}, which makes ${price ?? 'no price'} instead of ${kept.priceMicroUsdPerHour} micro-USD per hour.${meaning}`,
  };
}

function valueAt({ table, columns, row }: NonNullable<KeptPrediction['inputs']>, column: number): number {
  return table[row * columns + column] ?? Number.NaN;
}
