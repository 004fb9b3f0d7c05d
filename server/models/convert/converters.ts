import type { PythonClass } from '../python/python-values.ts';
import { boostingConverters } from './boosting/index.ts';
import { convertCalibrated } from './compose/calibration.ts';
import {
  convertBaggingClassifier,
  convertBaggingRegressor,
  convertMultiOutput,
  convertStacking,
  convertTransformedTarget,
  convertVotingClassifier,
  convertVotingRegressor,
} from './compose/combinations.ts';
import { convertOneVersusOne, convertOneVersusRest } from './compose/one-against.ts';
import {
  convertColumnTransformer,
  convertFeatureUnion,
  convertPipeline,
  convertSearch,
} from './compose/pipelines.ts';
import type { Converter } from './conversion.ts';
import { convertMlpClassifier, convertMlpRegressor } from './kernel/neural-network.ts';
import { convertSvc, convertSvr } from './kernel/support-vectors.ts';
import { convertDummyClassifier, convertDummyRegressor } from './linear/dummies.ts';
import { convertLabelClassifier, convertLogistic, convertSgdClassifier } from './linear/linear-classifier.ts';
import {
  convertGeneralizedLinear,
  convertLinearRegressor,
  convertRansac,
} from './linear/linear-regressor.ts';
import { convertOneHotEncoder, convertOrdinalEncoder } from './preprocessing/encoders.ts';
import { convertImputer, convertMissingIndicator } from './preprocessing/imputer.ts';
import { convertFunctionTransformer } from './preprocessing/known-functions.ts';
import { convertPolynomial, convertProjection } from './preprocessing/projections.ts';
import { convertBinarizer, convertNormalizer, convertScaler } from './preprocessing/scalers.ts';
import {
  convertForestClassifier,
  convertForestRegressor,
  convertTreeClassifier,
  convertTreeRegressor,
} from './trees/forests.ts';
import {
  convertGradientBoostingClassifier,
  convertGradientBoostingRegressor,
} from './trees/gradient-boosting.ts';
import { convertHistClassifier, convertHistRegressor } from './trees/hist-gradient-boosting.ts';
import { convertIsolationForest } from './trees/isolation-forest.ts';

/** Names of classes that share a converter. */
const scikitLearn: readonly (readonly [Converter, readonly string[]])[] = [
  [
    convertLinearRegressor,
    [
      'LinearRegression',
      'Ridge',
      'RidgeCV',
      'Lasso',
      'LassoCV',
      'LassoLars',
      'LassoLarsCV',
      'LassoLarsIC',
      'ElasticNet',
      'ElasticNetCV',
      'MultiTaskElasticNet',
      'MultiTaskElasticNetCV',
      'MultiTaskLasso',
      'MultiTaskLassoCV',
      'Lars',
      'LarsCV',
      'OrthogonalMatchingPursuit',
      'OrthogonalMatchingPursuitCV',
      'BayesianRidge',
      'ARDRegression',
      'HuberRegressor',
      'SGDRegressor',
      'PassiveAggressiveRegressor',
      'QuantileRegressor',
      'TheilSenRegressor',
      'LinearSVR',
    ],
  ],
  [convertGeneralizedLinear, ['PoissonRegressor', 'GammaRegressor', 'TweedieRegressor']],
  [convertRansac, ['RANSACRegressor']],
  [convertDummyRegressor, ['DummyRegressor']],
  [convertDummyClassifier, ['DummyClassifier']],
  [convertLogistic, ['LogisticRegression', 'LogisticRegressionCV']],
  [
    convertLabelClassifier,
    ['LinearSVC', 'RidgeClassifier', 'RidgeClassifierCV', 'Perceptron', 'PassiveAggressiveClassifier'],
  ],
  [convertSgdClassifier, ['SGDClassifier']],
  [convertScaler, ['StandardScaler', 'MinMaxScaler', 'MaxAbsScaler', 'RobustScaler']],
  [convertNormalizer, ['Normalizer']],
  [convertBinarizer, ['Binarizer']],
  [convertProjection, ['PCA', 'IncrementalPCA', 'TruncatedSVD']],
  [convertPolynomial, ['PolynomialFeatures']],
  [convertImputer, ['SimpleImputer']],
  [convertMissingIndicator, ['MissingIndicator']],
  [convertOneHotEncoder, ['OneHotEncoder']],
  [convertOrdinalEncoder, ['OrdinalEncoder']],
  [convertFunctionTransformer, ['FunctionTransformer']],
  [convertPipeline, ['Pipeline']],
  [convertColumnTransformer, ['ColumnTransformer']],
  [convertFeatureUnion, ['FeatureUnion']],
  [convertSearch, ['GridSearchCV', 'RandomizedSearchCV', 'HalvingGridSearchCV', 'HalvingRandomSearchCV']],
  [convertTreeRegressor, ['DecisionTreeRegressor', 'ExtraTreeRegressor']],
  [convertTreeClassifier, ['DecisionTreeClassifier', 'ExtraTreeClassifier']],
  [convertForestRegressor, ['RandomForestRegressor', 'ExtraTreesRegressor']],
  [convertForestClassifier, ['RandomForestClassifier', 'ExtraTreesClassifier']],
  [convertGradientBoostingRegressor, ['GradientBoostingRegressor']],
  [convertGradientBoostingClassifier, ['GradientBoostingClassifier']],
  [convertHistRegressor, ['HistGradientBoostingRegressor']],
  [convertHistClassifier, ['HistGradientBoostingClassifier']],
  [convertIsolationForest, ['IsolationForest']],
  [convertMlpRegressor, ['MLPRegressor']],
  [convertMlpClassifier, ['MLPClassifier']],
  [convertSvr, ['SVR', 'NuSVR']],
  [convertSvc, ['SVC', 'NuSVC']],
  [convertVotingRegressor, ['VotingRegressor']],
  [convertVotingClassifier, ['VotingClassifier']],
  [convertStacking, ['StackingRegressor', 'StackingClassifier']],
  [convertBaggingRegressor, ['BaggingRegressor']],
  [convertBaggingClassifier, ['BaggingClassifier']],
  [convertOneVersusRest, ['OneVsRestClassifier']],
  [convertOneVersusOne, ['OneVsOneClassifier']],
  [convertCalibrated, ['CalibratedClassifierCV']],
  [convertMultiOutput, ['MultiOutputRegressor']],
  [convertTransformedTarget, ['TransformedTargetRegressor']],
];

/** Library (first part of the module) → class name → converter. Modules moved between versions, names did not. */
const byLibrary: ReadonlyMap<string, ReadonlyMap<string, Converter>> = new Map([
  [
    'sklearn',
    new Map(scikitLearn.flatMap(([converter, names]) => names.map(name => [name, converter] as const))),
  ],
  ['xgboost', boostingConverters],
  ['lightgbm', boostingConverters],
]);

/** The converter of a class; `undefined` when it cannot be imported. */
export function converterOf(type: PythonClass): Converter | undefined {
  return byLibrary.get(libraryOf(type))?.get(type.name);
}

/** Classes that look at no column themselves, but choose columns for their parts. */
const passing = new Set([
  ...['Pipeline', 'ColumnTransformer', 'FeatureUnion', 'TransformedTargetRegressor', 'MultiOutputRegressor'],
  ...['GridSearchCV', 'RandomizedSearchCV', 'HalvingGridSearchCV', 'HalvingRandomSearchCV'],
  ...['VotingRegressor', 'VotingClassifier', 'StackingRegressor', 'StackingClassifier'],
  ...['CalibratedClassifierCV', 'OneVsRestClassifier', 'OneVsOneClassifier'],
]);

/** Whether a class hands its columns on as they are, so that its parts decide what is read. */
export function passesColumnsOn(type: PythonClass): boolean {
  return libraryOf(type) === 'sklearn' && passing.has(type.name);
}

/** The library of a class: the first part of its module. */
export function libraryOf(type: PythonClass): string {
  return type.module.split('.')[0] ?? '';
}
