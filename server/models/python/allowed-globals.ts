/**
 * What a name in a pickle may become:
 * `constructor` runs here as pure data (`construct-value.ts`); `record` is remembered with its arguments and never called;
 * `reference` is only a name, calling it is refused; `refused` ends the reading.
 */
export type GlobalKind = 'constructor' | 'record' | 'reference' | 'refused';

export type GlobalPolicy = (module: string, name: string) => GlobalKind;

const constructors = names({
  _codecs: 'encode',
  builtins: 'bytearray bytes dict frozenset list set tuple',
  __builtin__: 'bytearray bytes dict frozenset list set tuple',
  collections: 'OrderedDict defaultdict',
  copyreg: '_reconstructor',
  copy_reg: '_reconstructor',
  datetime: 'date datetime',
  'numpy.core.multiarray': '_reconstruct scalar',
  'numpy._core.multiarray': '_reconstruct scalar',
  'numpy.core.numeric': '_frombuffer',
  'numpy._core.numeric': '_frombuffer',
  'pandas._libs.tslibs.timestamps': '_unpickle_timestamp',
  'pandas.core.indexes.base': '_new_Index',
});

const numberTypes =
  'bool bool_ float16 float32 float64 int8 int16 int32 int64 intc intp longlong object_ str_ uint8 uint16 uint32 uint64';

/** Classes, and the functions that only make an instance of one: kept by name with their arguments. */
const records = names({
  builtins: 'bool complex float int object range slice str',
  __builtin__: 'bool complex float int long object slice str unicode xrange',
  datetime: 'timedelta timezone',
  functools: 'partial',
  'joblib.numpy_pickle': 'NumpyArrayWrapper',
  numpy: `dtype ndarray ${numberTypes}`,
  'numpy.ma': 'MaskedArray',
  'numpy.ma.core': 'MaskedArray _mareconstruct',
  'numpy.random._generator': 'Generator',
  'numpy.random._mt19937': 'MT19937',
  'numpy.random._pcg64': 'PCG64 PCG64DXSM',
  'numpy.random._philox': 'Philox',
  'numpy.random._pickle': '__bit_generator_ctor __generator_ctor __randomstate_ctor',
  'numpy.random._sfc64': 'SFC64',
  'numpy.random.bit_generator': 'SeedSequence __pyx_unpickle_SeedSequence',
  'numpy.random.mtrand': 'RandomState',
  pandas: 'CategoricalDtype Index RangeIndex StringDtype Timestamp',
  'pandas._libs.arrays': '__pyx_unpickle_NDArrayBacked',
  'pandas._libs.internals': '_unpickle_block',
  'pandas.arrays': 'StringArray',
  pytz: '_UTC',
  'scipy.sparse._csc': 'csc_array csc_matrix',
  'scipy.sparse._csr': 'csr_array csr_matrix',
  'scipy.sparse.csc': 'csc_matrix',
  'scipy.sparse.csr': 'csr_matrix',
  'sklearn.compose._column_transformer': 'make_column_selector',
  'sklearn.metrics._dist_metrics': 'newObj',
  'sklearn.neighbors._ball_tree': 'newObj',
  'sklearn.neighbors._kd_tree': 'newObj',
});

const ufuncs =
  'absolute cbrt cos exp exp2 expm1 log log10 log1p log2 negative positive reciprocal sign sin sqrt square tan tanh';

/** Functions that a fitted model mentions as a parameter. */
const references = names({
  numpy: `${ufuncs} floating generic integer number`,
  'numpy._core._multiarray_umath': ufuncs,
  'numpy.core._multiarray_umath': ufuncs,
  'sklearn.feature_selection._mutual_info': 'mutual_info_classif mutual_info_regression',
  'sklearn.feature_selection._univariate_selection': 'chi2 f_classif f_regression r_regression',
  'sklearn.metrics._classification': 'accuracy_score f1_score log_loss precision_score recall_score',
  'sklearn.metrics._ranking': 'average_precision_score roc_auc_score',
  'sklearn.metrics._regression':
    'd2_pinball_score mean_absolute_error mean_absolute_percentage_error mean_pinball_loss mean_squared_error r2_score root_mean_squared_error',
  'sklearn.metrics._scorer': '_passthrough_scorer',
  'sklearn.utils.validation': 'check_array',
});

/**
 * The exact allow-list. Beyond the lists above only class-like names (a capital first letter, `_` before it allowed) are let in, as records, in the
 * modules of scikit-learn, XGBoost, LightGBM and the inner ones of pandas, because their classes move between versions. A dotted name is
 * always refused: Python walks it, attribute by attribute, out of the module.
 */
export const classifyGlobal: GlobalPolicy = (module, name) => {
  if (!/^\w+$/.test(name) || !/^\w+(\.\w+)*$/.test(module)) return 'refused';
  const full = `${module}.${name}`;
  if (constructors.has(full)) return 'constructor';
  if (records.has(full)) return 'record';
  if (references.has(full)) return 'reference';
  // Wheels of scikit-learn 1.6 name this compiled module without its package.
  if (module === '_loss' || module === 'sklearn._loss._loss') {
    return /^(__pyx_unpickle_)?Cy[A-Z]\w*$/.test(name) ? 'record' : 'refused';
  }
  if (!/^_?[A-Z]\w*$/.test(name)) return 'refused';
  return /^(sklearn|xgboost|lightgbm)(\.|$)|^pandas\.(core|_libs)\./.test(module) ? 'record' : 'refused';
};

function names(byModule: Readonly<Record<string, string>>): ReadonlySet<string> {
  return new Set(
    Object.entries(byModule).flatMap(([module, list]) => list.split(' ').map(name => `${module}.${name}`)),
  );
}
