import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../common/errors.ts';
import { describeOutcome, type Logger } from '../platform/index.ts';
import { convertInChild } from './convert-in-child.ts';
import type { CsvTable } from './csv-table.ts';
import type { ConvertedDescription } from './inference-messages.ts';
import { type ChildSettings, InferenceChild } from './start-inference-child.ts';

type Features = ConvertedDescription['features'];
type Output = ConvertedDescription['outputs'][number];

/**
 * Runs a table through a model file of Python: columns are found by name, or by position where the file names none;
 * an empty cell is a missing value. Answers in the columns that Python gives: `prediction`, `label` and `proba:<class>`, …
 * @throws AppError for a file that cannot be converted, a column that is missing, a cell that is no number
 */
export async function predictTable(
  path: string,
  table: CsvTable,
  settings: ChildSettings,
  log: Logger,
): Promise<CsvTable> {
  const folder = await mkdtemp(join(tmpdir(), 'cloudoptim-predict-'));
  const child = new InferenceChild(settings, log);
  try {
    const onnx = join(folder, 'model.onnx');
    const description = await convertInChild(path, onnx, settings, log);
    const rows = tableOf(table, description.features, description.isNamed);
    const load = await child.load(onnx);
    if (load.kind !== 'answer')
      throw new AppError('model.faulty', `The model could not be loaded: ${describeOutcome(load)}.`);
    const names = load.value.outputs;
    const ran = await child.run(rows, description.features.length);
    if (ran.kind !== 'answer')
      throw new AppError('model.faulty', `The model could not be run: ${describeOutcome(ran)}.`);
    const outputs = ran.value;
    const columns = description.outputs.flatMap(output =>
      columnsOf(
        output,
        outputs[names.indexOf(output.name)] ?? new Float64Array(),
        description.classes,
        table.rows.length,
      ),
    );
    return {
      columns: columns.map(column => column.name),
      rows: table.rows.map((_, row) => columns.map(column => column.values[row] ?? '')),
    };
  } finally {
    await child.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function tableOf(table: CsvTable, features: Features, isNamed: boolean): Float64Array {
  const places = features.map(({ name }, index) => {
    const place = isNamed ? table.columns.indexOf(name) : index;
    if (place >= 0 && place < table.columns.length) return place;
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

function numberOf(text: string, { name, categories }: Features[number], row: number): number {
  if (text === '') return Number.NaN;
  if (categories) return categories.indexOf(text);
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
