import type { Model } from '../../common/contracts/index.ts';
import type { Pool } from '../../common/units/index.ts';
import { type ForecastParts, featureNamesOf } from './forecast-parts.ts';
import type { MadePrediction, MadeRisk } from './made-prediction.ts';
import { dataHashOf, type ModelInputs } from './pack-inputs.ts';
import { isInScope, predictPrices, predictRisks, sliceFor } from './predict.ts';

/** What a model says as of a time, and the hash of what it was given; `null` when it was asked nothing. */
export interface MadeNow<Made> {
  readonly made: readonly Made[];
  readonly dataHash: string | null;
}

/** Prices that a model predicts as of now for the given pools of its scope; pools with unknown features are absent. */
export async function predictPricesNow(
  parts: ForecastParts,
  model: Model,
  pools: readonly Pool[],
): Promise<MadeNow<MadePrediction>> {
  return await collect(predictPrices(await optionsNow(parts, model, pools)));
}

/** The same for probabilities of interruption. */
export async function predictRisksNow(
  parts: ForecastParts,
  model: Model,
  pools: readonly Pool[],
): Promise<MadeNow<MadeRisk>> {
  return await collect(predictRisks(await optionsNow(parts, model, pools)));
}

async function optionsNow({ market, models, clock }: ForecastParts, model: Model, pools: readonly Pool[]) {
  const nowMs = clock.now();
  const fitting = pools.filter(pool => isInScope(model.manifest.scope, pool));
  return {
    manifest: model.manifest,
    session: await models.openSession(model.id),
    slice: await sliceFor(market, featureNamesOf(model), fitting, nowMs, nowMs),
    timesFor: () => Float64Array.of(nowMs),
  };
}

/** One time is one call of the model at most. */
async function collect<Made extends object>(
  batches: AsyncIterable<
    ModelInputs & { readonly predictions: readonly (Made & { readonly row: number })[] }
  >,
): Promise<MadeNow<Made>> {
  for await (const batch of batches) {
    const made = batch.predictions.map(({ row: _, ...prediction }) => prediction as unknown as Made);
    return { made, dataHash: dataHashOf(batch) };
  }
  return { made: [], dataHash: null };
}
