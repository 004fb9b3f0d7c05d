import { TreeModel } from './tree-model.ts';
import { checkedPlan, type TreePlan } from './tree-plan.ts';

/** How long a run may keep the engine from other work. */
const MOST_MS = 0.25;
/** Runs that compile the kernels well, and tell how long a row takes. */
const TRIAL_RUNS = 8;
const TRIAL_ROWS = 64;

/**
 * A model of trees in the engine's own process, for few rows: a process of its own would take longer to be told of them than to
 * answer. The plan comes from a child that is not trusted; whatever it says ends soon and harms nothing.
 */
export class OwnTrees {
  /** Most rows of one run. */
  readonly mostRows: number;
  /** How they are walked, for threads to do the same. */
  readonly plan: TreePlan;
  readonly #model: TreeModel;
  readonly #columns: number;

  private constructor(plan: TreePlan, model: TreeModel, columns: number, mostRows: number) {
    this.plan = plan;
    this.#model = model;
    this.#columns = columns;
    this.mostRows = mostRows;
  }

  /**
   * @param plan as the child told it; `undefined` when it walks no trees
   * @param rows some rows, and what the child says of them
   * @returns `undefined` when it is no plan, is too slow, or says anything else of the rows than the child
   */
  static open(
    plan: unknown,
    columns: number,
    { rows, outputs }: { readonly rows: Float64Array; readonly outputs: readonly Float64Array[] },
  ): OwnTrees | undefined {
    const checked = checkedPlan(plan);
    if (checked?.columns !== columns) return undefined;
    try {
      const model = new TreeModel(checked);
      const own = model.run(rows, columns);
      const isSame = own.every(({ values }, index) => isSameBits(values, outputs[index]));
      if (own.length !== outputs.length || !isSame) return undefined;
      const mostRows = Math.floor(MOST_MS / msPerRow(model, columns));
      return mostRows > 0 ? new OwnTrees(checked, model, columns, mostRows) : undefined;
    } catch {
      // Out of its memory, or no vectors on this machine: the child serves.
      return undefined;
    }
  }

  /** For each output its values, row after row. @throws Error when the plan leads out of its memory */
  run(rows: Float64Array): Float64Array[] {
    return this.#model.run(rows, this.#columns).map(({ values }) => values);
  }
}

function isSameBits(own: Float64Array, theirs: Float64Array | undefined): boolean {
  return theirs?.length === own.length && own.every((value, place) => Object.is(value, theirs[place]));
}

function msPerRow(model: TreeModel, columns: number): number {
  const rows = new Float64Array(TRIAL_ROWS * columns);
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < TRIAL_RUNS; run++) {
    const startedAt = performance.now();
    model.run(rows, columns);
    least = Math.min(least, (performance.now() - startedAt) / TRIAL_ROWS);
  }
  return least;
}
