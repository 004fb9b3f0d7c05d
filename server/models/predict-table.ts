import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../common/errors.ts';
import { describeOutcome, type Logger } from '../platform/index.ts';
import { convertWith } from './convert-in-child.ts';
import type { CsvTable } from './csv-table.ts';
import type { ConvertedDescription, TableAnswer } from './inference-messages.ts';
import { type ChildSettings, InferenceChild } from './start-inference-child.ts';

type Features = ConvertedDescription['features'];
type Output = ConvertedDescription['outputs'][number];

/**
 * Runs a table through a model file: columns are found by name, or by position where the file names none; an empty cell is
 * a missing value. A file of Python answers in the columns that Python gives: `prediction`, `label` and `proba:<class>`, …;
 * an ONNX file in its outputs, `name`, or `name_0`, `name_1`, … where one has several columns.
 * @throws AppError for a file that cannot be converted, a column that is missing, a cell that is no number
 */
export async function predictTable(
  path: string,
  table: CsvTable,
  settings: ChildSettings,
  log: Logger,
): Promise<CsvTable> {
  // Two, so that the memory that converting took is not missing when the model runs.
  const converter = new InferenceChild(settings, log);
  const runner = new InferenceChild(settings, log);
  try {
    return await predictWith({ converter, runner }, path, table);
  } finally {
    await Promise.all([converter.close(), runner.close()]);
  }
}

/** `predictTable` in children that are open already. */
export async function predictWith(
  { converter, runner }: { readonly converter: InferenceChild; readonly runner: InferenceChild },
  path: string,
  table: CsvTable,
): Promise<CsvTable> {
  const folder = await mkdtemp(join(tmpdir(), 'cloudoptim-predict-'));
  try {
    const onnx = join(folder, 'model.onnx');
    const description = await convertWith(converter, path, onnx);
    if (description.format === 'onnx') return await onnxTable(runner, onnx, table, description);
    return await pythonTable(runner, onnx, table, description);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A converted file's outputs, by the names that Python gives. */
async function pythonTable(
  child: InferenceChild,
  path: string,
  table: CsvTable,
  { features, isNamed, outputs, classes }: ConvertedDescription,
): Promise<CsvTable> {
  const rows = tableOf(table, features, isNamed);
  const load = await child.load(path);
  if (load.kind !== 'answer')
    throw new AppError('model.faulty', `The model could not be loaded: ${describeOutcome(load)}.`);
  const names = load.value.outputs;
  const ran = await child.run(rows, features.length);
  if (ran.kind !== 'answer')
    throw new AppError('model.faulty', `The model could not be run: ${describeOutcome(ran)}.`);
  const answers = ran.value;
  const columns = outputs.flatMap(output =>
    columnsOf(output, answers[names.indexOf(output.name)] ?? new Float64Array(), classes, table.rows.length),
  );
  return {
    columns: columns.map(column => column.name),
    rows: table.rows.map((_, row) => columns.map(column => column.values[row] ?? '')),
  };
}

/** An ONNX file's own outputs, by its own names. */
async function onnxTable(
  child: InferenceChild,
  path: string,
  table: CsvTable,
  { features, isNamed }: ConvertedDescription,
): Promise<CsvTable> {
  const names = isNamed ? { features: features.map(({ name }) => name) } : {};
  const ran = await child.request({ kind: 'table', path, table, ...names });
  if (ran.kind !== 'answer') {
    throw new AppError('model.faulty', `The model could not be run: ${describeOutcome(ran)}.`);
  }
  const answer = ran.value as TableAnswer;
  if (!answer.fits) {
    throw new AppError('input.invalid', `The CSV file does not fit the model: ${answer.reason}.`, {
      hint: 'Compare its columns with the inputs that "cloudoptim models inspect" shows.',
    });
  }
  const { outputs } = answer;
  return {
    columns: outputs.flatMap(({ name, width }) =>
      Array.from({ length: width }, (_, column) => (width > 1 ? `${name}_${column}` : name)),
    ),
    rows: table.rows.map((_, row) =>
      outputs.flatMap(({ width, values }) =>
        Array.from({ length: width }, (_own, column) => String(values[row * width + column] ?? '')),
      ),
    ),
  };
}

function tableOf(table: CsvTable, features: Features, isNamed: boolean): Float64Array {
  const places = features.map(({ name, isUnused }, index) => {
    const place = isNamed ? table.columns.indexOf(name) : index;
    if ((place >= 0 && place < table.columns.length) || (isNamed && isUnused)) return place;
    throw new AppError(
      'input.invalid',
      `The CSV file has no column "${name}"; it has ${table.columns.slice(0, 20).join(', ')}.`,
    );
  });
  const rows = new Float64Array(table.rows.length * features.length);
  for (const [row, cells] of table.rows.entries()) {
    for (const [index, feature] of features.entries()) {
      const text = cells[places[index] ?? 0] ?? '';
      rows[row * features.length + index] = numberOf(text, feature, row);
    }
  }
  return rows;
}

function numberOf(text: string, { name, categories, isUnused }: Features[number], row: number): number {
  if (text === '' || isUnused) return Number.NaN;
  if (categories) return categories.indexOf(text);
  // How Python writes flags.
  if (/^true$/i.test(text)) return 1;
  if (/^false$/i.test(text)) return 0;
  const value = Number(text);
  if (!Number.isNaN(value) || /^nan$/i.test(text)) return value;
  throw new AppError(
    'input.invalid',
    `Line ${row + 2}, column "${name}" is "${text.slice(0, 40)}", which is no number.`,
  );
}

function columnsOf(
  { name, kind }: Output,
  values: Float64Array,
  classes: ConvertedDescription['classes'],
  count: number,
): { name: string; values: string[] }[] {
  const width = values.length / Math.max(1, count);
  return Array.from({ length: width }, (_, column) => ({
    name: columnName(name, kind, column, width, classes),
    values: Array.from({ length: count }, (_row, row) => {
      const value = values[row * width + column] ?? Number.NaN;
      return kind === 'label' && classes ? String(classes[value] ?? value) : String(value);
    }),
  }));
}

function columnName(
  name: string,
  kind: Output['kind'],
  column: number,
  width: number,
  classes: ConvertedDescription['classes'],
): string {
  if (kind === 'probabilities') return `proba:${classes?.[column] ?? column}`;
  if (kind === 'transformed') return `t${column}`;
  return width > 1 ? `${name}_${column}` : name;
}
