import type { NodeGroups } from './node-groups.ts';

/** Groups that are looked at for one class. */
const MOST_GROUPS = 4_096;
/** Few pods need no long search. */
const FEW_GROUPS = 384;
const FEW_PODS = 4;

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
  const found: number[] = [];
  const rooms: number[] = [];
  const slacks: number[] = [];
  const looked = Math.min(groups.size, left <= FEW_PODS ? FEW_GROUPS : MOST_GROUPS);
  const start = groups.size > looked ? (c * 7_919) % groups.size : 0;
  for (let i = 0; i < looked; i++) {
    const g = (start + i) % groups.size;
    if (groups.nodes[g] === 0) continue;
    const room = groups.room(g, c);
    if (room < 1) continue;
    found.push(g);
    rooms.push(room);
    slacks.push(slackOf(groups, g));
  }
  let placed = 0;
  const order = found.map((_, i) => i).sort((a, b) => (slacks[a] as number) - (slacks[b] as number) || a - b);
  for (const i of order) {
    const g = found[i] as number;
    const all = groups.nodes[g] as number;
    const each = Math.min(rooms[i] as number, Math.max(1, Math.floor((left - placed) / all)));
    const nodes = Math.min(all, Math.floor((left - placed) / each));
    groups.place(g, c, each, nodes);
    placed += each * nodes;
    if (placed === left) break;
  }
  return placed;
}

function slackOf({ table: { resources, capacity }, bin, free }: NodeGroups, g: number): number {
  const t = bin[g] as number;
  let slack = 0;
  for (let r = 0; r < resources; r++) {
    const whole = capacity[t * resources + r] as number;
    if (whole > 0) slack += (free[g * resources + r] as number) / whole;
  }
  return slack;
}
