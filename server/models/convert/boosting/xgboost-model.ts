import {
  type BoosterSection,
  type BoosterValue,
  countOf,
  fieldOf,
  isSection,
  listOf,
  numbersOf,
  sectionOf,
  textOf,
  textsOf,
} from './booster-document.ts';
import type { BoosterBody, BoosterModel } from './booster-model.ts';
import { damagedBooster, refusedBooster } from './damaged-booster.ts';
import { readBoosterJson } from './read-booster-json.ts';
import { type XgboostObjective, xgboostObjective } from './xgboost-objective.ts';
import { type XgboostForest, xgboostForest } from './xgboost-trees.ts';

const MOST_COLUMNS = 100_000;
const MOST_OUTPUTS = 10_000;
const CATEGORY_CODES =
  'XGBoost keeps no names of categories: give each by its number (what pandas calls the code of the category).';

/** What the Python wrapper knows and its booster does not. */
export interface XgboostWrapper {
  /** Boosting rounds that predict() uses (early stopping); `undefined` for all. */
  readonly rounds: number | undefined;
  /** The value that stands for a missing one; `undefined` when only NaN does. */
  readonly missing: number | undefined;
  readonly classes: readonly (string | number)[] | undefined;
}

/**
 * A booster of XGBoost out of its JSON or UBJSON (schema of 1.0 to 3.1; pickles wrap it in `{Config, Model}`).
 * Without `wrapper`, what `save_model` of the scikit-learn wrapper left in the attributes is used; a booster that was saved
 * itself uses all rounds, as `Booster.predict` does.
 * @throws AppError `model.not-a-model` when it is none or damaged, `model.rejected` naming what is not supported
 */
export function xgboostModel(document: BoosterValue, wrapper?: XgboostWrapper): BoosterModel {
  if (!isSection(document)) throw damagedBooster('it is no object');
  const root = isSection(fieldOf(document, 'Model')) ? sectionOf(document, 'Model') : document;
  const learner = sectionOf(root, 'learner');
  const param = sectionOf(learner, 'learner_model_param');
  const columns = countOf(param, 'num_feature', 0);
  if (columns < 1 || columns > MOST_COLUMNS) throw damagedBooster(`it has ${columns} columns`);
  const outputs = Math.max(countOf(param, 'num_class', 0), countOf(param, 'num_target', 1), 1);
  if (outputs > MOST_OUTPUTS) throw damagedBooster(`it has ${outputs} outputs`);
  const objective = xgboostObjective(textOf(sectionOf(learner, 'objective'), 'name') ?? '');
  if (objective.task === 'binary' && outputs !== 1) {
    throw refusedBooster(
      `The XGBoost booster decides ${outputs} yes-or-no questions at once, which is not supported.`,
      'Train one model per question.',
    );
  }
  if (objective.task === 'multiclass' && outputs < 2)
    throw damagedBooster('it has several classes and one output');
  const saved = wrapper ?? savedWrapper(document, learner);
  const booster = sectionOf(learner, 'gradient_booster');
  const body = bodyOf(booster, columns, outputs, baseMargins(param, objective, outputs), saved.rounds);
  return {
    library: 'xgboost',
    libraryVersion: versionOf(root),
    precision: 'float32',
    columns,
    features: featuresOf(learner, columns),
    outputs,
    body,
    divisor: 1,
    link: objective.link,
    task: objective.task,
    missing: saved.missing,
    classes: saved.classes,
    warnings: [
      ...(objective.warning === undefined ? [] : [objective.warning]),
      ...(body.kind === 'trees' && body.treeColumns.category ? [CATEGORY_CODES] : []),
    ],
  };
}

/** Rounds after which early stopping stopped, out of the booster's own attributes (XGBoost 1.6 and later). */
export function bestRounds(document: BoosterValue): number | undefined {
  if (!isSection(document)) return undefined;
  const root = isSection(fieldOf(document, 'Model')) ? sectionOf(document, 'Model') : document;
  const attributes = fieldOf(sectionOf(root, 'learner'), 'attributes');
  if (!isSection(attributes) || textOf(attributes, 'best_iteration') === undefined) return undefined;
  return countOf(attributes, 'best_iteration', 0) + 1;
}

function bodyOf(
  booster: BoosterSection,
  columns: number,
  outputs: number,
  margins: number[],
  rounds: number | undefined,
): BoosterBody {
  const name = textOf(booster, 'name') ?? '';
  if (name === 'gbtree') {
    const forest = xgboostForest(sectionOf(booster, 'model'), columns, outputs, undefined, rounds);
    return treesOf(forest, margins);
  }
  if (name === 'dart') {
    const model = sectionOf(sectionOf(booster, 'gbtree'), 'model');
    const forest = xgboostForest(model, columns, outputs, numbersOf(booster, 'weight_drop'), rounds);
    return treesOf(forest, margins);
  }
  if (name === 'gblinear') {
    const weights = numbersOf(sectionOf(booster, 'model'), 'weights', (columns + 1) * outputs).map(
      Math.fround,
    );
    const bias = weights
      .slice(columns * outputs)
      .map((own, output) => Math.fround(own + (margins[output] ?? 0)));
    return { kind: 'linear', weights: weights.slice(0, columns * outputs), bias };
  }
  throw refusedBooster(
    `XGBoost's booster '${name.slice(0, 60)}' is not known here.`,
    'Use gbtree, dart or gblinear.',
  );
}

function treesOf({ trees, hasCategories }: XgboostForest, base: number[]): BoosterBody {
  const treeColumns = { zero: false, category: hasCategories ? ('down' as const) : undefined };
  return { kind: 'trees', trees, base, treeColumns };
}

/** `5E-1`; since 3.1 also `[5E-1]` and one value per output. */
function baseMargins(param: BoosterSection, objective: XgboostObjective, outputs: number): number[] {
  const text = textOf(param, 'base_score') ?? '5E-1';
  const scores = text
    .replace(/^\s*\[|\]\s*$/g, '')
    .split(',')
    .map(part => (part.trim() === '' ? Number.NaN : Number(part)));
  if (scores.some(score => !Number.isFinite(score)) || (scores.length !== 1 && scores.length !== outputs)) {
    throw damagedBooster(`its base_score '${text.slice(0, 60)}' is no number per output`);
  }
  const margins = Array.from({ length: outputs }, (_, output) =>
    Math.fround(objective.marginOf(Math.fround(scores[scores.length === 1 ? 0 : output] ?? 0))),
  );
  if (margins.some(margin => !Number.isFinite(margin))) {
    throw damagedBooster(`its base_score '${text.slice(0, 60)}' is outside what its objective allows`);
  }
  return margins;
}

function featuresOf(learner: BoosterSection, columns: number): string[] | undefined {
  const names = textsOf(learner, 'feature_names');
  if (names !== undefined && names.length !== columns) {
    throw damagedBooster(`it names ${names.length} features and has ${columns} columns`);
  }
  return names;
}

function versionOf(root: BoosterSection): string {
  const version = listOf(root, 'version') ?? fieldOf(root, 'version');
  const parts = version instanceof Float64Array || Array.isArray(version) ? [...version] : [];
  return parts.slice(0, 3).every(part => typeof part === 'number') ? parts.slice(0, 3).join('.') : '';
}

/** The scikit-learn wrapper's save_model leaves its parameters, as JSON, in an attribute (until XGBoost 2 in full). */
function savedWrapper(document: BoosterValue, learner: BoosterSection): XgboostWrapper {
  const attributes = fieldOf(learner, 'attributes');
  const text = isSection(attributes) ? textOf(attributes, 'scikit_learn') : undefined;
  const saved = text === undefined ? undefined : readBoosterJson(text);
  if (!isSection(saved)) return { rounds: undefined, missing: undefined, classes: undefined };
  const missing = fieldOf(saved, 'missing');
  const classes = (listOf(saved, 'classes_') ?? []).filter(
    own => typeof own === 'string' || typeof own === 'number',
  );
  return {
    rounds: bestRounds(document),
    missing: typeof missing === 'number' ? missing : undefined,
    classes: classes.length > 0 ? classes : undefined,
  };
}
