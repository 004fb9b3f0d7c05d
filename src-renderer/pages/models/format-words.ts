import type { Model } from '../../../common/contracts/index.ts';

const FORMATS: Readonly<Record<string, string>> = {
  onnx: 'an ONNX model',
  pickle: 'a Python pickle',
  joblib: 'a joblib file of Python',
  'xgboost-json': 'an XGBoost model in JSON',
  'xgboost-ubj': 'an XGBoost model in UBJSON',
  'lightgbm-text': 'a LightGBM model in text',
};

/** A format as the engine names it, in words: `a Python pickle`. */
export function formatWords(format: string): string {
  return FORMATS[format] ?? format;
}

/** Whether what runs was made from the uploaded file, instead of being that file. */
export function isConverted({ original, sha256 }: Pick<Model, 'original' | 'sha256'>): boolean {
  return original.sha256 !== sha256;
}
