import { lanes, MOST_RANK_STEPS } from './kernel-layout.ts';
import { levelKernel, levelOneRowKernel } from './level-kernels.ts';
import { rankKernel } from './rank-kernel.ts';
import { walkKernel, walkOneRowKernel } from './walk-kernels.ts';
import { type WasmFunction, wasmModule } from './wasm-code.ts';
import { type WasmMemory, type WasmModule, wasm } from './web-assembly.ts';

/** Which trees a kernel answers. */
export interface KernelKind {
  /** Depth of all trees, padded, answered level by level; `undefined` for trees that are walked node by node. */
  readonly levels: number | undefined;
  /** Whether each sum is rounded to 32 bits. */
  readonly isSingle: boolean;
  /** Whether there is but one row, the first of its group. */
  readonly isOneRow: boolean;
}

/** Addresses are bytes in the memory that was imported; `groups` is how many times eight rows there are. */
export interface TreeKernels {
  /**
   * Ranks of a column: how many of its thresholds are smaller than each value, from `LOWEST_RANK` on, so that `x <= t` is
   * `rank(x) <= rank(t)` exactly. Which of these functions says how many thresholds: 1, 3, 7, … (a power of two, less one).
   * @param thresholds ascending, filled up with +Infinity
   * @param twin how many bytes further the same ranks go again with the opposite of `missing`
   * @param missing the count that NaN gets: 0 or 65,535
   */
  readonly rank: readonly ((
    values: number,
    thresholds: number,
    ranks: number,
    twin: number,
    groups: number,
    groupBytes: number,
    missing: number,
  ) => void)[];
  /**
   * Adds the leaves that eight rows times `groups` reach, tree after tree, to sums of 64 bits.
   * @param trees at least 1, as are `groups` and `depth`
   * @param groups not looked at where there is but one row
   */
  add(
    nodes: number,
    leaves: number,
    targets: number,
    trees: number,
    ranks: number,
    sums: number,
    groups: number,
    groupBytes: number,
    depth: number,
  ): void;
}

const modules = new Map<string, WasmModule>();

/** The kernels of a kind on a memory. @throws WebAssembly.CompileError where the machine has no vectors */
export function treeKernels(kind: KernelKind, memory: WasmMemory): TreeKernels {
  const key = JSON.stringify(kind);
  const module = modules.get(key) ?? new wasm.Module(kernelModule(kind));
  modules.set(key, module);
  const { exports } = new wasm.Instance(module, { host: { memory } });
  const { add, ...ranks } = exports as Record<string, TreeKernels['rank'][number]> & Pick<TreeKernels, 'add'>;
  return {
    add,
    rank: Array.from({ length: MOST_RANK_STEPS }, (_, index) => ranks[`rank${index + 1}`] ?? noRank),
  };
}

const noRank = () => undefined;

function kernelModule({ levels, isSingle, isOneRow }: KernelKind): Uint8Array<ArrayBuffer> {
  const rows = isOneRow ? lanes.slice(0, 1) : lanes;
  const [byWalk, byLevels] = isOneRow ? [walkOneRowKernel, levelOneRowKernel] : [walkKernel, levelKernel];
  const ranks = Array.from({ length: MOST_RANK_STEPS }, (_, index): [string, WasmFunction] => [
    `rank${index + 1}`,
    rankKernel(rows, index + 1),
  ]);
  const add = levels === undefined ? byWalk(isSingle) : byLevels(levels, isSingle);
  return wasmModule({ ...Object.fromEntries(ranks), add });
}
