import type { NumberRows } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { ModelSession } from '../models/index.ts';
import type { ForecastParts } from './forecast-parts.ts';

/**
 * Rows of feature values through a model as they are; null is a missing value. The session alone is asked, so that one row
 * costs no look-up in the database.
 * @returns for each row the values of all outputs in the model's order; null where a row with missing values has none
 * @throws AppError `input.invalid` naming the first row of the wrong length, `model.faulty` when the model gives no number
 *   for a row without missing values
 */
export async function predictRaw(
  { models }: Pick<ForecastParts, 'models'>,
  modelId: string,
  rows: NumberRows,
): Promise<NumberRows> {
  const session = await models.openSession(modelId);
  const table = tableOf(rows, session);
  // Every promise more on the way of one row makes what its request holds outlive a collection of young objects.
  const outputs = session.answerNow?.(table) ?? (await session.run(table, session.columns));
  return rows.map((row, index) => {
    const values: (number | null)[] = [];
    for (const output of outputs) {
      const width = output.length / rows.length;
      for (let place = index * width; place < (index + 1) * width; place++) {
        const value = output[place] ?? Number.NaN;
        values.push(Number.isFinite(value) ? value : null);
      }
    }
    if (!values.includes(null) || row.includes(null)) return values;
    throw new AppError(
      'model.faulty',
      `The model "${session.modelName}" gives no number for rows[${index}].`,
    );
  });
}

function tableOf(rows: NumberRows, { columns, modelName }: ModelSession): Float64Array {
  const table = new Float64Array(rows.length * columns);
  let at = 0;
  for (const [index, row] of rows.entries()) {
    if (row.length !== columns) {
      throw new AppError(
        'input.invalid',
        `rows[${index}] has ${row.length} values; the model "${modelName}" takes ${columns}.`,
      );
    }
    for (const value of row) table[at++] = value ?? Number.NaN;
  }
  return table;
}
