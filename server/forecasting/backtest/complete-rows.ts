import type { ForecastQuestion } from './forecaster.ts';

/**
 * Rows without an unknown value, and for which of the places asked for they are.
 * @param unknownFeatures counts on: how often each feature was the first unknown one of a row
 */
export function completeRows(
  names: readonly string[],
  { places, values }: Pick<ForecastQuestion, 'places' | 'values'>,
  unknownFeatures: Map<string, number>,
): { rows: Float64Array; points: Uint32Array } {
  const columns = names.length;
  const rows = new Float64Array(places.length * columns);
  const points = new Uint32Array(places.length);
  let complete = 0;
  for (let point = 0; point < places.length; point++) {
    const start = (places[point] ?? 0) * columns;
    let known = 0;
    for (; known < columns; known++) {
      const value = values[start + known] ?? Number.NaN;
      if (!Number.isFinite(value)) break;
      rows[complete * columns + known] = value;
    }
    if (known === columns) points[complete++] = point;
    else {
      const name = names[known] ?? '';
      unknownFeatures.set(name, (unknownFeatures.get(name) ?? 0) + 1);
    }
  }
  return { rows: rows.subarray(0, complete * columns), points: points.subarray(0, complete) };
}
