import type { BoosterLink, BoosterModel } from './booster-model.ts';
import { refusedBooster } from './damaged-booster.ts';

/** What an objective of XGBoost says about the sum of the leaves. */
export interface XgboostObjective {
  readonly task: BoosterModel['task'];
  readonly link: BoosterLink;
  /** From `base_score` to what is added to the leaves, in float32 as `ObjFunction::ProbToMargin` does. */
  readonly marginOf: (baseScore: number) => number;
  readonly warning: string | undefined;
}

const same = (score: number) => score;
const logit = (score: number) => {
  const odds = Math.fround(Math.fround(1 / Math.fround(score)) - 1);
  return Math.fround(-Math.fround(Math.log(odds)));
};
const logarithm = (score: number) => Math.fround(Math.log(Math.fround(score)));

const identity: BoosterLink = { kind: 'identity' };
const sigmoid: BoosterLink = { kind: 'sigmoid', scale: 1 };
const value = (link: BoosterLink, marginOf = same, warning?: string): XgboostObjective => ({
  task: 'regression',
  link,
  marginOf,
  warning,
});
const scoreOnly = 'The objective is a ranking: its output is a score whose order alone has a meaning.';

/** Sources: `src/objective/*` of XGBoost 1.7 to 3.1. */
const objectives: ReadonlyMap<string, XgboostObjective> = new Map([
  ['reg:squarederror', value(identity)],
  ['reg:linear', value(identity)],
  ['reg:squaredlogerror', value(identity)],
  ['reg:absoluteerror', value(identity)],
  ['reg:pseudohubererror', value(identity)],
  ['reg:quantileerror', value(identity)],
  ['reg:logistic', value(sigmoid, logit)],
  ['reg:gamma', value({ kind: 'exp' }, logarithm)],
  ['reg:tweedie', value({ kind: 'exp' }, logarithm)],
  ['count:poisson', value({ kind: 'exp' }, logarithm)],
  ['binary:logistic', { task: 'binary', link: sigmoid, marginOf: logit, warning: undefined }],
  [
    'binary:logitraw',
    // base_score counts as log-odds already: measured with 1.7.4, whose header would have it otherwise.
    value(identity, same, 'The objective binary:logitraw gives log-odds, no probability.'),
  ],
  ['binary:hinge', { task: 'binary', link: { kind: 'step' }, marginOf: same, warning: undefined }],
  // base_score of several classes is added as it stands (dmlc/xgboost issue 11763).
  ['multi:softprob', { task: 'multiclass', link: { kind: 'softmax' }, marginOf: same, warning: undefined }],
  ['multi:softmax', { task: 'multiclass', link: { kind: 'softmax' }, marginOf: same, warning: undefined }],
  ['rank:pairwise', value(identity, same, scoreOnly)],
  ['rank:ndcg', value(identity, same, scoreOnly)],
  ['rank:map', value(identity, same, scoreOnly)],
]);

/**
 * The objective by its name.
 * @throws AppError `model.rejected` for survival and unknown objectives, naming them
 */
export function xgboostObjective(name: string): XgboostObjective {
  const objective = objectives.get(name);
  if (objective !== undefined) return objective;
  throw refusedBooster(
    name.startsWith('survival:')
      ? `XGBoost's objective '${name}' predicts survival, which no forecast here uses.`
      : `XGBoost's objective '${name.slice(0, 60)}' is not known here.`,
    `Train with one of: ${[...objectives.keys()].join(', ')}.`,
  );
}
