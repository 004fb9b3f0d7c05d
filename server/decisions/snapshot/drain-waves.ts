import type { Wave } from '../../../common/contracts/index.ts';
import { budgetsOf } from '../budgets-of-pod.ts';
import type { Resources } from '../packing/problem.ts';
import type { SnapshotCluster, SnapshotPod } from './snapshot-cluster.ts';

/** A pod that leaves a node for another; from nowhere when it waits. */
export interface PlannedMove {
  readonly pod: SnapshotPod;
  readonly from: string | null;
  readonly to: string;
}

/** Waves, and names of nodes that wait for each other's room; none where each pod finds room at once where it goes. */
export interface CutWaves {
  readonly waves: Wave[];
  readonly waiting: readonly string[];
}

/**
 * Cuts moves into waves. Within a wave no PodDisruptionBudget loses more pods than it allows now, no more than `mostNodes` nodes are
 * drained, every pod finds room where it goes, and none goes to a node that stays and gives up pods itself: it is cordoned then. A node that alone asks for more than a budget allows gets a wave of its own, in
 * which its drain waits for replacements.
 * @param freeOf what each node, new ones included, has free at the start
 */
export function drainWaves(
  moves: readonly PlannedMove[],
  removed: readonly string[],
  budgets: SnapshotCluster['budgets'],
  freeOf: ReadonlyMap<string, Resources & { readonly pods: number }>,
  mostNodes: number,
  isNew: (node: string) => boolean,
): CutWaves {
  const gone = new Set(removed);
  const sources = new Map<string, PlannedMove[]>(removed.map(name => [name, []]));
  for (const move of moves) {
    if (move.from === null) continue;
    const mine = sources.get(move.from);
    if (mine) mine.push(move);
    else sources.set(move.from, [move]);
  }
  const room = new Room(freeOf);
  for (const move of moves) if (move.from === null) room.take(move);
  const pendingTargets = new Set(
    moves.filter(move => move.from === null && isNew(move.to)).map(({ to }) => to),
  );
  const ready = new Set<string>();
  const waves: Wave[] = [];
  const waiting: string[] = [];
  let open = [...sources]
    .map(
      ([node, list]): Source => ({
        node,
        moves: list,
        evictions: evictionsOf(list, budgets),
        isRemoved: gone.has(node),
      }),
    )
    .sort((a, b) => a.moves.length - b.moves.length || (a.node < b.node ? -1 : 1));
  while (open.length > 0) {
    const wave = nextWave(open, room, mostNodes);
    if (!wave.isInOrder && waiting.length === 0) waiting.push(...inEachOthersWay(open));
    const taken = new Set(wave.nodes);
    open = open.filter(source => !taken.has(source));
    const targets = new Set(wave.nodes.flatMap(source => source.moves.map(({ to }) => to)).filter(isNew));
    if (waves.length === 0) for (const target of pendingTargets) targets.add(target);
    const add = [...targets].filter(name => !ready.has(name)).sort();
    for (const name of add) ready.add(name);
    waves.push({
      add,
      drain: wave.nodes.map(source => ({
        node: source.node,
        isRemoved: source.isRemoved,
        pods: source.moves.map(({ pod }) => pod.key).sort(),
      })),
      budgets: wave.budgets,
      note: wave.note,
    });
  }
  if (waves.length === 0 && pendingTargets.size > 0)
    waves.push({ add: [...pendingTargets].sort(), drain: [], budgets: [], note: null });
  return { waves, waiting };
}

/** Nodes of those that are stuck whose room others of them wait for, and that wait for others themselves. */
function inEachOthersWay(stuck: readonly Source[]): string[] {
  let left = stuck;
  for (;;) {
    const names = new Set(left.map(({ node }) => node));
    const wanted = new Set(left.flatMap(({ moves }) => moves.map(({ to }) => to)));
    const bound = left.filter(({ node, moves }) => wanted.has(node) && moves.some(({ to }) => names.has(to)));
    if (bound.length === left.length || bound.length === 0) return left.map(({ node }) => node).sort();
    left = bound;
  }
}

type Evictions = Map<SnapshotCluster['budgets'][number], number>;

/** A node that pods leave. */
interface Source {
  readonly node: string;
  readonly moves: readonly PlannedMove[];
  readonly evictions: Evictions;
  readonly isRemoved: boolean;
}

function nextWave(
  open: readonly Source[],
  room: Room,
  mostNodes: number,
): { nodes: Source[]; budgets: Wave['budgets']; note: string | null; isInOrder: boolean } {
  const nodes: Source[] = [];
  const evictions: Evictions = new Map();
  const leaving: PlannedMove[] = [];
  let note: string | null = null;
  let isInOrder = true;
  for (const source of open) {
    if (nodes.length >= mostNodes) break;
    const { moves, evictions: mine } = source;
    const isTooMuch = [...mine].some(
      ([budget, count]) => (evictions.get(budget) ?? 0) + count > budget.disruptionsAllowed,
    );
    if (isTooMuch && nodes.length > 0) continue;
    if (nodes.some(other => isShutFor(other, source) || isShutFor(source, other))) continue;
    if (!room.fits(moves)) continue;
    if (isTooMuch)
      note =
        'A PodDisruptionBudget allows fewer evictions at once: the drain waits for replacements in between.';
    nodes.push(source);
    for (const [budget, count] of mine) evictions.set(budget, (evictions.get(budget) ?? 0) + count);
    for (const move of moves) room.take(move);
    leaving.push(...moves);
    if (isTooMuch) break;
  }
  const [first] = open;
  if (nodes.length === 0 && first) {
    // Two nodes that wait for each other's room: pods of one are evicted first and wait for it.
    nodes.push(first);
    for (const move of first.moves) room.take(move);
    leaving.push(...first.moves);
    isInOrder = false;
    note = 'Some pods wait until others have left: there is no order in which each finds room at once.';
    for (const [budget, count] of first.evictions) evictions.set(budget, count);
  }
  // Room is free again only when the wave has ended.
  for (const move of leaving) room.give(move);
  return {
    nodes,
    note,
    isInOrder,
    budgets: [...evictions].map(([budget, count]) => ({
      budget: `${budget.namespace}/${budget.name}`,
      evictions: count,
      allowed: budget.disruptionsAllowed,
    })),
  };
}

/** Whether pods of one node that stays are meant for another that stays and is cordoned in the same wave. */
function isShutFor(from: Source, to: Source): boolean {
  return !from.isRemoved && !to.isRemoved && from.moves.some(move => move.to === to.node);
}

function evictionsOf(moves: readonly PlannedMove[], budgets: SnapshotCluster['budgets']): Evictions {
  const counts: Evictions = new Map();
  for (const { pod } of moves) {
    for (const budget of budgetsOf(pod.inventory, budgets)) counts.set(budget, (counts.get(budget) ?? 0) + 1);
  }
  return counts;
}

/** What is free on each node while pods move. */
class Room {
  readonly #free = new Map<string, Map<string, number>>();

  constructor(freeOf: ReadonlyMap<string, Resources & { readonly pods: number }>) {
    for (const [name, { cpuMilli, memoryBytes, pods, extended }] of freeOf)
      this.#free.set(
        name,
        new Map([['cpu', cpuMilli], ['memory', memoryBytes], ['pods', pods], ...Object.entries(extended)]),
      );
  }

  fits(moves: readonly PlannedMove[]): boolean {
    const wanted = new Map<string, Map<string, number>>();
    for (const { pod, to } of moves) {
      const sum = wanted.get(to) ?? new Map<string, number>();
      for (const [name, amount] of needs(pod)) sum.set(name, (sum.get(name) ?? 0) + amount);
      wanted.set(to, sum);
    }
    return [...wanted].every(([to, sum]) =>
      [...sum].every(([name, amount]) => amount === 0 || amount <= (this.#free.get(to)?.get(name) ?? 0)),
    );
  }

  take({ pod, to }: PlannedMove): void {
    this.#change(to, pod, -1);
  }

  give({ pod, from }: PlannedMove): void {
    if (from !== null) this.#change(from, pod, 1);
  }

  #change(node: string, pod: SnapshotPod, sign: number): void {
    const free = this.#free.get(node);
    for (const [name, amount] of needs(pod)) free?.set(name, (free.get(name) ?? 0) + sign * amount);
  }
}

function needs({ requests }: SnapshotPod): [string, number][] {
  const { cpuMilli, memoryBytes, extended } = requests;
  return [['cpu', cpuMilli], ['memory', memoryBytes], ['pods', 1], ...Object.entries(extended)];
}
