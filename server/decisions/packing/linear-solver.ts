import type { Highs } from 'highs';

/** minimize cost·x over x ≥ 0 with rowLower ≤ A x ≤ rowUpper and x ≤ upper; A by columns. */
export interface LinearModel {
  readonly columns: number;
  readonly rows: number;
  readonly cost: Float64Array;
  readonly upper: Float64Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  readonly starts: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float64Array;
}

export interface LinearSolution {
  readonly primal: Float64Array;
  /** Price of each row: by how much the objective grows with its bound. */
  readonly rowDual: Float64Array;
}

/** Solves a linear program; `undefined` when no optimum was found. Nothing that it says is trusted without a check. */
export type LinearSolver = (model: LinearModel) => LinearSolution | undefined;

/** The types of the package describe its CommonJS face; Node gives the function itself. */
type HighsLoader = () => Promise<Highs>;

/** HiGHS's number for the plain rule. */
const DANTZIG = 0;

let loaded: Promise<LinearSolver> | undefined;

/** HiGHS as WebAssembly, loaded at the first call: it takes about 100 ms, and planning may never be asked for. */
export function loadLinearSolver(): Promise<LinearSolver> {
  loaded ??= import('highs').then(async ({ default: load }) =>
    solverOf(await (load as unknown as HighsLoader)()),
  );
  return loaded;
}

function solverOf(highs: Highs): LinearSolver {
  return ({ columns, rows, cost, upper, rowLower, rowUpper, starts, indices, values }) => {
    const model = highs.createModel({
      numCols: columns,
      numRows: rows,
      colCost: cost,
      colLower: new Float64Array(columns),
      colUpper: upper,
      rowLower,
      rowUpper,
      matrix: { format: 'csc', numRows: rows, numCols: columns, starts, indices, values },
    });
    try {
      // Programs here are small, sparse and start dual feasible: better weights for the edges cost more than they save.
      model.options.set({ output_flag: false, presolve: 'off', simplex_dual_edge_weight_strategy: DANTZIG });
      model.run();
      if (model.getModelStatus() !== highs.constants.modelStatus.optimal) return undefined;
      const { colValue, rowDual } = model.getSolution();
      return { primal: colValue, rowDual };
    } finally {
      // The memory is WebAssembly's: nothing collects it.
      model.dispose();
    }
  };
}
