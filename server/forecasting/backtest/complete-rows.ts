import type { ForecastQuestion } from './forecaster.ts';

/**
 * Rows without an unknown value, and for which of the places asked for they are. Rows that lie together already stay where they
 * are: they are good for as long as `values` is.
 * @param unknownFeatures counts on: how often each feature was the first unknown one of a row
 */
export function completeRows(
  names: readonly string[],
  { places, values }: Pick<ForecastQuestion, 'places' | 'values'>,
  unknownFeatures: Map<string, number>,
): { rows: Float64Array; points: Uint32Array } {
  const columns = names.length;
  const points = new Uint32Array(places.length);
  let complete = 0;
  for (let point = 0; point < places.length; point++) {
    const start = (places[point] as number) * columns;
    let sum = 0;
    // Nothing but NaN and infinities times 0 is not 0.
    for (let at = start; at < start + columns; at++) sum += (values[at] as number) * 0;
    if (sum === 0) points[complete++] = point;
    else {
      const name = names[values.subarray(start, start + columns).findIndex(isUnknown)] ?? '';
      unknownFeatures.set(name, (unknownFeatures.get(name) ?? 0) + 1);
    }
  }
  const known = points.subarray(0, complete);
  return { rows: rowsAt(values, columns, known, places), points: known };
}

function isUnknown(value: number): boolean {
  return !Number.isFinite(value);
}

function rowsAt(
  values: Float64Array,
  columns: number,
  points: Uint32Array,
  places: Uint32Array,
): Float64Array {
  const rows: Float64Array[] = [];
  let from = 0;
  for (let next = 1; next <= points.length; next++) {
    const first = places[points[from] as number] as number;
    if (next < points.length && places[points[next] as number] === first + next - from) continue;
    rows.push(values.subarray(first * columns, (first + next - from) * columns));
    from = next;
  }
  const [only] = rows;
  if (only && rows.length === 1) return only;
  const joined = new Float64Array(points.length * columns);
  let at = 0;
  for (const some of rows) {
    joined.set(some, at);
    at += some.length;
  }
  return joined;
}
