import type { Wave } from '../../../common/contracts/index.ts';
import { type Improvement, type ImprovementOptions, improveCluster } from '../packing/improve-cluster.ts';
import type { LinearSolver } from '../packing/linear-solver.ts';
import type { PackingProblem } from '../packing/problem.ts';
import type { Rearrangement } from '../packing/rearrangement.ts';
import type { DecisionPolicy } from '../policy.ts';
import { drainWaves, type PlannedMove } from './drain-waves.ts';
import { freeRoom } from './free-room.ts';
import type { QuotedMachines } from './machine-quotes.ts';
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
  /** What pods that leave nodes that stay save, or would; where there are such. */
  readonly room?: MadeRoom;
}

/** Pods moved off nodes that stay, so that those of others find room. */
export interface MadeRoom {
  /** More than if only whole nodes gave up their pods. */
  readonly savesMicroUsdPerHour: number;
  /** Why it is not done all the same. */
  readonly isLeftBecause?: 'saves-too-little' | 'no-order';
  /** Where there is no order: the nodes that wait for each other's room. */
  readonly waiting?: readonly string[];
}

/** What is to be arranged, as plain data. */
export interface ArrangementOrder {
  readonly snapshot: Snapshot;
  readonly machines: QuotedMachines;
  readonly policy: DecisionPolicy;
  /**
   * Pods leave only nodes that go, unless the others save as much more as the policy wants of a plan and there is an order in which each
   * finds room: every pod that moves is disrupted, and one that is evicted for another's sake more than any.
   */
  readonly prefersWholeNodes: boolean;
}

/** How it is looked for. */
export interface ArrangementSearch {
  readonly solve: LinearSolver | undefined;
  readonly seed: number;
  readonly patience: number;
  readonly report: (costMicroUsdPerHour: number) => void;
  /** Until an answer must be there, ms. */
  readonly timeLeftMs: () => number;
  /** The best so far is asked for: the search ends, what it found is written down. */
  readonly isStopped: () => boolean;
}

/** Nodes that must stay, of which is asked what they cost: the dearest ones, because each question takes a packing. */
const MOST_WHAT_IFS = 40;
/** Parts of the time after which the search ends, and after which an answer must be there. */
const WHOLE_TIME = { search: 0.6, answer: 1 };
/** The same where whole nodes are preferred, which may take two more packings. */
const FIRST_TRY = { search: 0.3, answer: 0.6 };
const PINNED_TRIES = [
  { search: 0.7, answer: 0.8 },
  { search: 0.9, answer: 1 },
];

/**
 * The cheapest nodes for a cluster as a snapshot shows it. The same snapshot and seed give the same answer unless time runs out; what then is there
 * holds all the same, if need be that nothing changes.
 */
export function arrangeSnapshot(
  { snapshot, machines, policy, prefersWholeNodes }: ArrangementOrder,
  search: ArrangementSearch,
): Arrangement {
  const allMs = search.timeLeftMs();
  const cluster = snapshotCluster(snapshot, machines, policy);
  const compiled = snapshotProblem(cluster, machines, policy);
  // Waves and reasons take about half as long to write as the snapshot takes to read.
  const leftMs = search.timeLeftMs();
  const writingMs = (allMs - leftMs) / 2;
  const optionsFor = (part: typeof WHOLE_TIME): ImprovementOptions => {
    const isPast = (share: number) => () =>
      search.timeLeftMs() - writingMs <= (leftMs - writingMs) * (1 - share);
    const [isSearched, isTooLate] = [isPast(part.search), isPast(part.answer)];
    const { solve, seed, patience, report, isStopped } = search;
    return {
      solve,
      seed,
      patience,
      report,
      shouldStop: () => isStopped() || isSearched(),
      isTooLate,
      shouldStopAsking: () => isStopped() || isTooLate(),
    };
  };
  const { problem } = compiled;
  const whatIf = nodesToAsk(problem);
  const { minimumSavingShare } = policy;
  const order = { problem, minimumSavingShare, whatIf };
  const mostNodes = Math.max(1, Math.floor(policy.maximumWaveShare * cluster.nodes.length));
  const inWaves = (improvement: Improvement): Cut => {
    const { rearrangement } = improvement;
    const moves = namedMoves(compiled, rearrangement);
    const added = new Set(rearrangement.add.map(({ name }) => name));
    const free = freeRoom(problem, rearrangement);
    const isNew = (name: string) => added.has(name);
    return {
      improvement,
      moves,
      ...drainWaves(moves, rearrangement.remove, cluster.budgets, free, mostNodes, isNew),
    };
  };
  const found = improveCluster(order, optionsFor(prefersWholeNodes ? FIRST_TRY : WHOLE_TIME));
  const free = inWaves(found);
  if (!prefersWholeNodes || !makesRoom(found.rearrangement))
    return { cluster, compiled, whatIf, ...arranged(free) };
  const pinned = withoutMakingRoom(problem, found, minimumSavingShare, PINNED_TRIES.map(optionsFor));
  const savesMicroUsdPerHour = pinned.costAfterMicroUsdPerHour - found.costAfterMicroUsdPerHour;
  if (savesMicroUsdPerHour < Math.max(1, policy.minimumSavingMicroUsdPerHour)) {
    const room: MadeRoom = { savesMicroUsdPerHour, isLeftBecause: 'saves-too-little' };
    return {
      cluster,
      compiled,
      whatIf,
      ...arranged(inWaves(pinned)),
      ...(savesMicroUsdPerHour > 0 ? { room } : {}),
    };
  }
  if (free.waiting.length > 0)
    return {
      cluster,
      compiled,
      whatIf,
      ...arranged(inWaves(pinned)),
      room: { savesMicroUsdPerHour, isLeftBecause: 'no-order', waiting: free.waiting },
    };
  return { cluster, compiled, whatIf, ...arranged(free), room: { savesMicroUsdPerHour } };
}

/** An improvement with its moves by name, in waves. */
interface Cut extends Pick<Arrangement, 'improvement' | 'moves' | 'waves'> {
  readonly waiting: readonly string[];
}

function arranged({ improvement, moves, waves }: Cut): Pick<Arrangement, 'improvement' | 'moves' | 'waves'> {
  return { improvement, moves, waves };
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
function withoutMakingRoom(
  problem: PackingProblem,
  free: Improvement,
  minimumSavingShare: number,
  tries: readonly ImprovementOptions[],
): Improvement {
  const kept = new Set(free.rearrangement.keep);
  const answers = [kept, fullest(problem, kept.size)].map((pinned, index) => {
    const existing = problem.existing.map(node =>
      pinned.has(node.name) || !node.isRemovable
        ? { ...node, isRemovable: false }
        : { ...node, unschedulable: true },
    );
    const order = { problem: { ...problem, existing }, minimumSavingShare, whatIf: [] };
    return improveCluster(order, tries[index] as ImprovementOptions);
  });
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
