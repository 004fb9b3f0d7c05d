import type { Model } from '../../../common/contracts/index.ts';

const FORMATS: Readonly<Record<string, string>> = {
  onnx: 'an ONNX model',
  pickle: 'a Python pickle',
  joblib: 'a joblib file of Python',
  'xgboost-json': 'an XGBoost model in JSON',
  'xgboost-ubj': 'an XGBoost model in UBJSON',
  'lightgbm-text': 'a LightGBM model in text',
};

/** Libraries as people call them, by their name in Python. */
const LIBRARIES: Readonly<Record<string, string>> = {
  sklearn: 'scikit-learn',
  xgboost: 'XGBoost',
  lightgbm: 'LightGBM',
};

/** What a file is, in words: `a Python pickle`, of what class where the file says so. */
export function formatWords({ format, madeWith }: Pick<Model, 'format' | 'madeWith'>): string {
  const words = FORMATS[format] ?? format;
  if (madeWith === null || !format.match(/^(pickle|joblib)$/)) return words;
  const { library: name, libraryVersion } = madeWith;
  const library = [LIBRARIES[name] ?? name, libraryVersion].filter(word => word !== '').join(' ');
  return `${words} of ${madeWith.model} (${library})`;
}

/** Whether what runs was made from the uploaded file, instead of being that file. */
export function isConverted({ original, sha256 }: Pick<Model, 'original' | 'sha256'>): boolean {
  return original.sha256 !== sha256;
}
