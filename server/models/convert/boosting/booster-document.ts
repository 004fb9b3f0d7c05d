import { damagedBooster } from './damaged-booster.ts';

/** What a booster's JSON or UBJSON holds. Objects may lack a prototype: look keys up with the functions below. */
export type BoosterValue =
  | null
  | boolean
  | number
  | string
  | BoosterNumbers
  | readonly BoosterValue[]
  | BoosterSection;

export interface BoosterSection {
  readonly [key: string]: BoosterValue;
}

/** A typed array of UBJSON, widened to float64. */
export type BoosterNumbers = Float64Array;

/** Own values only, so that a key called `constructor` or `__proto__` finds nothing it should not. */
export function fieldOf(section: BoosterSection, name: string): BoosterValue | undefined {
  return Object.hasOwn(section, name) ? section[name] : undefined;
}

/** True for an object with keys: neither array nor typed array nor null. */
export function isSection(value: BoosterValue | undefined): value is BoosterSection {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Float64Array)
  );
}

/** @throws AppError `model.not-a-model` when the section is absent */
export function sectionOf(section: BoosterSection, name: string): BoosterSection {
  const value = fieldOf(section, name);
  if (!isSection(value)) throw damagedBooster(`it has no section '${name}'`);
  return value;
}

/** A text value; `undefined` when it is absent or no text. */
export function textOf(section: BoosterSection, name: string): string | undefined {
  const value = fieldOf(section, name);
  return typeof value === 'string' ? value : undefined;
}

/** A whole number that parameters carry as text (`"8"`) or number; `fallback` when it is absent. */
export function countOf(section: BoosterSection, name: string, fallback: number): number {
  const value = fieldOf(section, name);
  if (value === undefined || value === null || value === '') return fallback;
  const count = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(count) || count < 0) throw damagedBooster(`'${name}' is no count`);
  return count;
}

/** The elements of an array, as they are; `undefined` when there is none. */
export function listOf(section: BoosterSection, name: string): readonly BoosterValue[] | undefined {
  const value = fieldOf(section, name);
  return Array.isArray(value) ? value : undefined;
}

/**
 * An array of numbers. `null` (how a JSON without NaN writes one) becomes NaN, `true` 1 and `false` 0.
 * @throws AppError `model.not-a-model` when the array is absent, holds something else, or has another length
 */
export function numbersOf(section: BoosterSection, name: string, length?: number): Float64Array {
  const value = fieldOf(section, name);
  const numbers =
    value instanceof Float64Array ? value : Array.isArray(value) ? widen(value, name) : undefined;
  if (numbers === undefined) throw damagedBooster(`it has no array '${name}'`);
  if (length !== undefined && numbers.length !== length) {
    throw damagedBooster(`'${name}' has ${numbers.length} values and should have ${length}`);
  }
  return numbers;
}

/** Texts of an array; `undefined` when it is absent, empty, or holds something else. */
export function textsOf(section: BoosterSection, name: string): string[] | undefined {
  const list = listOf(section, name);
  if (list === undefined || list.length === 0) return undefined;
  const texts = list.filter(value => typeof value === 'string');
  return texts.length === list.length ? texts : undefined;
}

function widen(values: readonly BoosterValue[], name: string): Float64Array {
  const numbers = new Float64Array(values.length);
  values.forEach((value, index) => {
    if (value !== null && typeof value !== 'number' && typeof value !== 'boolean') {
      throw damagedBooster(`'${name}' holds something that is no number`);
    }
    numbers[index] = value === null ? Number.NaN : Number(value);
  });
  return numbers;
}
