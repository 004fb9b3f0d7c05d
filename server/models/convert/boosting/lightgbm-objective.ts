import type { BoosterLink, BoosterModel } from './booster-model.ts';
import { refusedBooster } from './damaged-booster.ts';

/** What an objective of LightGBM does with the sum of the leaves. */
export interface LightgbmObjective {
  readonly task: BoosterModel['task'];
  readonly link: BoosterLink;
  readonly warning: string | undefined;
}

const identity = new Set([
  'regression',
  'regression_l2',
  'regression_l1',
  'huber',
  'fair',
  'quantile',
  'mape',
]);
const exponential = new Set(['poisson', 'gamma', 'tweedie']);
const ranking = new Set(['lambdarank', 'rank_xendcg', 'xendcg']);

/**
 * The objective of a model file's line, e.g. `binary sigmoid:1` or `regression sqrt`. Source: `ConvertOutput` in
 * `src/objective/*` of LightGBM 4.
 * @param line `undefined` when the file has none, as after training with a function of one's own
 * @throws AppError `model.rejected` for an unknown one, naming it
 */
export function lightgbmObjective(line: string | undefined): LightgbmObjective {
  const [name = '', ...settings] = (line ?? '').trim().split(/\s+/);
  const scale = Number(settings.find(own => own.startsWith('sigmoid:'))?.slice('sigmoid:'.length) ?? 1);
  const sigmoid: BoosterLink = { kind: 'sigmoid', scale: Number.isFinite(scale) ? scale : 1 };
  const value = (link: BoosterLink, warning?: string): LightgbmObjective => ({
    task: 'regression',
    link,
    warning,
  });
  if (name === '' || name === 'custom') {
    return value(
      { kind: 'identity' },
      'The model was trained with an objective of its own, so its raw score is given as it is.',
    );
  }
  if (identity.has(name)) {
    return value({ kind: settings.includes('sqrt') ? 'signed-square' : 'identity' });
  }
  if (exponential.has(name)) return value({ kind: 'exp' });
  if (ranking.has(name)) {
    return value(
      { kind: 'identity' },
      'The objective is a ranking: its output is a score whose order alone has a meaning.',
    );
  }
  if (name === 'cross_entropy' || name === 'xentropy') return value({ kind: 'sigmoid', scale: 1 });
  if (name === 'cross_entropy_lambda' || name === 'xentlambda') return value({ kind: 'softplus' });
  if (name === 'binary') return { task: 'binary', link: sigmoid, warning: undefined };
  if (name === 'multiclass') return { task: 'multiclass', link: { kind: 'softmax' }, warning: undefined };
  if (name === 'multiclassova') return { task: 'multiclass', link: sigmoid, warning: undefined };
  throw refusedBooster(
    `LightGBM's objective '${name.slice(0, 60)}' is not known here.`,
    'Train with regression, huber, quantile, poisson, gamma, tweedie, binary, multiclass or cross_entropy.',
  );
}
