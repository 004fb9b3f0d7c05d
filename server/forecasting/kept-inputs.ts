import type { Kysely, Transaction } from 'kysely';
import type { ForecastTables } from './forecast-tables.ts';
import { type ModelInputs, unpackInputs } from './pack-inputs.ts';

/** The call that made a prediction, and the prediction's row in it. */
export interface KeptInputs extends ModelInputs {
  readonly row: number;
  /** As it was when they were kept; `null` for what is older than the hash. */
  readonly dataHash: string | null;
}

/** Keeps what one call was made from. @returns its id */
export async function insertInputs(
  transaction: Transaction<ForecastTables>,
  inputs: Omit<ForecastTables['prediction_inputs'], 'id'>,
): Promise<number> {
  const { last } = await transaction
    .selectFrom('prediction_inputs')
    .select(query => query.fn.max('id').as('last'))
    .executeTakeFirstOrThrow();
  const id = Number(last ?? 0) + 1;
  await transaction
    .insertInto('prediction_inputs')
    .values({ id, ...inputs })
    .execute();
  return id;
}

/** What a call was made from; `undefined` when it is not kept any more. */
export async function loadInputs(
  reader: Kysely<ForecastTables>,
  id: number,
  row: number,
): Promise<KeptInputs | undefined> {
  const inputs = await reader
    .selectFrom('prediction_inputs')
    .select(['body', 'data_hash'])
    .where('id', '=', Number(id))
    .executeTakeFirst();
  return inputs && { ...unpackInputs(inputs.body), row, dataHash: inputs.data_hash };
}
