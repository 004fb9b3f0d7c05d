import type { BinTable } from './bin-table.ts';
import { downsize } from './downsize.ts';
import { fillNodes } from './fill-nodes.ts';
import type { LinearSolver } from './linear-solver.ts';
import { NodeGroups } from './node-groups.ts';
import type { LateCheck } from './out-of-time.ts';
import { type Relaxation, relaxPacking } from './relaxation.ts';
import { nodesFilledBy, shareOut } from './share-out.ts';
import { spreadClasses } from './spread-classes.ts';
import { topUp } from './top-up.ts';

/** What a construction goes by. */
export interface Guidance {
  /** Worth of one pod of each class, micro-USD an hour. */
  readonly value: Float64Array;
  /** Classes, most valuable first. */
  readonly order: Int32Array;
  /** Place of each class in `order`. */
  readonly rank: Int32Array;
  /** Bins that can be part of a cheapest answer. */
  readonly useful: Int32Array;
  /** Bins that are likely to be; the linear program starts with them. */
  readonly likely: readonly number[];
  readonly solve: LinearSolver | undefined;
  readonly isTooLate: LateCheck;
  /** Once it says yes, what is left is packed in the quickest way. */
  readonly shouldStop: () => boolean;
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
 * @param known the relaxation of the whole table without waste, when it is at hand
 */
export function constructPacking(
  table: BinTable,
  pods: Int32Array,
  waste: number,
  guidance: Guidance,
  known?: Relaxation,
): NodeGroups {
  const { order, rank, useful, likely, solve } = guidance;
  const groups = new NodeGroups(table);
  openKept(groups, pods, order);
  const isKnown = waste === 0 && groups.size === 0;
  for (let pass = 0; solve && pass < MOST_PASSES; pass++) {
    const relaxation =
      pass === 0 && isKnown && known ? known : relaxRest(groups, pods, waste, { useful, likely, solve });
    const opened = relaxation ? packByRelaxation(groups, pods, rank, relaxation) : 0;
    topUp(groups, pods, order);
    if (opened < SMALLEST_REST) break;
  }
  fillNodes(groups, pods, guidance);
  downsize(groups, useful);
  return groups;
}

/** Nodes that are kept anyway cost nothing: they come first. */
function openKept(groups: NodeGroups, pods: Int32Array, order: Int32Array): void {
  const { bins, price, limit } = groups.table;
  for (let t = 0; t < bins; t++) {
    if (price[t] === 0 && limit[t] !== Infinity) groups.open(t, limit[t] as number);
  }
  if (groups.size > 0) topUp(groups, pods, order);
}

/** The linear program for pods that are left, on nodes that can still be had. */
function relaxRest(
  groups: NodeGroups,
  pods: Int32Array,
  waste: number,
  { useful, likely, solve }: Pick<Guidance, 'useful' | 'likely'> & { solve: LinearSolver },
): Relaxation | undefined {
  const { table } = groups;
  const limit = groups.unused();
  const usable = useful.filter(t => (limit[t] as number) > 0);
  return relaxPacking({ ...table, limit }, pods, usable, solve, waste, likely);
}

/** @returns how many nodes were opened */
function packByRelaxation(
  groups: NodeGroups,
  pods: Int32Array,
  rank: Int32Array,
  relaxation: Relaxation,
): number {
  const { table } = groups;
  const stock = groups.unused();
  const mine = new Int32Array(table.classes);
  let opened = 0;
  shareOut(pods, relaxation).forEach((share, k) => {
    const t = relaxation.active[k] as number;
    const nodes = Math.min(stock[t] as number, Math.floor(nodesFilledBy(table, share, t) + 1e-6));
    if (nodes < 1) return;
    opened += nodes;
    const { classes, counts } = share;
    classes.forEach((c, i) => {
      mine[c] = (mine[c] as number) + (counts[i] as number);
      pods[c] = (pods[c] as number) - (counts[i] as number);
    });
    const from = groups.size;
    groups.open(t, nodes);
    spreadClasses(groups, mine, inOrder(classes, rank), from);
    for (const c of classes) {
      pods[c] = (pods[c] as number) + (mine[c] as number);
      mine[c] = 0;
    }
  });
  return opened;
}

/** The classes, each once, most valuable first. */
function inOrder(classes: readonly number[], rank: Int32Array): number[] {
  return classes
    .filter((c, i) => i === 0 || c !== classes[i - 1])
    .sort((a, b) => (rank[a] as number) - (rank[b] as number));
}
