import { DEEPEST_LEVELS, ROWS_PER_BLOCK, VALUE_BYTES } from './kernel-layout.ts';

/** What one step does with columns, of 64 bits unless it rounds; conditions are 1 and 0. */
export const COLUMN_OPERATORS = [
  ...[
    'round',
    'abs',
    'floor',
    'is-nan',
    'add',
    'sub',
    'mul',
    'div',
    'equal',
    'less',
    'at-most',
    'or',
    'choose',
  ],
] as const;

/** A column of a block: the index of its first number in the memory. */
export type Place = number;

export type TreeStep =
  | {
      readonly kind: 'column';
      readonly operator: number;
      readonly isSingle: boolean;
      readonly inputs: readonly Place[];
      readonly to: Place;
    }
  | {
      readonly kind: 'trees';
      /** Depth of all trees, answered level by level; absent for trees that are walked. */
      readonly levels?: number;
      readonly isSingle: boolean;
      readonly trees: number;
      /** Of the deepest tree. */
      readonly depth: number;
      readonly targets: number;
      /** First of the targets' sums, which lie side by side. */
      readonly to: Place;
      /** Addresses in bytes; see `TreeKernels`. */
      readonly nodes: number;
      readonly leaves: number;
      readonly targetsAt: number;
      readonly ranks: number;
      /** Of the ranks of eight rows. */
      readonly groupBytes: number;
      readonly rankColumns: readonly RankColumn[];
    };

export interface InputColumn {
  readonly column: number;
  readonly to: Place;
  readonly isRounded: boolean;
}

export interface RankColumn {
  readonly from: Place;
  /** Bytes from the beginning of a group to its ranks. */
  readonly to: number;
  /** Bytes from there to the same ranks with the opposite for a missing value; 0 when there are none. */
  readonly twin: number;
  /** Address of its thresholds. */
  readonly thresholds: number;
  /** Logarithm of how many these are, and one: 1 to 16. */
  readonly steps: number;
  /** The count that a missing value gets. */
  readonly missing: number;
}

/**
 * A model of trees, ready to be walked: a memory and what happens in it to each block of rows. It is plain data and can be
 * sent to another process, which believes none of it: what it does is bounded whatever it says (`checkedPlan`).
 */
export interface TreePlan {
  readonly columns: number;
  /** Where each column of the input that is of use goes, as it is or rounded to 32 bits. */
  readonly inputs: readonly InputColumn[];
  readonly outputs: readonly { readonly name: string; readonly places: readonly Place[] }[];
  readonly steps: readonly TreeStep[];
  readonly memoryBytes: number;
  /** What lies in the memory before the first row. */
  readonly contents: readonly { readonly at: number; readonly bytes: Uint8Array }[];
}

export const PAGE_BYTES = 65_536;
export const MOST_MEMORY_BYTES = 32 * 1024 * 1024;
const MOST_COLUMNS = 100_000;
const MOST_STEPS = 200_000;
/** Nodes that one row may visit: some ten milliseconds. */
const MOST_VISITS = 2_000_000;

/**
 * A plan that came from a process that is not trusted, or `undefined` when it is none or could take longer or more memory than
 * any model's that is of use. Addresses need no check: WebAssembly traps beyond its memory, and typed arrays give nothing there.
 */
export function checkedPlan(value: unknown): TreePlan | undefined {
  const plan = value as TreePlan;
  try {
    return isPlan(plan) ? plan : undefined;
  } catch {
    return undefined;
  }
}

function isPlan({ columns, inputs, outputs, steps, memoryBytes, contents }: TreePlan): boolean {
  let visits = 0;
  const isTreesSound = (step: TreeStep) => {
    if (step.kind === 'column')
      return step.inputs.length <= 3 && step.inputs.every(isIndex) && isIndex(step.to);
    visits += step.trees * step.depth;
    return (
      [step.to, step.nodes, step.leaves, step.targetsAt, step.ranks, step.groupBytes].every(isIndex) &&
      [step.trees, step.depth, step.targets].every(count => isIndex(count) && count >= 1) &&
      (step.levels === undefined || (isIndex(step.levels) && step.levels <= DEEPEST_LEVELS)) &&
      step.targets * ROWS_PER_BLOCK * VALUE_BYTES <= memoryBytes &&
      step.rankColumns.length <= MOST_COLUMNS &&
      step.rankColumns.every(({ from, to, twin, thresholds, steps, missing }) =>
        [from, to, twin, thresholds, steps, missing].every(isIndex),
      )
    );
  };
  return (
    isIndex(memoryBytes) &&
    memoryBytes % PAGE_BYTES === 0 &&
    memoryBytes <= MOST_MEMORY_BYTES &&
    contents.every(
      ({ at, bytes }) => isIndex(at) && bytes instanceof Uint8Array && at + bytes.length <= memoryBytes,
    ) &&
    isIndex(columns) &&
    inputs.length <= MOST_COLUMNS &&
    inputs.every(({ column, to }) => isIndex(column) && column < columns && isIndex(to)) &&
    outputs.every(
      ({ name, places }) => typeof name === 'string' && places.length > 0 && places.every(isIndex),
    ) &&
    outputs.reduce((sum, { places }) => sum + places.length, 0) <= MOST_COLUMNS &&
    steps.length <= MOST_STEPS &&
    steps.every(isTreesSound) &&
    visits <= MOST_VISITS
  );
}

function isIndex(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31;
}
