import { PythonClass, PythonObject, type PythonValue } from '../../python/python-values.ts';
import { asItems, asNumber, isArray, itemsOf } from '../attributes.ts';
import type { Columns, TextCodes } from '../conversion.ts';
import { classTitle, unfitted, unsupported } from '../refusals.ts';

/** The categories of one column of an encoder, as numbers of the graph's input. */
export interface ColumnCategories {
  /** Numbers, or codes of texts; NaN where the category is a missing value. */
  readonly values: Float64Array;
  readonly hasMissing: boolean;
  /** Per category its place after rare ones were put together; absent when none were. */
  readonly grouped: Float64Array | undefined;
}

/** The categories of every column of a fitted encoder. @throws AppError when they do not fit the columns */
export function categoriesOf(model: PythonObject, input: Columns): ColumnCategories[] {
  const lists = itemsOf(model, 'categories_');
  if (lists.length !== input.width) {
    throw unfitted(`${classTitle(model.type)} has categories for ${lists.length} of ${input.width} columns`);
  }
  const groups = asItems(model.get('_default_to_infrequent_mappings'));
  return lists.map((list, column) => {
    const items = asItems(list);
    if (items === undefined || items.length === 0) {
      throw unfitted(`${classTitle(model.type)} has no categories for column ${column}`);
    }
    const codes = input.texts?.[column];
    const values = Float64Array.from(items, item => numberFor(item, codes, model));
    const group = groups?.[column];
    const grouped =
      group === null || group === undefined ? undefined : checkedGroup(group, items.length, model);
    return { values, hasMissing: values.some(Number.isNaN), grouped };
  });
}

/**
 * A category, a fill value or a marker as a number of the graph's input.
 * @param codes numbers of the column's texts; absent where the column was calculated
 */
export function numberFor(item: PythonValue, codes: TextCodes | undefined, model: PythonObject): number {
  if (isMissingMarker(item)) return Number.NaN;
  const number = asNumber(item);
  if (number !== undefined) return number;
  if (typeof item !== 'string')
    throw unsupported(`${classTitle(model.type)} has a category that is no text and no number`);
  if (codes === undefined) {
    throw unsupported(
      `${classTitle(model.type)} looks for the text "${item}" in a column that another step calculated`,
    );
  }
  return codes.codeOf(item);
}

/** Whether a value means "missing": None, NaN or pandas.NA. */
export function isMissingMarker(value: PythonValue | undefined): boolean {
  if (value === null || value === undefined) return true;
  if (value instanceof PythonClass) return value.name === 'NA' || value.name === 'NAType';
  if (value instanceof PythonObject) return value.type.name === 'NAType';
  const number = asNumber(value);
  return number !== undefined && Number.isNaN(number);
}

function checkedGroup(group: PythonValue, length: number, model: PythonObject): Float64Array {
  const places = isArray(group) ? group.numbers : undefined;
  if (
    places?.length !== length ||
    places.some(place => !(Number.isInteger(place) && place >= 0 && place < length))
  ) {
    throw unfitted(`The rare categories of ${classTitle(model.type)} do not fit its categories`);
  }
  return places;
}
