import { AppError } from '../../../common/errors.ts';
import {
  ARCH_LABEL,
  anywhere,
  type Offer,
  type PackingProblem,
  type PodClass,
  type PodRules,
} from './problem.ts';

const MIB = 2 ** 20;
/** The column `gpu` counts pieces of this resource. */
const GPU_RESOURCE = 'nvidia.com/gpu';

/**
 * Reads the two tables of `cloudoptim pack`: pods `name,cpu_milli,memory_mib,gpu,count[,arch]` and types
 * `instance_type,cpu_milli,memory_mib,gpu,pods,price_usd_hour[,arch]`. Columns come in any order and further ones are ignored; an empty
 * `arch` means any, an empty price unknown.
 * @param podsFile,typesFile names for messages
 * @throws AppError `input.invalid` with the line and the value that cannot be used
 */
export function readPackingCsv(
  podsText: string,
  typesText: string,
  podsFile: string,
  typesFile: string,
): PackingProblem {
  const rulesOf = new Map<string, PodRules>();
  const pods = readRows(podsText, podsFile, ['name', 'cpu_milli', 'memory_mib', 'gpu', 'count']).map(
    (row): PodClass => {
      const arch = row.text('arch');
      let rules = rulesOf.get(arch);
      if (!rules) {
        rules = arch === '' ? anywhere : { ...anywhere, nodeSelector: { [ARCH_LABEL]: arch } };
        rulesOf.set(arch, rules);
      }
      const gpu = row.whole('gpu');
      return {
        name: row.name('name'),
        count: row.whole('count'),
        requests: {
          cpuMilli: row.number('cpu_milli'),
          memoryBytes: Math.ceil(row.number('memory_mib') * MIB),
          extended: gpu > 0 ? { [GPU_RESOURCE]: gpu } : {},
        },
        rules,
      };
    },
  );
  const columns = ['instance_type', 'cpu_milli', 'memory_mib', 'gpu', 'pods', 'price_usd_hour'];
  const offers = readRows(typesText, typesFile, columns).map((row): Offer => {
    const arch = row.text('arch');
    const gpu = row.whole('gpu');
    return {
      instanceType: row.name('instance_type'),
      zone: null,
      capacityType: null,
      labels: arch === '' ? {} : { [ARCH_LABEL]: arch },
      taints: [],
      allocatable: {
        cpuMilli: row.number('cpu_milli'),
        memoryBytes: Math.floor(row.number('memory_mib') * MIB),
        extended: gpu > 0 ? { [GPU_RESOURCE]: gpu } : {},
      },
      podLimit: row.whole('pods'),
      priceMicroUsdPerHour:
        row.text('price_usd_hour') === '' ? null : Math.round(row.number('price_usd_hour') * 1e6),
    };
  });
  return { pods, offers, daemonSets: [], existing: [], maxNodes: null };
}

interface Row {
  text(column: string): string;
  name(column: string): string;
  number(column: string): number;
  whole(column: string): number;
}

function readRows(text: string, file: string, required: readonly string[]): Row[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const header = (lines[0] ?? '').split(',').map(name => name.trim());
  const missing = required.find(name => !header.includes(name));
  if (missing !== undefined) {
    throw bad(
      `${file}, line 1: there is no column "${missing}"`,
      `The first line must name ${required.join(', ')}.`,
    );
  }
  const at = new Map(header.map((name, index) => [name, index]));
  return lines.slice(1).flatMap((line, i) => {
    if (line.trim() === '') return [];
    const cells = line.split(',').map(unquoted);
    const where = `${file}, line ${i + 2}`;
    if (cells.length !== header.length) {
      throw bad(
        `${where}: ${cells.length} cells where the header has ${header.length}`,
        'Write one cell for each column.',
      );
    }
    const value = (column: string) => cells[at.get(column) ?? -1] ?? '';
    const number = (column: string) => {
      const cell = value(column);
      const parsed = cell === '' && column === 'gpu' ? 0 : Number(cell);
      if ((cell === '' && column !== 'gpu') || !Number.isFinite(parsed) || parsed < 0 || parsed > 1e12) {
        throw bad(`${where}: ${column} is "${cell}"`, 'It must be a number that is not negative.');
      }
      return parsed;
    };
    return {
      text: value,
      name: column => {
        if (value(column) === '') throw bad(`${where}: ${column} is empty`, 'Every line needs a name.');
        return value(column);
      },
      number,
      whole: column => {
        const parsed = number(column);
        if (!Number.isInteger(parsed) || parsed > 2 ** 31 - 1) {
          throw bad(`${where}: ${column} is "${value(column)}"`, 'It must be a whole number.');
        }
        return parsed;
      },
    };
  });
}

function unquoted(cell: string): string {
  const trimmed = cell.trim();
  return /^".*"$/.test(trimmed) ? trimmed.slice(1, -1).replaceAll('""', '"') : trimmed;
}

function bad(sentence: string, hint: string): AppError {
  return new AppError('input.invalid', `${sentence}.`, { hint });
}
