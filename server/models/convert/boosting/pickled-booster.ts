import { type PythonClass, PythonObject } from '../../python/python-values.ts';
import { asItems, asNumber } from '../attributes.ts';
import type { ClassName } from '../conversion.ts';
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
    const best = asNumber(booster.get('best_iteration'));
    return readLightgbmText(lightgbmText(booster), {
      rounds: best !== undefined && best > 0 ? best : undefined,
      classes: classesIn(object, '_classes'),
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
  const best = asNumber(booster.get('best_iteration'));
  const missing = asNumber(object.get('missing'));
  return xgboostModel(document, {
    rounds: bestRounds(document) ?? (best !== undefined && best >= 0 ? best + 1 : undefined),
    missing: missing === undefined || Number.isNaN(missing) ? undefined : missing,
    classes: classesIn(object, 'classes_'),
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
function classesIn(object: PythonObject, key: string): ClassName[] | undefined {
  const encoder = object.get('_le');
  const items =
    asItems(object.get(key)) ??
    (encoder instanceof PythonObject ? asItems(encoder.get('classes_')) : undefined);
  return items?.map(item => {
    if (typeof item === 'string' || typeof item === 'number') return item;
    if (typeof item === 'boolean') return item ? 'True' : 'False';
    throw damagedBooster('its classes are neither texts nor numbers');
  });
}
