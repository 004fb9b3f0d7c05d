import type { NodeGroups } from './node-groups.ts';

/**
 * Makes every node the cheapest that holds what it holds, and closes empty ones. Nodes of limited bins stay as they are.
 * @param bins bins to choose from
 */
export function downsize(groups: NodeGroups, bins: Int32Array): void {
  const { resources, capacity, price, limit, allowed, groupOfClass } = groups.table;
  const all = groups.table.bins;
  const byPrice = [...bins]
    .filter(t => limit[t] === Infinity)
    .sort((a, b) => (price[a] as number) - (price[b] as number) || a - b);
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
      if ((price[t] as number) >= (price[now] as number)) break;
      if (holds(g, now, t) && [...kinds].every(kind => allowed[kind * all + t] === 1)) {
        groups.changeBin(g, t);
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
