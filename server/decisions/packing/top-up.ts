import type { NodeGroups } from './node-groups.ts';

/** Groups that are looked at for one class. */
const MOST_GROUPS = 4_096;

/**
 * Puts pods into the room that nodes have left, each where it leaves least of the resource that it needs most (best fit).
 * @param pods pods of each class to place; reduced by what was placed
 * @param order classes, largest first
 */
export function topUp(groups: NodeGroups, pods: Int32Array, order: Iterable<number>): void {
  for (const c of order) {
    let left = pods[c] as number;
    while (left > 0) {
      const placed = placeOnFullest(groups, c, left);
      if (placed === 0) break;
      left -= placed;
    }
    pods[c] = left;
  }
}

function placeOnFullest(groups: NodeGroups, c: number, left: number): number {
  const { resources, capacity } = groups.table;
  const found: { g: number; room: number; slack: number }[] = [];
  const looked = Math.min(groups.size, MOST_GROUPS);
  const start = groups.size > MOST_GROUPS ? (c * 7_919) % groups.size : 0;
  for (let i = 0; i < looked; i++) {
    const g = (start + i) % groups.size;
    if (groups.nodes[g] === 0) continue;
    const room = groups.room(g, c);
    if (room < 1) continue;
    const t = groups.bin[g] as number;
    let slack = 0;
    for (let r = 0; r < resources; r++) {
      const whole = capacity[t * resources + r] as number;
      if (whole > 0) slack += (groups.free[g * resources + r] as number) / whole;
    }
    found.push({ g, room, slack });
  }
  found.sort((a, b) => a.slack - b.slack || a.g - b.g);
  let placed = 0;
  for (const { g, room } of found) {
    const each = Math.min(room, Math.max(1, Math.floor((left - placed) / (groups.nodes[g] as number))));
    const nodes = Math.min(groups.nodes[g] as number, Math.floor((left - placed) / each));
    groups.place(g, c, each, nodes);
    placed += each * nodes;
    if (placed === left) break;
  }
  return placed;
}
