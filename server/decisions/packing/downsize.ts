import type { NodeGroups } from './node-groups.ts';

/**
 * Makes every node the cheapest that holds what it holds, and closes empty ones. Nodes of limited bins stay as they are; one that is to be had
 * is taken before a new one of the same price, so that a running node is not replaced by its like.
 * @param bins bins to choose from
 */
export function downsize(groups: NodeGroups, bins: Int32Array): void {
  const { resources, capacity, price, limit, allowed, groupOfClass } = groups.table;
  const all = groups.table.bins;
  const stock = groups.unused();
  const byPrice = [...bins].sort(
    (a, b) =>
      (price[a] as number) - (price[b] as number) || (limit[a] as number) - (limit[b] as number) || a - b,
  );
  for (let g = 0; g < groups.size; g++) {
    if (groups.nodes[g] === 0) continue;
    if (groups.isEmpty(g)) {
      groups.nodes[g] = 0;
      continue;
    }
    const now = groups.bin[g] as number;
    if (limit[now] !== Infinity) continue;
    const kinds = new Set<number>();
    groups.eachEntry(g, c => kinds.add(groupOfClass[c] as number));
    for (const t of byPrice) {
      const isLimited = limit[t] !== Infinity;
      if ((price[t] as number) > (price[now] as number)) break;
      if (stock[t] === 0 || (!isLimited && price[t] === price[now])) continue;
      if (holds(g, now, t) && [...kinds].every(kind => allowed[kind * all + t] === 1)) {
        groups.split(g, Math.min(groups.nodes[g] as number, stock[t] as number));
        groups.changeBin(g, t);
        stock[t] = (stock[t] as number) - (groups.nodes[g] as number);
        break;
      }
    }
  }

  function holds(g: number, now: number, t: number): boolean {
    for (let r = 0; r < resources; r++) {
      const used = (capacity[now * resources + r] as number) - (groups.free[g * resources + r] as number);
      if (used > (capacity[t * resources + r] as number)) return false;
    }
    return true;
  }
}
