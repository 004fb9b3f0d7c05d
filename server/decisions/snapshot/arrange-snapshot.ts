import type { Wave } from '../../../common/contracts/index.ts';
import type { Improvement } from '../packing/improve-cluster.ts';
import { improveInWorker } from '../packing/improve-in-worker.ts';
import type { PackingProblem } from '../packing/problem.ts';
import type { Rearrangement } from '../packing/rearrangement.ts';
import type { ThreadOptions } from '../packing/run-thread.ts';
import type { DecisionPolicy } from '../policy.ts';
import { drainWaves, type PlannedMove } from './drain-waves.ts';
import { freeRoom } from './free-room.ts';
import type { MachineMarket } from './machine-market.ts';
import type { Snapshot } from './snapshot.ts';
import { type SnapshotCluster, snapshotCluster } from './snapshot-cluster.ts';
import { type SnapshotProblem, snapshotProblem } from './snapshot-problem.ts';

/** A cluster as it is, what was asked of it, and the cheapest nodes that were found. */
export interface Arrangement {
  readonly cluster: SnapshotCluster;
  readonly compiled: SnapshotProblem;
  readonly improvement: Improvement;
  /** Places of the nodes that `improvement.savesMicroUsdPerHour` answers for. */
  readonly whatIf: readonly number[];
  readonly moves: readonly PlannedMove[];
  readonly waves: readonly Wave[];
}

export interface ArrangementOptions extends ThreadOptions {
  /** Pods leave only nodes that go, so that drains are all it takes; costs a little of what could be saved. */
  readonly wholeNodesOnly?: boolean;
}

/** Nodes that must stay, of which is asked what they cost: the dearest ones, because each question takes a packing. */
const MOST_WHAT_IFS = 40;

/**
 * The cheapest nodes for a cluster as a snapshot shows it. The same snapshot and seed give the same answer unless time runs out.
 */
export async function arrangeSnapshot(
  snapshot: Snapshot,
  market: MachineMarket,
  policy: DecisionPolicy,
  { wholeNodesOnly = false, ...options }: ArrangementOptions,
): Promise<Arrangement> {
  const cluster = snapshotCluster(snapshot, policy);
  const compiled = snapshotProblem(cluster, market, policy);
  const { problem } = compiled;
  const whatIf = nodesToAsk(problem);
  const { minimumSavingShare } = policy;
  const found = await improveInWorker({ problem, minimumSavingShare, whatIf }, options);
  const improvement =
    wholeNodesOnly && makesRoom(found.rearrangement)
      ? await withoutMakingRoom(problem, found, minimumSavingShare, options)
      : found;
  const { rearrangement } = improvement;
  const moves = namedMoves(compiled, rearrangement);
  const added = new Set(rearrangement.add.map(({ name }) => name));
  const mostNodes = Math.max(1, Math.floor(policy.maximumWaveShare * cluster.nodes.length));
  const waves = drainWaves(
    moves,
    rearrangement.remove,
    cluster.budgets,
    freeRoom(problem, rearrangement),
    mostNodes,
    name => added.has(name),
  );
  return { cluster, compiled, improvement, whatIf, moves, waves };
}

function nodesToAsk({ existing }: PackingProblem): number[] {
  return existing
    .map((node, place) => ({ node, place }))
    .filter(({ node }) => !node.isRemovable && node.priceMicroUsdPerHour !== null)
    .sort(
      (a, b) => (b.node.priceMicroUsdPerHour ?? 0) - (a.node.priceMicroUsdPerHour ?? 0) || a.place - b.place,
    )
    .slice(0, MOST_WHAT_IFS)
    .map(({ place }) => place);
}

function makesRoom({ keep, moves }: Rearrangement): boolean {
  const kept = new Set(keep);
  return moves.some(({ from }) => from !== null && kept.has(from));
}

/**
 * Packs once more with the nodes that stay pinned down, pods and all, while the others take no pod: once for the nodes that were kept,
 * once for as many of the fullest, and the cheaper answer counts. The bound and the what-ifs stay those of the free problem.
 */
async function withoutMakingRoom(
  problem: PackingProblem,
  free: Improvement,
  minimumSavingShare: number,
  options: ThreadOptions,
): Promise<Improvement> {
  const kept = new Set(free.rearrangement.keep);
  const answers: Improvement[] = [];
  for (const pinned of [kept, fullest(problem, kept.size)]) {
    const existing = problem.existing.map(node =>
      pinned.has(node.name) || !node.isRemovable
        ? { ...node, isRemovable: false }
        : { ...node, unschedulable: true },
    );
    const order = { problem: { ...problem, existing }, minimumSavingShare, whatIf: [] };
    answers.push(await improveInWorker(order, options));
  }
  const best = answers.reduce((one, other) =>
    other.costAfterMicroUsdPerHour < one.costAfterMicroUsdPerHour ? other : one,
  );
  const { lowerBoundMicroUsdPerHour, savesMicroUsdPerHour } = free;
  return { ...best, lowerBoundMicroUsdPerHour, savesMicroUsdPerHour };
}

/** Names of the nodes of which most of the CPU or of the memory is requested, those that may not go first of all. */
function fullest({ existing, pods }: PackingProblem, count: number): Set<string> {
  const fill = ({ allocatable, pods: here, isRemovable }: PackingProblem['existing'][number]): number => {
    if (!isRemovable) return Number.POSITIVE_INFINITY;
    const sum = (of: 'cpuMilli' | 'memoryBytes') =>
      here.reduce((all, pod) => all + pod.count * (pods[pod.podClass]?.requests[of] ?? 0), 0);
    return Math.max(
      sum('cpuMilli') / Math.max(1, allocatable.cpuMilli),
      sum('memoryBytes') / Math.max(1, allocatable.memoryBytes),
    );
  };
  const ranked = existing.map(node => ({ name: node.name, fill: fill(node) }));
  ranked.sort((a, b) => b.fill - a.fill || (a.name < b.name ? -1 : 1));
  return new Set(ranked.slice(0, count).map(({ name }) => name));
}

/** Gives every move its pods by name, in the order in which the scheduler takes them. */
function namedMoves({ podsOf }: SnapshotProblem, { moves }: Rearrangement): PlannedMove[] {
  const left = podsOf.map(
    byNode => new Map([...byNode].map(([node, pods]) => [node, pods.filter(pod => !pod.isResident)])),
  );
  return moves.flatMap(({ podClass, from, to, count }) => {
    const pods = left[podClass]?.get(from ?? '')?.splice(0, count) ?? [];
    return pods.map(pod => ({ pod, from, to }));
  });
}
