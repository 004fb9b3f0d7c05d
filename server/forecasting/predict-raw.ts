import { AppError } from '../../common/errors.ts';
import { type ForecastParts, featureNamesOf } from './forecast-parts.ts';

/**
 * Rows of feature values through a model as they are.
 * @returns for each row the values of all outputs in the model's order
 * @throws AppError `input.invalid` naming the first row of the wrong length, `model.faulty` when the model gives no numbers
 */
export async function predictRaw(
  { models }: ForecastParts,
  modelId: string,
  rows: readonly (readonly number[])[],
): Promise<number[][]> {
  const model = await models.get(modelId);
  const columns = featureNamesOf(model).length;
  const table = new Float64Array(rows.length * columns);
  for (const [index, row] of rows.entries()) {
    if (row.length !== columns) {
      throw new AppError(
        'input.invalid',
        `rows[${index}] has ${row.length} values; the model "${model.manifest.name}" takes ${columns}.`,
      );
    }
    table.set(row, index * columns);
  }
  const session = await models.openSession(modelId);
  const outputs = await session.run(table, columns);
  return rows.map((_, row) => {
    const values = outputs.flatMap(output => {
      const width = output.length / rows.length;
      return [...output.subarray(row * width, (row + 1) * width)];
    });
    if (values.every(Number.isFinite)) return values;
    throw new AppError(
      'model.faulty',
      `The model "${model.manifest.name}" gives no number for rows[${row}].`,
    );
  });
}
