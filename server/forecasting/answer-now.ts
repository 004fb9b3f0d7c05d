import type { InterruptionForecast, Model, Prediction } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { poolKey } from '../../common/units/index.ts';
import type { Logger } from '../platform/index.ts';
import { featureSetHash } from './features/index.ts';
import { demandTask, type ForecastParts, featureNamesOf } from './forecast-parts.ts';
import { interruptionRisks, modelRisks, shownRisk } from './interruption-risk.ts';
import { poolNamed } from './load-series.ts';
import { shownPrediction } from './made-prediction.ts';
import { predictPricesNow } from './predict-now.ts';

/** What answers follow from; `data` is `null` where the model was asked nothing. */
interface AnswerHashes {
  readonly model: string;
  readonly features: string;
  readonly data: string | null;
}

/** Prices that a model predicts as of now. */
export interface PriceAnswers {
  modelId: string;
  hashes: AnswerHashes;
  predictions: Prediction[];
}

/** Risks as of now, one for each pool that was asked for. */
export interface RiskAnswers {
  /** `null` when no model answered. */
  modelId: string | null;
  hashes: AnswerHashes | null;
  risks: InterruptionForecast[];
}

/**
 * Predictions of the named model, or of the champion; of all pools in its scope unless told.
 * @throws AppError `model.not-ready` without a champion, `input.invalid` for a model of another task or what is no pool
 */
export async function answerPrices(
  parts: ForecastParts,
  modelId: string | undefined,
  keys: readonly string[] | undefined,
): Promise<PriceAnswers> {
  const { market, models } = parts;
  const model = modelId === undefined ? await models.champion('spot-price') : await models.get(modelId);
  if (!model) {
    throw new AppError('model.not-ready', 'There is no champion for spot-price yet.', {
      hint: 'Activate a model, or name one in modelId.',
    });
  }
  demandTask(model, 'spot-price');
  const pools = keys?.map(poolNamed) ?? (await market.prices.pools(model.manifest.scope));
  const { made, dataHash } = await predictPricesNow(parts, model, pools);
  return {
    modelId: model.id,
    hashes: hashesOf(model, dataHash),
    predictions: made.map(prediction => shownPrediction(prediction)),
  };
}

/**
 * Risks that the named model sees, or those that decisions use.
 * @throws AppError `input.invalid` for a model of another task or what is no pool, `model.faulty` when the named model fails
 */
export async function answerRisks(
  parts: ForecastParts,
  modelId: string | undefined,
  keys: readonly string[],
  log: Logger,
): Promise<RiskAnswers> {
  const pools = keys.map(poolNamed);
  if (modelId === undefined) {
    const { risks, made } = await interruptionRisks(parts, pools, log);
    return {
      modelId: made?.model.id ?? null,
      hashes: made ? hashesOf(made.model, made.dataHash) : null,
      risks: pools.map(poolKey).map(key => shownRisk(key, risks.get(key))),
    };
  }
  const model = demandTask(await parts.models.get(modelId), 'interruption');
  const { risks, dataHash } = await modelRisks(parts, model, pools);
  return {
    modelId,
    hashes: hashesOf(model, dataHash),
    risks: pools.map(poolKey).map(key => shownRisk(key, risks.get(key))),
  };
}

function hashesOf(model: Model, data: string | null): AnswerHashes {
  return { model: model.sha256, features: featureSetHash(featureNamesOf(model)), data };
}
