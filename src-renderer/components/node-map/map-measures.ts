import type { NodeView } from '../../../common/contracts/index.ts';
import { ownerWords } from '../owner-words.ts';

/** What the area of a tile can mean. */
export type SizeBy = 'cost' | 'cpu' | 'memory';

/** By what nodes can be grouped. */
export type GroupBy = 'zone' | 'owner' | 'type';

/**
 * Area of a node, always positive. One whose price is unknown takes the middle one of those that are known: it is neither
 * free nor dear; where none is known all are alike.
 */
export function sizeOf(by: SizeBy, nodes: readonly NodeView[]): (node: NodeView) => number {
  if (by === 'cpu') return ({ allocatable }) => Math.max(1, allocatable.cpuMilli);
  if (by === 'memory') return ({ allocatable }) => Math.max(1, allocatable.memoryBytes);
  const known = nodes.flatMap(({ priceMicroUsdPerHour: price }) => price ?? []).sort((a, b) => a - b);
  const middle = known[Math.floor(known.length / 2)] ?? 1;
  return ({ priceMicroUsdPerHour: price }) => Math.max(1, price ?? middle);
}

/** Name of the group of a node. */
export function groupOf(by: GroupBy): (node: NodeView) => string {
  if (by === 'owner') return ({ owner }) => (owner ? ownerWords(owner) : 'unknown owner');
  if (by === 'type') return ({ instanceType }) => instanceType ?? 'unknown type';
  return ({ zone }) => zone ?? 'unknown zone';
}
