import { type PythonClass, PythonDict, PythonObject, type PythonValue } from '../../python/python-values.ts';
import { xgboostDocument } from './booster-file.ts';
import type { BoosterModel } from './booster-model.ts';
import { damagedBooster, refusedBooster } from './damaged-booster.ts';
import { readLightgbmText } from './read-lightgbm-text.ts';
import { bestRounds, xgboostModel } from './xgboost-model.ts';

/**
 * The booster in a pickled object of XGBoost or LightGBM: their `Booster`, or a scikit-learn wrapper around it with what it
 * adds (classes, the value that means missing, where early stopping stopped).
 * @throws AppError `model.rejected` for a class that holds no booster or was not trained, and for what the booster's reader
 * refuses; `model.not-a-model` when the booster is damaged
 */
export function pickledBooster(object: PythonObject): BoosterModel {
  const library = libraryOf(object.type);
  if (library === 'xgboost') {
    return object.type.name === 'Booster' ? rawXgboost(object) : wrappedXgboost(object);
  }
  if (library === 'lightgbm') {
    const booster = object.type.name === 'Booster' ? object : boosterIn(object);
    return readLightgbmText(lightgbmText(booster), {
      rounds: positive(booster.get('best_iteration')),
      classes: classesIn(object, ['_classes', 'classes_']),
    });
  }
  throw refusedBooster(
    `${object.type.module}.${object.type.name} is no class of XGBoost or LightGBM with a booster in it.`,
  );
}

function libraryOf(type: PythonClass): string {
  return type.module.split('.')[0] ?? '';
}

/** `Booster.predict` uses all rounds. */
function rawXgboost(booster: PythonObject): BoosterModel {
  return xgboostModel(xgboostDocument(handleOf(booster)), {
    rounds: undefined,
    missing: undefined,
    classes: undefined,
  });
}

/** `XGBModel.predict` stops after the best round, which a booster before 1.6 keeps as an attribute of Python. */
function wrappedXgboost(object: PythonObject): BoosterModel {
  const booster = boosterIn(object);
  const document = xgboostDocument(handleOf(booster));
  const best = booster.get('best_iteration');
  const missing = object.get('missing');
  return xgboostModel(document, {
    rounds: bestRounds(document) ?? (typeof best === 'number' && best >= 0 ? best + 1 : undefined),
    missing: typeof missing === 'number' && !Number.isNaN(missing) ? missing : undefined,
    classes: classesIn(object, ['classes_']),
  });
}

function boosterIn(object: PythonObject): PythonObject {
  const booster = object.get('_Booster');
  if (booster instanceof PythonObject) return booster;
  throw refusedBooster(
    `The ${object.type.name} was never trained: it holds no booster.`,
    'Call fit() before saving the model.',
  );
}

function handleOf(booster: PythonObject): Uint8Array {
  const handle = booster.get('handle');
  if (handle instanceof Uint8Array) return handle;
  throw damagedBooster('its Booster holds no bytes');
}

/** The key was renamed several times; the text is the same. */
function lightgbmText(booster: PythonObject): string {
  for (const key of ['_handle', 'handle', 'model_str', '_model_str']) {
    const text = booster.get(key);
    if (typeof text === 'string') return text;
  }
  throw damagedBooster('its Booster holds no text');
}

/** Classes of the wrapper itself or of the label encoder in it; `undefined` where they are 0, 1, 2, … by definition. */
function classesIn(object: PythonObject, keys: readonly string[]): (string | number)[] | undefined {
  const encoder = object.get('_le');
  const found = keys.map(key => object.get(key)).find(value => value !== undefined && value !== null);
  const values = elementsOf(found ?? (encoder instanceof PythonObject ? encoder.get('classes_') : undefined));
  const classes = values?.map(value => (typeof value === 'boolean' ? Number(value) : value));
  return classes?.every(value => typeof value === 'string' || typeof value === 'number')
    ? classes
    : undefined;
}

function elementsOf(value: PythonValue | undefined): readonly PythonValue[] | undefined {
  if (typeof value !== 'object' || value === null || value instanceof PythonDict) return undefined;
  if ('kind' in value) return value.numbers === undefined ? value.objects : [...value.numbers];
  return 'items' in value ? value.items : undefined;
}

function positive(value: PythonValue | undefined): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}
