import type { BinTable } from './bin-table.ts';

const FIRST_GROUPS = 256;
const FIELDS = 3;

/**
 * Nodes that are filled alike, counted instead of repeated: a hundred thousand pods are a few thousand groups. The pods of a group are
 * a linked list of (class, pods on each node), shared with the groups that it was split from.
 */
export class NodeGroups {
  readonly table: BinTable;
  /** Groups so far. */
  size = 0;
  /** Arrays below are replaced by longer ones as groups are added: read them again after `open`, `place`, `split` or `copy`. */
  bin = new Int32Array(FIRST_GROUPS);
  /** Nodes in each group; 0 once a group is dropped. */
  nodes = new Int32Array(FIRST_GROUPS);
  /** `free[g * resources + r]`. */
  free: Float64Array;
  #head = new Int32Array(FIRST_GROUPS);
  /** Class, pods on each node, next entry of the group or -1. */
  #entries = new Int32Array(8 * FIRST_GROUPS * FIELDS);
  #entryCount = 0;

  constructor(table: BinTable) {
    this.table = table;
    this.free = new Float64Array(FIRST_GROUPS * table.resources);
  }

  /** @returns the group of so many empty nodes of bin t */
  open(t: number, nodes: number): number {
    const { resources, capacity } = this.table;
    const group = this.#append(t, nodes, -1);
    for (let r = 0; r < resources; r++) {
      this.free[group * resources + r] = capacity[t * resources + r] as number;
    }
    return group;
  }

  /** Most pods of class c that one node of a group has room for, on top of what it holds. */
  room(group: number, c: number): number {
    const { resources, size, allowed, groupOfClass, bins, perNode } = this.table;
    if (allowed[(groupOfClass[c] as number) * bins + (this.bin[group] as number)] === 0) return 0;
    let most = 2 ** 31;
    const free = group * resources;
    const at = c * resources;
    for (let r = 0; r < resources; r++) {
      const one = size[at + r] as number;
      if (one > 0) {
        const count = (this.free[free + r] as number) / one;
        if (count < most) most = count;
        if (most < 1) return 0;
      }
    }
    const cap = perNode[c] as number;
    return cap < 2 ** 31 - 1 ? Math.min(Math.floor(most), cap - this.podsOf(group, c)) : Math.floor(most);
  }

  /** Pods of class c on each node of a group. */
  podsOf(group: number, c: number): number {
    const entries = this.#entries;
    let pods = 0;
    for (let at = this.#head[group] as number; at >= 0; at = entries[at + 2] as number) {
      if (entries[at] === c) pods += entries[at + 1] as number;
    }
    return pods;
  }

  /**
   * Puts pods of class c on each of some nodes of a group; the others become a group of their own, which is appended.
   * The caller has asked `room`.
   */
  place(group: number, c: number, podsEach: number, nodes: number): void {
    const { resources, size } = this.table;
    this.split(group, nodes);
    for (let r = 0; r < resources; r++) {
      const at = group * resources + r;
      this.free[at] = (this.free[at] as number) - (size[c * resources + r] as number) * podsEach;
    }
    const at = this.#entryCount++ * FIELDS;
    if (at === this.#entries.length) this.#entries = longer(this.#entries);
    this.#entries[at] = c;
    this.#entries[at + 1] = podsEach;
    this.#entries[at + 2] = this.#head[group] as number;
    this.#head[group] = at;
  }

  /** Leaves so many nodes in a group; the others become a group of their own, which is appended. */
  split(group: number, nodes: number): void {
    const { resources } = this.table;
    const others = (this.nodes[group] as number) - nodes;
    if (others <= 0) return;
    const rest = this.#append(this.bin[group] as number, others, this.#head[group] as number);
    this.free.copyWithin(rest * resources, group * resources, (group + 1) * resources);
    this.nodes[group] = nodes;
  }

  /** Calls for every (class, pods on each node) of a group; a class may come more than once. */
  eachEntry(group: number, visit: (c: number, podsEach: number) => void): void {
    const entries = this.#entries;
    for (let at = this.#head[group] as number; at >= 0; at = entries[at + 2] as number) {
      visit(entries[at] as number, entries[at + 1] as number);
    }
  }

  isEmpty(group: number): boolean {
    return this.#head[group] === -1;
  }

  /** Makes all nodes of a group nodes of another bin, which must hold what they hold. */
  changeBin(group: number, t: number): void {
    const { resources, capacity } = this.table;
    const from = this.bin[group] as number;
    for (let r = 0; r < resources; r++) {
      const at = group * resources + r;
      const more = (capacity[t * resources + r] as number) - (capacity[from * resources + r] as number);
      this.free[at] = (this.free[at] as number) + more;
    }
    this.bin[group] = t;
  }

  /** Takes over a group with all that its nodes hold. @returns its number here */
  copy(other: NodeGroups, group: number): number {
    const copied = this.open(other.bin[group] as number, other.nodes[group] as number);
    other.eachEntry(group, (c, podsEach) => this.place(copied, c, podsEach, this.nodes[copied] as number));
    return copied;
  }

  /** Nodes of each bin that its limit still allows. */
  unused(): Float64Array {
    const unused = this.table.limit.slice();
    for (let g = 0; g < this.size; g++) {
      const t = this.bin[g] as number;
      unused[t] = (unused[t] as number) - (this.nodes[g] as number);
    }
    return unused;
  }

  /** Micro-USD an hour of all nodes. */
  cost(): number {
    let sum = 0;
    for (let g = 0; g < this.size; g++) {
      sum += (this.nodes[g] as number) * (this.table.price[this.bin[g] as number] as number);
    }
    return sum;
  }

  #append(t: number, nodes: number, head: number): number {
    const group = this.size++;
    if (group === this.bin.length) {
      this.bin = longer(this.bin);
      this.nodes = longer(this.nodes);
      this.#head = longer(this.#head);
      const free = new Float64Array(this.free.length * 2);
      free.set(this.free);
      this.free = free;
    }
    this.bin[group] = t;
    this.nodes[group] = nodes;
    this.#head[group] = head;
    return group;
  }
}

function longer(short: Int32Array): Int32Array<ArrayBuffer> {
  const long = new Int32Array(short.length * 2);
  long.set(short);
  return long;
}
