import { type BinTable, fitsEmpty } from './bin-table.ts';
import type { Guidance } from './construct-packing.ts';
import { type Filling, fillAligned, fillInOrder } from './node-filling.ts';
import type { NodeGroups } from './node-groups.ts';
import { giveUpIf } from './out-of-time.ts';

/** How much thought a node is given. */
interface Care {
  /** Bins whose quick filling is redone with care. */
  readonly bins: number;
  /** Of more classes than this, a filling chooses among evenly chosen ones. */
  readonly classes: number;
}

const CAREFUL: Care = { bins: 4, classes: 1_500 };
const HURRIED: Care = { bins: 0, classes: 100 };

/** @property order classes, most valuable first */
type FillGuidance = Pick<Guidance, 'value' | 'useful' | 'isTooLate' | 'shouldStop'> & {
  readonly order: Iterable<number>;
};

/**
 * Opens nodes one after the other until nothing is left: each time for the most valuable class, on the bin whose filling brings most value
 * for its price. A filling that demand allows several times is opened so often.
 * @param pods pods of each class; reduced to what no bin could take
 * @param guidance `useful` are the bins to choose from; one with a limit as long as there are nodes of it left
 */
export function fillNodes(
  groups: NodeGroups,
  pods: Int32Array,
  { order, value, useful, isTooLate, shouldStop }: FillGuidance,
): void {
  const { table } = groups;
  const stock = groups.unused();
  let live = [...order].filter(c => (pods[c] as number) > 0);
  for (const seed of live.slice()) {
    while ((pods[seed] as number) > 0) {
      giveUpIf(isTooLate);
      live = live.filter(c => (pods[c] as number) > 0);
      const best = bestFilling(
        table,
        pods,
        live,
        value,
        useful.filter(t => (stock[t] as number) > 0),
        seed,
        shouldStop() ? HURRIED : CAREFUL,
      );
      if (!best) break;
      let times = stock[best.t] as number;
      for (let i = 0; i < best.pods.length; i += 2) {
        times = Math.min(
          times,
          Math.floor((pods[best.pods[i] as number] as number) / (best.pods[i + 1] as number)),
        );
      }
      const group = groups.open(best.t, times);
      stock[best.t] = (stock[best.t] as number) - times;
      for (let i = 0; i < best.pods.length; i += 2) {
        const c = best.pods[i] as number;
        const each = best.pods[i + 1] as number;
        groups.place(group, c, each, times);
        pods[c] = (pods[c] as number) - each * times;
      }
    }
  }
}

function bestFilling(
  table: BinTable,
  pods: Int32Array,
  all: readonly number[],
  value: Float64Array,
  bins: Int32Array,
  seed: number,
  { bins: careful, classes }: Care,
): Filling | undefined {
  const stride = Math.ceil(all.length / classes);
  const live = stride > 1 ? all.filter((_, i) => i % stride === 0) : all;
  const quick: Filling[] = [];
  for (const t of bins)
    if (fitsEmpty(table, seed, t)) quick.push(fillInOrder(table, pods, live, value, seed, t));
  quick.sort((a, b) => b.yield - a.yield || a.t - b.t);
  const redone = quick.slice(0, careful).map(({ t }) => fillAligned(table, pods, live, value, seed, t));
  return [...redone, ...quick.slice(0, 1)].sort((a, b) => b.yield - a.yield || a.t - b.t)[0];
}
