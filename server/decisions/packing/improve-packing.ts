import { constructByPatterns, MOST_PATTERN_CLASSES } from './construct-by-patterns.ts';
import { constructPacking, type Guidance } from './construct-packing.ts';
import { NodeGroups } from './node-groups.ts';

/** How much of the cost is dissolved at once, and how wasteful large pods are taken to be, tried in turn. */
const PARTS = [0.08, 0.2, 0.04, 0.4];
const WASTES = [0.15, 0, 0.05, 0.1, 0.2];

export interface Improvement {
  readonly groups: NodeGroups;
  readonly isBetter: boolean;
}

/**
 * One step of ruin and recreate (Schrimpf et al., J. Comput. Phys. 159, 2000): empties the nodes that bring least value for their price, with
 * some luck in the choice, packs their pods anew and keeps the result when it is cheaper and leaves no more pods out.
 * @param step number of the step; decides which settings are tried
 */
export function improvePacking(
  groups: NodeGroups,
  guidance: Guidance,
  step: number,
  random: () => number,
): Improvement {
  const { table } = groups;
  const part = PARTS[step % PARTS.length] as number;
  const waste = WASTES[step % WASTES.length] as number;
  const worst = worstGroups(groups, guidance.value, part, random);
  const pods = new Int32Array(table.classes);
  const stock = groups.unused();
  let cost = 0;
  for (const g of worst) {
    const t = groups.bin[g] as number;
    const nodes = groups.nodes[g] as number;
    cost += nodes * (table.price[t] as number);
    stock[t] = (stock[t] as number) + nodes;
    groups.eachEntry(g, (c, podsEach) => {
      pods[c] = (pods[c] as number) + podsEach * nodes;
    });
  }
  const { solve } = guidance;
  const kinds = pods.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
  const anew =
    solve && step % 2 === 1 && kinds <= MOST_PATTERN_CLASSES
      ? constructByPatterns({ ...table, limit: stock }, pods, { ...guidance, solve })
      : constructPacking({ ...table, limit: stock }, pods, waste, guidance);
  if (anew.cost() >= cost || pods.some(left => left > 0)) return { groups, isBetter: false };
  const dissolved = new Set(worst);
  const better = new NodeGroups(table);
  for (let g = 0; g < groups.size; g++) {
    if (!dissolved.has(g) && (groups.nodes[g] as number) > 0) better.copy(groups, g);
  }
  for (let g = 0; g < anew.size; g++) if ((anew.nodes[g] as number) > 0) better.copy(anew, g);
  return { groups: better, isBetter: true };
}

/** Least value for the price first, until they make up a part of the cost. */
function worstGroups(groups: NodeGroups, value: Float64Array, part: number, random: () => number): number[] {
  const { price } = groups.table;
  const rated: { g: number; yield: number; cost: number }[] = [];
  let all = 0;
  for (let g = 0; g < groups.size; g++) {
    const each = price[groups.bin[g] as number] as number;
    if (groups.nodes[g] === 0 || each === 0) continue;
    let worth = 0;
    groups.eachEntry(g, (c, podsEach) => {
      worth += (value[c] as number) * podsEach;
    });
    const cost = each * (groups.nodes[g] as number);
    all += cost;
    rated.push({ g, yield: worth / each + random() * 0.05, cost });
  }
  rated.sort((a, b) => a.yield - b.yield || a.g - b.g);
  const worst: number[] = [];
  let taken = 0;
  for (const { g, cost } of rated) {
    if (worst.length > 1 && taken + cost > part * all) break;
    worst.push(g);
    taken += cost;
  }
  return worst;
}
