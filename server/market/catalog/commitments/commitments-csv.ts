import { AppError } from '../../../../common/errors.ts';
import { COMMITMENTS_FORMAT, type CommitmentsFile } from './commitments-file.ts';

/** Columns of the CSV form; `kind` is needed, and of the others those that the kind uses. */
const COLUMNS = [
  'kind',
  'id',
  'region',
  'zone',
  'family',
  'instance_type',
  'product',
  'count',
  'usd_per_hour',
  'percent',
  'starts_at',
  'ends_at',
] as const;
/** The lists of the file, all of them there. */
interface Lists {
  readonly savingsPlans: NonNullable<CommitmentsFile['savingsPlans']>;
  readonly reservedInstances: NonNullable<CommitmentsFile['reservedInstances']>;
  readonly discounts: NonNullable<CommitmentsFile['discounts']>;
}

type Row = Partial<Record<(typeof COLUMNS)[number], string>>;

/**
 * The simple form of a commitments file: a line for each reservation (`reserved-instance`), plan with one percentage for all
 * it covers (`compute-savings-plan`, `ec2-instance-savings-plan`; `usd_per_hour` is the commitment) and discount
 * (`discount`, `spot-discount`). Cells are not quoted. What comes back is checked by `readCommitments`.
 * @param asOf ISO 8601; the file itself has no date
 * @throws AppError `input.invalid` that names line and value
 */
export function commitmentsFromCsv(text: string, asOf: string): CommitmentsFile {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const header = (lines[0] ?? '').split(',').map(name => name.trim());
  const unknown = header.find(name => !(COLUMNS as readonly string[]).includes(name));
  if (unknown !== undefined || !header.includes('kind')) {
    const problem = unknown === undefined ? 'has no column "kind"' : `has the unknown column "${unknown}"`;
    throw new AppError('input.invalid', `Line 1 of the commitments file ${problem}.`, {
      hint: `The columns are ${COLUMNS.join(', ')}.`,
    });
  }
  const lists: Lists = { savingsPlans: [], reservedInstances: [], discounts: [] };
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === '') continue;
    const cells = line.split(',').map(cell => cell.trim());
    if (cells.length !== header.length || line.includes('"')) {
      throw new AppError(
        'input.invalid',
        `Line ${index + 1} of the commitments file has ${cells.length} cells, quoted or not; ${header.length} without quotes are expected.`,
      );
    }
    addRow(lists, Object.fromEntries(header.map((name, column) => [name, cells[column]])) as Row, index + 1);
  }
  return { format: COMMITMENTS_FORMAT, asOf, ...lists };
}

function addRow(lists: Lists, row: Row, line: number): void {
  const number = (name: keyof Row) => {
    const cell = row[name] ?? '';
    if (cell === '' || !Number.isFinite(Number(cell))) {
      throw new AppError(
        'input.invalid',
        `Line ${line} of the commitments file has "${cell}" as ${name}, which is no number.`,
      );
    }
    return Number(cell);
  };
  const named = { ...given('id', row.id) };
  const term = { ...given('startsAt', row.starts_at), ...given('endsAt', row.ends_at) };
  const selector = {
    ...given('region', row.region),
    ...given('family', row.family),
    ...given('instanceType', row.instance_type),
    ...given('product', row.product as 'Windows'),
  };
  switch (row.kind) {
    case 'reserved-instance':
      lists.reservedInstances.push({
        ...named,
        instanceType: row.instance_type ?? '',
        region: row.region ?? '',
        ...given('zone', row.zone),
        ...given('product', row.product as 'Windows'),
        count: number('count'),
        effectiveUsdPerHour: number('usd_per_hour'),
        ...term,
      });
      return;
    case 'compute-savings-plan':
    case 'ec2-instance-savings-plan':
      lists.savingsPlans.push({
        ...named,
        kind: row.kind === 'compute-savings-plan' ? 'compute' : 'ec2-instance',
        ...given('region', row.region),
        ...given('family', row.family),
        commitmentUsdPerHour: number('usd_per_hour'),
        rates: [{ percent: number('percent') }],
        ...term,
      });
      return;
    case 'discount':
    case 'spot-discount':
      lists.discounts.push({
        ...named,
        capacityType: row.kind === 'discount' ? 'on-demand' : 'spot',
        ...selector,
        percent: number('percent'),
      });
      return;
    default:
      throw new AppError(
        'input.invalid',
        `Line ${line} of the commitments file has the kind "${row.kind ?? ''}".`,
        {
          hint: 'Kinds are reserved-instance, compute-savings-plan, ec2-instance-savings-plan, discount and spot-discount.',
        },
      );
  }
}

/** An empty cell is a field that is left out. */
function given<Name extends string, Value>(name: Name, value: Value | undefined) {
  return (value === undefined || value === '' ? {} : { [name]: value }) as { [K in Name]?: Value & string };
}
