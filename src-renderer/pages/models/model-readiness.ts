import type { Experiment, Model } from '../../../common/contracts/index.ts';

/** Why a version cannot serve now and what to do about it; `undefined` when it can. */
export function whyNotServing({ state, reasons }: Pick<Model, 'state' | 'reasons'>): string | undefined {
  if (state === 'ready' || state === 'active' || state === 'retired') return undefined;
  if (state === 'rejected' || state === 'faulty') return reasons.join(' ') || `It is ${state}.`;
  return 'Fill its gap first: it needs prices up to today.';
}

/** Why a version cannot be the challenger of an experiment now; `undefined` when it can. */
export function whyNotChallenger(
  model: Model,
  models: readonly Model[],
  experiments: readonly Experiment[],
): string | undefined {
  const { task } = model.manifest;
  if (model.aliases.includes('champion')) return 'It is the champion; choose another version to compare.';
  if (!models.some(each => each.manifest.task === task && each.aliases.includes('champion')))
    return 'There is no champion to compare with: activate a model first.';
  if (experiments.some(each => each.task === task && each.endedAt === null))
    return 'An experiment runs already; one of a task runs at a time.';
  return whyNotServing(model);
}
