import { AppError } from '../../common/errors.ts';
import { MS_PER_DAY } from '../../common/units/index.ts';
import type { FillInput } from './fill-gaps.ts';
import { wholeSeconds } from './fill-plan.ts';
import { completeScope } from './gap.ts';
import type { GapRequest, ModelNeed } from './market.ts';

/** Looked back where a scope by hand names no start. */
const DEFAULT_LOOKBACK_MS = 30 * MS_PER_DAY;

/**
 * What a request needs of the market, in whole seconds and with every product by name.
 * @throws AppError `resource.not-found` or `input.invalid`
 */
export async function needOfRequest(
  request: GapRequest,
  nowMs: number,
  needOfModel: (modelId: string) => Promise<ModelNeed | undefined>,
): Promise<FillInput> {
  const toMs = wholeSeconds(request.toMs ?? nowMs);
  const again = request.again === true ? { again: true } : {};
  if (request.modelId !== undefined) {
    const need = await needOfModel(request.modelId);
    if (!need) throw new AppError('resource.not-found', `There is no model "${request.modelId}".`);
    const { trainedUntilMs, lookbackMs } = need;
    const fromMs = wholeSeconds(trainedUntilMs - lookbackMs);
    return {
      modelId: request.modelId,
      scope: completeScope(need.scope),
      trainedUntilMs,
      fromMs,
      toMs,
      ...again,
    };
  }
  if (request.scope === undefined) throw new AppError('input.invalid', 'Neither modelId nor scope is given.');
  const fromMs = wholeSeconds(request.fromMs ?? nowMs - DEFAULT_LOOKBACK_MS);
  if (fromMs >= Math.min(toMs, nowMs)) {
    throw new AppError(
      'input.invalid',
      `fromMs is ${fromMs} (${new Date(fromMs).toISOString()}), which is not before ${toMs < nowMs ? `toMs ${toMs}` : 'now'}.`,
    );
  }
  return { modelId: null, scope: completeScope(request.scope), trainedUntilMs: null, fromMs, toMs, ...again };
}
