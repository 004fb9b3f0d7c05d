import type { BinTable } from './bin-table.ts';
import { downsize } from './downsize.ts';
import { fillNodes } from './fill-nodes.ts';
import type { LinearSolver } from './linear-solver.ts';
import { NodeGroups } from './node-groups.ts';
import { relaxPacking } from './relaxation.ts';
import { nodesFilledBy, shareOut } from './share-out.ts';
import { spreadClasses } from './spread-classes.ts';
import { topUp } from './top-up.ts';

/** What a construction goes by. */
export interface Guidance {
  /** Worth of one pod of each class, micro-USD an hour. */
  readonly value: Float64Array;
  /** Classes, most valuable first. */
  readonly order: readonly number[];
  /** Bins that can be part of a cheapest answer. */
  readonly useful: Int32Array;
  /** Bins that are likely to be; the linear program starts with them. */
  readonly likely: readonly number[];
  readonly solve: LinearSolver | undefined;
}

/** A rest that fractional packing gives to less than this many nodes is not worth another linear program. */
const SMALLEST_REST = 3;
const MOST_PASSES = 4;

/**
 * Packs pods from scratch: the linear program says how many nodes of which bin and which pods for them; whole nodes are opened and the
 * pods spread over them; what does not fit goes through the same again; the last few nodes are filled one by one, then every node is
 * made as small as it can be.
 * @param pods pods of each class; reduced to what found no place
 * @param waste how much more a large pod is taken to need, as part of the share of a node that it takes: nodes of a few large pods
 *   stay partly empty, which the linear program does not see otherwise
 */
export function constructPacking(
  table: BinTable,
  pods: Int32Array,
  waste: number,
  { value, order, useful, likely, solve }: Guidance,
): NodeGroups {
  const groups = new NodeGroups(table);
  openKept(groups, pods, order);
  for (let pass = 0; solve && pass < MOST_PASSES; pass++) {
    const opened = packByRelaxation(groups, pods, waste, { value, order, useful, likely, solve });
    topUp(groups, pods, order);
    if (opened < SMALLEST_REST) break;
  }
  fillNodes(groups, pods, order, value, useful);
  downsize(groups, useful);
  return groups;
}

/** Nodes that are kept anyway cost nothing: they come first. */
function openKept(groups: NodeGroups, pods: Int32Array, order: readonly number[]): void {
  const { bins, price, limit } = groups.table;
  for (let t = 0; t < bins; t++) {
    if (price[t] === 0 && limit[t] !== Infinity) groups.open(t, limit[t] as number);
  }
  if (groups.size > 0) topUp(groups, pods, order);
}

/** @returns how many nodes were opened */
function packByRelaxation(
  groups: NodeGroups,
  pods: Int32Array,
  waste: number,
  { order, useful, likely, solve }: Guidance & { solve: LinearSolver },
): number {
  const { table } = groups;
  const stock = groups.unused();
  const usable = useful.filter(t => (stock[t] as number) > 0);
  const relaxation = relaxPacking({ ...table, limit: stock }, pods, usable, solve, waste, likely);
  if (!relaxation) return 0;
  const shares = shareOut(table, pods, relaxation);
  for (const mine of shares) {
    for (let c = 0; c < table.classes; c++) pods[c] = (pods[c] as number) - (mine[c] as number);
  }
  let opened = 0;
  relaxation.active.forEach((t, k) => {
    const mine = shares[k] as Int32Array;
    const nodes = Math.min(stock[t] as number, Math.floor(nodesFilledBy(table, mine, t) + 1e-6));
    if (nodes >= 1) {
      opened += nodes;
      const from = groups.size;
      groups.open(t, nodes);
      spreadClasses(groups, mine, order, from);
    }
    for (let c = 0; c < table.classes; c++) pods[c] = (pods[c] as number) + (mine[c] as number);
  });
  return opened;
}
