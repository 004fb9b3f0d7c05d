import { AppError } from '../../../common/errors.ts';
import { findModels, type MetadataValue } from '../python/find-models.ts';
import { readPythonFile } from '../python/read-python-file.ts';
import { convertBoosterFile, recogniseBoosterFile } from './boosting/index.ts';
import { type Converted, convertModels, type InputFeature } from './convert-python.ts';

/** A model file of Python as ONNX, with what else the file says. */
export interface ConvertedFile extends Converted {
  /** `pickle`, `joblib`, `xgboost-json`, `xgboost-ubj` or `lightgbm-text`. */
  readonly format: string;
  /** Plain values beside the model: `trained_until`, `target`, … */
  readonly metadata: Readonly<Record<string, MetadataValue>>;
}

/**
 * Recognises a file by its bytes and converts the model in it, without Python and without running anything of it.
 * @throws AppError `model.not-a-model` for what is no model or damaged, `model.rejected` naming what is not let in
 */
export function convertFile(bytes: Uint8Array): ConvertedFile {
  const booster = recogniseBoosterFile(bytes);
  if (booster !== undefined) return { ...fromBooster(bytes), format: booster, metadata: {} };
  const { root, format } = readPythonFile(bytes);
  const { models, metadata } = findModels(root);
  const converted = convertModels(models, { featureNames: namesIn(metadata) });
  refuseMixture(converted);
  return { ...converted, format, metadata };
}

function fromBooster(bytes: Uint8Array): Converted {
  const { columns, features, outputs, classes, library, ...rest } = convertBoosterFile(bytes);
  const named = Array.from(
    { length: columns },
    (_, index): InputFeature => ({ name: features?.[index] ?? `x${index}`, type: 'number' }),
  );
  return {
    ...rest,
    library,
    model: `${library} booster`,
    features: named,
    isNamed: features?.length === columns,
    outputs: outputs.map(({ name, kind }) => ({
      name,
      kind,
      columns: kind === 'probabilities' ? (classes?.length ?? 0) : 1,
    })),
    ...(classes === undefined ? {} : { classes }),
  };
}

/** A predictor beside a scaler would read columns that Python scales first: its answers would be wrong without a word. */
function refuseMixture({ outputs }: Converted): void {
  const transformers = outputs.filter(({ kind }) => kind === 'transformed').length;
  if (transformers === 0 || transformers === outputs.length) return;
  throw new AppError(
    'model.rejected',
    'The file holds a model and a transformer side by side, and does not say how they belong together.',
    {
      hint: 'Put both into one Pipeline, and save that.',
    },
  );
}

/** Names of columns that lie beside the model under the usual keys. */
function namesIn(metadata: Readonly<Record<string, MetadataValue>>): readonly string[] | undefined {
  for (const key of ['feature_names', 'features', 'feature_names_in_', 'columns']) {
    const value = metadata[key];
    if (Array.isArray(value) && value.every(name => typeof name === 'string')) return value;
  }
  return undefined;
}
