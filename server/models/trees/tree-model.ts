import type { RunOutput } from '../../platform/index.ts';
import { ROWS_PER_BLOCK, ROWS_PER_GROUP, VALUE_BYTES } from './kernel-layout.ts';
import { type TreeKernels, treeKernels } from './tree-kernels.ts';
import { COLUMN_OPERATORS, PAGE_BYTES, type Place, type TreePlan, type TreeStep } from './tree-plan.ts';
import { wasm } from './web-assembly.ts';

type ColumnStep = Extract<TreeStep, { kind: 'column' }>;
type TreesStep = Extract<TreeStep, { kind: 'trees' }>;

interface Kernels {
  readonly block: TreeKernels;
  readonly oneRow: TreeKernels;
}

/**
 * A model of trees that is walked here, with the very bits of ONNX Runtime. Nothing that its plan says can make it read or
 * write beyond its own memory, or run for longer than `checkedPlan` lets in.
 */
export class TreeModel {
  readonly outputs: readonly string[];
  readonly #plan: TreePlan;
  /** The memory as numbers. It never grows, so this stays valid. */
  readonly #numbers: Float64Array;
  readonly #steps: readonly (ColumnStep | (TreesStep & Kernels))[];

  /** @throws WebAssembly.CompileError where the machine has no vectors, RangeError where there is no memory */
  constructor(plan: TreePlan) {
    const pages = plan.memoryBytes / PAGE_BYTES;
    this.#plan = plan;
    this.outputs = plan.outputs.map(({ name }) => name);
    const memory = new wasm.Memory({ initial: pages, maximum: pages });
    this.#numbers = new Float64Array(memory.buffer);
    const bytes = new Uint8Array(memory.buffer);
    for (const content of plan.contents) bytes.set(content.bytes, content.at);
    const kernelsOf = ({ levels, isSingle }: TreesStep) => ({
      block: treeKernels({ levels, isSingle, isOneRow: false }, memory),
      oneRow: treeKernels({ levels, isSingle, isOneRow: true }, memory),
    });
    this.#steps = plan.steps.map(step => (step.kind === 'trees' ? { ...step, ...kernelsOf(step) } : step));
  }

  /**
   * Runs `rows.length / columns` rows.
   * @throws Error for the wrong number of columns; WebAssembly.RuntimeError when the plan leads out of the memory
   */
  run(rows: Float64Array, columns: number): RunOutput[] {
    const { columns: wanted, outputs } = this.#plan;
    if (columns !== wanted) throw new Error(`it takes ${wanted} features, not ${columns}`);
    const count = rows.length / columns;
    const answers = outputs.map(({ places }) => ({
      width: places.length,
      values: new Float64Array(count * places.length),
    }));
    for (let start = 0; start < count; start += ROWS_PER_BLOCK) {
      const size = Math.min(ROWS_PER_BLOCK, count - start);
      this.#takeIn(rows, start, size);
      for (const step of this.#steps) {
        if (step.kind === 'column') this.#runColumn(step, size);
        else this.#runTrees(step, size === 1 ? step.oneRow : step.block, size);
      }
      for (const [index, { places }] of outputs.entries()) {
        this.#giveOut(places, answers[index]?.values ?? this.#numbers, start, size);
      }
    }
    return answers;
  }

  #takeIn(rows: Float64Array, start: number, size: number): void {
    const { columns, inputs } = this.#plan;
    const numbers = this.#numbers;
    for (const { column, to, isRounded } of inputs) {
      let from = start * columns + column;
      for (let place = to; place < to + size; place++) {
        numbers[place] = isRounded ? Math.fround(rows[from] as number) : (rows[from] as number);
        from += columns;
      }
    }
  }

  #giveOut(places: readonly Place[], values: Float64Array, start: number, size: number): void {
    const width = places.length;
    for (let column = 0; column < width; column++) {
      const from = places[column] as number;
      for (let row = 0; row < size; row++)
        values[(start + row) * width + column] = this.#numbers[from + row] as number;
    }
  }

  #runTrees(step: TreesStep, kernels: TreeKernels, size: number): void {
    const { nodes, leaves, targetsAt, trees, depth, to, ranks, groupBytes } = step;
    const groups = Math.ceil(size / ROWS_PER_GROUP);
    for (const { from, to: place, twin, thresholds, steps, missing } of step.rankColumns) {
      const rank = kernels.rank[steps - 1];
      rank?.(from * VALUE_BYTES, thresholds, ranks + place, twin, groups, groupBytes, missing);
    }
    this.#numbers.fill(0, to, to + step.targets * ROWS_PER_BLOCK);
    kernels.add(nodes, leaves, targetsAt, trees, ranks, to * VALUE_BYTES, groups, groupBytes, depth);
  }

  #runColumn({ operator, isSingle, inputs, to }: ColumnStep, size: number): void {
    const numbers = this.#numbers;
    const [a = 0, b = 0, c = 0] = inputs;
    const calculate = CALCULATIONS[COLUMN_OPERATORS[operator] ?? 'round'];
    for (let row = 0; row < size; row++) {
      const x = numbers[a + row] as number;
      const value = calculate(x, numbers[b + row] as number, numbers[c + row] as number);
      // Operations of 32 bits are those of 64, rounded once more: 64 bits are more than twice as many and two.
      numbers[to + row] = isSingle ? Math.fround(value) : value;
    }
  }
}

type Calculation = (typeof COLUMN_OPERATORS)[number];

const CALCULATIONS: Readonly<Record<Calculation, (x: number, y: number, z: number) => number>> = {
  round: x => x,
  abs: Math.abs,
  floor: Math.floor,
  'is-nan': x => (Number.isNaN(x) ? 1 : 0),
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  equal: (x, y) => (x === y ? 1 : 0),
  less: (x, y) => (x < y ? 1 : 0),
  'at-most': (x, y) => (x <= y ? 1 : 0),
  or: (x, y) => (x !== 0 || y !== 0 ? 1 : 0),
  choose: (x, y, z) => (x !== 0 ? y : z),
};
