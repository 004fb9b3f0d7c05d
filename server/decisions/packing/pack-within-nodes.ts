import type { BinTable } from './bin-table.ts';
import { NodeGroups } from './node-groups.ts';
import { type PackBinsOptions, type PackedBins, packBins } from './pack-bins.ts';

const MOST_TRIES = 6;

/**
 * Packs onto no more than so many nodes that have a price: when the cheapest packing has more, a charge for each node is added and raised
 * until larger nodes win. When even that is not enough, the nodes with least on them are given up and their pods left over.
 */
export function packWithinNodes(table: BinTable, most: number, options: PackBinsOptions): PackedBins {
  const free = packBins(table, options);
  if (nodesOf(free.groups) <= most) return free;
  const average = free.groups.cost() / nodesOf(free.groups);
  for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
    const charge = average * 2 ** (2 * attempt - 2);
    const charged = packBins(
      { ...table, price: table.price.map(price => (price > 0 ? price + charge : 0)) },
      options,
    );
    if (nodesOf(charged.groups) > most) continue;
    const groups = new NodeGroups(table);
    for (let g = 0; g < charged.groups.size; g++)
      if ((charged.groups.nodes[g] as number) > 0) groups.copy(charged.groups, g);
    return { groups, left: charged.left, prices: free.prices };
  }
  return giveUpNodes(free, most);
}

/** Nodes that are kept anyway are not counted. */
function nodesOf(groups: NodeGroups): number {
  let nodes = 0;
  for (let g = 0; g < groups.size; g++) {
    if ((groups.table.price[groups.bin[g] as number] as number) > 0) nodes += groups.nodes[g] as number;
  }
  return nodes;
}

function giveUpNodes({ groups, left, prices }: PackedBins, most: number): PackedBins {
  const { price } = groups.table;
  const worth = (g: number) => {
    let sum = 0;
    groups.eachEntry(g, (c, each) => {
      sum += (prices.value[c] as number) * each;
    });
    return sum;
  };
  const rated = Array.from({ length: groups.size }, (_, g) => g)
    .filter(g => (groups.nodes[g] as number) > 0)
    .map(g => ({ g, worth: worth(g), isKept: price[groups.bin[g] as number] === 0 }))
    .sort((a, b) => Number(b.isKept) - Number(a.isKept) || b.worth - a.worth || a.g - b.g);
  const fewer = new NodeGroups(groups.table);
  let room = most;
  for (const { g, isKept } of rated) {
    const all = groups.nodes[g] as number;
    const nodes = isKept ? all : Math.min(all, room);
    if (!isKept) room -= nodes;
    if (nodes > 0) {
      const copied = fewer.copy(groups, g);
      fewer.nodes[copied] = nodes;
    }
    groups.eachEntry(g, (c, each) => {
      left[c] = (left[c] as number) + each * (all - nodes);
    });
  }
  return { groups: fewer, left, prices };
}
