import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { CsvTable } from './csv-table.ts';
import type { TableAnswer, TableOutput } from './inference-messages.ts';

/** Rows that go through at once, where the model does not fix their number. */
const ROWS_PER_RUN = 1_024;

/** The table does not fit the model; the message is a sentence without its full stop. */
class UnfitTable extends Error {}

interface Input {
  readonly name: string;
  readonly type: string;
  /** Dimensions after the rows: 1 for `[N]`. */
  readonly width: number;
  readonly rank: number;
  /** How many rows a run must have; `undefined` when any number will do. */
  readonly rows: number | undefined;
  /** Column of the table for each of its own. */
  readonly columns: readonly number[];
}

/**
 * Loads an ONNX file and runs a table of texts through it. One input `[N, width]` takes the columns by `features`, else by
 * position; several inputs take the columns of their names, else one after the other. An empty cell is NaN.
 * @throws UnfitTable for a column that is missing and a cell that does not fit; Error for what onnxruntime refuses
 */
export async function runOnnxTable(
  path: string,
  table: CsvTable,
  features: readonly string[] | undefined,
): Promise<TableOutput[]> {
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 as const };
  const session = await InferenceSession.create(path, options);
  const inputs = inputsOf(session, table, features);
  const fixed = inputs.find(({ rows }) => rows !== undefined)?.rows;
  const size = fixed ?? ROWS_PER_RUN;
  const slices: TableOutput[][] = [];
  for (let start = 0; start < table.rows.length; start += size) {
    const slice = table.rows.slice(start, start + size);
    // A model for exactly so many rows gets the last one again and again; those answers are cut off.
    const filler = slice.at(-1) ?? [];
    const rows =
      fixed === undefined ? slice : Array.from({ length: fixed }, (_, row) => slice[row] ?? filler);
    const feeds = Object.fromEntries(inputs.map(input => [input.name, tensorOf(input, rows, table, start)]));
    const answer = await session.run(feeds);
    slices.push(session.outputNames.map(name => outputOf(name, answer[name], rows.length, slice.length)));
  }
  return session.outputNames.map((name, index) =>
    joined(
      name,
      slices.flatMap(slice => slice[index] ?? []),
    ),
  );
}

/** `runOnnxTable` as an answer of the child. @throws Error for what onnxruntime refuses */
export async function answerTable(
  path: string,
  table: CsvTable,
  features: readonly string[] | undefined,
): Promise<TableAnswer> {
  try {
    return { fits: true, outputs: await runOnnxTable(path, table, features) };
  } catch (error) {
    if (error instanceof UnfitTable) return { fits: false, reason: error.message };
    throw error;
  }
}

function inputsOf(
  session: InferenceSession,
  table: CsvTable,
  features: readonly string[] | undefined,
): Input[] {
  const shapes = session.inputMetadata.map(input => {
    if (!input.isTensor || input.shape.length < 1 || input.shape.length > 2) {
      throw new Error(`its input "${input.name}" is no table; rows × columns are expected`);
    }
    const [rows, width] = input.shape;
    return {
      name: input.name,
      type: input.type,
      rank: input.shape.length,
      rows: typeof rows === 'number' && rows > 0 ? rows : undefined,
      width: typeof width === 'number' && width > 0 ? width : undefined,
    };
  });
  const [only, ...more] = shapes;
  if (only === undefined) throw new Error('it takes no input');
  if (more.length === 0) {
    const width = only.rank === 1 ? 1 : (only.width ?? features?.length ?? table.columns.length);
    return [{ ...only, width, columns: columnsFor(table, width, features) }];
  }
  const isByName = shapes.every(({ name }) => table.columns.includes(name));
  let next = 0;
  return shapes.map(shape => {
    const width = shape.width ?? 1;
    const columns = isByName
      ? [table.columns.indexOf(shape.name)]
      : Array.from({ length: width }, () => next++);
    if (columns.length !== width || columns.some(column => column >= table.columns.length)) {
      throw new UnfitTable(
        `its inputs are ${shapes.map(({ name }) => name).join(', ')}; the CSV file has the columns ${table.columns.slice(0, 20).join(', ')}`,
      );
    }
    return { ...shape, width, columns };
  });
}

function columnsFor(table: CsvTable, width: number, features: readonly string[] | undefined): number[] {
  if (features === undefined || features.length !== width) {
    if (table.columns.length === width) return Array.from({ length: width }, (_, index) => index);
    throw new UnfitTable(`it takes ${width} columns and the CSV file has ${table.columns.length}`);
  }
  return features.map(name => {
    const place = table.columns.indexOf(name);
    if (place >= 0) return place;
    throw new UnfitTable(
      `the CSV file has no column "${name}"; it has ${table.columns.slice(0, 20).join(', ')}`,
    );
  });
}

function tensorOf(
  { name, type, width, rank, columns }: Input,
  rows: readonly (readonly string[])[],
  table: CsvTable,
  start: number,
): Tensor {
  const cells = rows.flatMap(row => columns.map(column => row[column] ?? ''));
  const dims = rank === 1 ? [rows.length] : [rows.length, width];
  if (type === 'string') return new Tensor('string', cells, dims);
  const numbers = cells.map((cell, index) => {
    const value = numberIn(cell);
    if (value !== undefined) return value;
    const row = start + Math.floor(index / width);
    const column = table.columns[columns[index % width] ?? 0] ?? '';
    throw new UnfitTable(`line ${row + 2}, column "${column}" is "${cell.slice(0, 40)}", which is no number`);
  });
  if (type === 'float64') return new Tensor('float64', Float64Array.from(numbers), dims);
  if (type === 'float32') return new Tensor('float32', Float32Array.from(numbers), dims);
  const odd = numbers.find(value => !Number.isSafeInteger(value));
  if (odd !== undefined) throw new UnfitTable(`its input "${name}" takes whole numbers, not ${odd}`);
  if (type === 'int64') return new Tensor('int64', BigInt64Array.from(numbers, BigInt), dims);
  if (type === 'int32') return new Tensor('int32', Int32Array.from(numbers), dims);
  if (type === 'bool') return new Tensor('bool', Uint8Array.from(numbers), dims);
  throw new Error(`its input "${name}" is of type ${type}, which a table cannot give`);
}

function numberIn(cell: string): number | undefined {
  if (cell === '') return Number.NaN;
  if (/^true$/i.test(cell)) return 1;
  if (/^false$/i.test(cell)) return 0;
  const value = Number(cell);
  return Number.isNaN(value) && !/^nan$/i.test(cell) ? undefined : value;
}

function outputOf(name: string, tensor: Tensor | undefined, rows: number, wanted: number): TableOutput {
  if (tensor === undefined) throw new Error(`its output ${name} is missing`);
  const values: readonly string[] | Float64Array =
    tensor.type === 'string'
      ? (tensor.data as string[])
      : Float64Array.from(tensor.data as ArrayLike<number | bigint>, Number);
  const width = values.length / rows;
  if (!Number.isInteger(width) || width === 0) {
    throw new Error(`its output ${name} has ${values.length} values for ${rows} rows`);
  }
  return { name, width, values: values.slice(0, wanted * width) };
}

function joined(name: string, slices: readonly TableOutput[]): TableOutput {
  const width = slices[0]?.width ?? 1;
  const isText = slices.some(({ values }) => !(values instanceof Float64Array));
  const all = slices.flatMap(({ values }) => [...values]);
  return { name, width, values: isText ? all.map(String) : Float64Array.from(all, Number) };
}
