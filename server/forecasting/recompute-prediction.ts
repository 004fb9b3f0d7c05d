import type { Model, Recomputation } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { featureSetHash } from './features/index.ts';
import { type ForecastParts, featureNamesOf } from './forecast-parts.ts';
import type { KeptInputs } from './kept-inputs.ts';
import { poolNamed } from './load-series.ts';
import { answerPlaces, type PriceAnswer, priceAnswer, probabilityAnswer } from './model-answers.ts';
import { dataHashOf, outputWidth } from './pack-inputs.ts';
import { keptOutputs } from './predict.ts';
import type { KeptPrediction } from './prediction-store.ts';
import type { KeptRisk } from './risk-store.ts';

/**
 * Makes a kept prediction once more: the call of the model that made it is repeated as it was, with all its rows, because a
 * sum may round differently in a call of another size.
 * @throws AppError `input.invalid` for what is no pool, `resource.not-found` when there is no such prediction, `model.faulty`
 * when the model fails
 */
export async function recomputePrediction(
  { models, predictions, risks }: ForecastParts,
  modelId: string,
  pool: string,
  madeAt: number,
): Promise<Recomputation> {
  poolNamed(pool);
  const model = await models.get(modelId);
  const isRisk = model.manifest.task === 'interruption';
  const kept = await (isRisk ? risks : predictions).one(modelId, pool, madeAt);
  if (!kept) throw noPrediction(model, pool, madeAt);
  const { inputs } = kept;
  const base = { ...baseOf(model, kept), modelId, madeAt };
  const unknown = (sentence: string): Recomputation => ({ ...base, verdict: 'unknown', sentence });
  if (!inputs) return unknown('It was made before inputs were kept, so it cannot be recomputed.');
  if (inputs.dataHash !== null && inputs.dataHash !== dataHashOf(inputs)) {
    return unknown('Its kept inputs are not those that it was made from: their hash is another.');
  }
  if (kept.modelHash !== model.sha256) {
    return unknown(`It was made by the file ${kept.modelHash}; the model's file now is ${model.sha256}.`);
  }
  const session = await models.openSession(modelId);
  const rows = inputs.table.length / inputs.columns;
  const output = keptOutputs(model.manifest, await session.run(inputs.table, inputs.columns), rows);
  const again = { ...inputs, output };
  const values = outputsOf(again);
  const before = outputsOf(inputs);
  const answer = answerOf(model, kept, again);
  const names = featureNamesOf(model);
  const isEqual =
    values.length === before.length &&
    values.every((value, index) => Object.is(value, before[index])) &&
    isSameAnswer(kept, answer);
  const meaning =
    kept.featureHash === featureSetHash(names)
      ? ''
      : ' The meaning of its features has changed since; it was recomputed from the values as they were then.';
  return {
    ...base,
    recomputedPriceMicroUsdPerHour: answer.price?.priceMicroUsdPerHour ?? null,
    recomputedQuantiles: [...(answer.price?.quantiles ?? [])],
    recomputedProbability: answer.probability ?? null,
    recomputedOutput: finite(values[0]),
    recomputedOutputs: values.map(finite),
    verdict: isEqual ? 'equal' : 'different',
    sentence: isEqual
      ? `Recomputed from its ${names.length} kept inputs, the prediction is the same to the bit.${meaning}`
      : `Recomputed, the model puts out ${values.join(', ')} instead of ${before.join(', ')}, which makes ${wordsOf(answer)} instead of ${wordsOf(keptAnswer(kept))}.${meaning}`,
  };
}

interface Answer {
  readonly price: PriceAnswer | undefined;
  readonly probability: number | undefined;
}

function baseOf(model: Model, kept: KeptPrediction | KeptRisk) {
  const { inputs } = kept;
  const { price, probability } = keptAnswer(kept);
  const values = inputs ? outputsOf(inputs) : [];
  return {
    pool: kept.pool,
    forMs: kept.forMs,
    modelHash: kept.modelHash,
    featureHash: kept.featureHash,
    dataHash: inputs?.dataHash ?? null,
    features: inputs
      ? featureNamesOf(model).map((name, column) => ({ name, value: valueAt(inputs, column) }))
      : [],
    keptPriceMicroUsdPerHour: price?.priceMicroUsdPerHour ?? null,
    recomputedPriceMicroUsdPerHour: null,
    keptQuantiles: [...(price?.quantiles ?? [])],
    recomputedQuantiles: [],
    keptProbability: probability ?? null,
    recomputedProbability: null,
    keptOutput: finite(values[0]),
    recomputedOutput: null,
    keptOutputs: values.map(finite),
    recomputedOutputs: [],
  };
}

function keptAnswer(kept: KeptPrediction | KeptRisk): Answer {
  return 'probability' in kept
    ? { price: undefined, probability: kept.probability }
    : { price: kept, probability: undefined };
}

function answerOf(model: Model, kept: KeptPrediction | KeptRisk, inputs: KeptInputs): Answer {
  const places = answerPlaces(model.manifest);
  const row = Float64Array.from(outputsOf(inputs));
  if ('probability' in kept) return { price: undefined, probability: probabilityAnswer(places, row) };
  const price = priceAnswer(model.manifest, places, row, kept.persistenceMicroUsdPerHour);
  return { price, probability: undefined };
}

function isSameAnswer(kept: KeptPrediction | KeptRisk, answer: Answer): boolean {
  if ('probability' in kept) return answer.probability === kept.probability;
  const { price } = answer;
  return (
    price?.priceMicroUsdPerHour === kept.priceMicroUsdPerHour &&
    JSON.stringify(price.quantiles) === JSON.stringify(kept.quantiles)
  );
}

function wordsOf({ price, probability }: Answer): string {
  if (probability !== undefined) return `a probability of ${probability}`;
  if (price === undefined) return 'no usable answer';
  const band = price.quantiles.map(quantile => quantile.priceMicroUsdPerHour).join(', ');
  return `${price.priceMicroUsdPerHour} micro-USD per hour${band === '' ? '' : ` (quantiles ${band})`}`;
}

/** What the model gave for the row of a prediction. */
function outputsOf(inputs: KeptInputs): number[] {
  const width = outputWidth(inputs);
  return [...inputs.output.subarray(inputs.row * width, (inputs.row + 1) * width)];
}

function valueAt({ table, columns, row }: KeptInputs, column: number): number {
  return table[row * columns + column] ?? Number.NaN;
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

function noPrediction(model: Model, pool: string, madeAt: number): AppError {
  const at = Number.isFinite(new Date(madeAt).getTime()) ? new Date(madeAt).toISOString() : `${madeAt}`;
  return new AppError(
    'resource.not-found',
    `"${model.manifest.name}" has no prediction for ${pool} made at ${at}.`,
    { hint: 'Take pool and madeAt from the series of the model; predictions are kept for 60 days.' },
  );
}
