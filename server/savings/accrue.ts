import { MS_PER_MINUTE } from '../../common/units/index.ts';
import type { ObservedCluster } from '../decisions/index.ts';
import { workloadOwners } from '../decisions/index.ts';
import { apportion } from './apportion.ts';
import type { BookedInterval } from './booked-interval.ts';
import { frozenPrice, goesOn, type LedgerEntry, type Replacement, SETTLING_MS } from './ledger-entry.ts';

/** An entry after a tick, and the time it booked. */
export interface Accrual {
  readonly entry: LedgerEntry;
  readonly interval: BookedInterval | undefined;
}

/** A longer time between two ticks (the engine was off) is not guessed at: it is booked as unknown. */
const LONGEST_SLICE_MS = 2 * MS_PER_MINUTE;
/** A Spot node is warned of 2 minutes ahead, so its successor may be older than its end. */
const SUCCESSOR_LEAD_MS = 5 * MS_PER_MINUTE;

/**
 * Books the time since the last tick. The rules:
 *
 * 1. Replacements of a plan are the nodes born after it began that, until 15 minutes after its end, host a pod of a
 *    workload that it moved. Pods that found room on nodes that ran already cost nothing more.
 * 2. A replacement of several plans is paid once: its price is split by their counterfactuals.
 * 3. While a node that goes still stands it costs what it would have cost, so what a new node costs in that time is a loss. Of a
 *    plan that did not come to its end, nodes that it did not take away count as standing: what becomes of them is not its doing.
 *    A node whose instance nobody ends costs what it did although its Node object is gone.
 * 4. A replacement that goes away (a Spot interruption) may be followed by nodes born from 5 minutes before until 15
 *    minutes after, by rule 1. A replacement that a later plan replaces stays in the books at the frozen price of that
 *    plan, which books the rest itself: no dollar is saved twice.
 * 5. An entry ends when all its replacements are gone and nothing followed, when none of its workloads has a pod any
 *    more, or, where the plan was undone, when no node of rule 1 is left.
 * 6. While the cluster is away or a price is unknown, time is counted as unknown and books nothing.
 */
export function accrue(
  entries: readonly LedgerEntry[],
  observedOf: (clusterId: string) => ObservedCluster | undefined,
  nowMs: number,
): Accrual[] {
  const open = entries
    .filter(entry => entry.endedAt === null)
    .toSorted((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1));
  const views = new Map<string, ClusterView | undefined>();
  for (const { clusterId } of open) {
    if (!views.has(clusterId)) views.set(clusterId, viewOf(observedOf(clusterId)));
  }
  const claimed = [...open];
  // The latest first: what a later plan brought is then known to the earlier one whose replacement it replaced.
  for (const [index, entry] of [...open.entries()].toReversed()) {
    claimed[index] = claim(entry, claimed, views.get(entry.clusterId), nowMs);
  }
  const shares = shareOut(claimed, views);

  return claimed.map((entry, index) => {
    const view = views.get(entry.clusterId);
    const actual = view ? actualOf(entry, view, shares[index]) : null;
    const sliceMs = nowMs - entry.bookedUntil;
    const interval: BookedInterval | undefined =
      sliceMs > 0
        ? {
            fromMs: entry.bookedUntil,
            toMs: nowMs,
            counterfactualMicroUsdPerHour: frozenPrice(entry.counterfactual),
            actualMicroUsdPerHour: sliceMs > LONGEST_SLICE_MS ? null : actual,
          }
        : undefined;
    const next = { ...entry, actualMicroUsdPerHour: actual, bookedUntil: Math.max(entry.bookedUntil, nowMs) };
    const end = view && reasonToEnd(entry, view, nowMs);
    return { interval, entry: end === undefined ? next : { ...next, endedAt: nowMs, endedBecause: end } };
  });
}

interface ClusterView {
  /** By uid. */
  readonly nodes: ReadonlyMap<string, ObservedCluster['nodes'][number]>;
  /** Keys of the workloads with a pod on a node, by node name. */
  readonly workloadsOn: ReadonlyMap<string, ReadonlySet<string>>;
  /** Keys of all workloads with a pod, whether it is placed or not. */
  readonly workloads: ReadonlySet<string>;
}

function viewOf(observed: ObservedCluster | undefined): ClusterView | undefined {
  if (observed?.cluster.state !== 'live') return undefined;
  const owners = workloadOwners(observed.inventory.workloads);
  const workloadsOn = new Map<string, Set<string>>();
  const workloads = new Set<string>();
  for (const pod of observed.inventory.pods) {
    if (pod.phase === 'Succeeded' || pod.phase === 'Failed' || pod.terminating) continue;
    const key = owners.keyOf(pod);
    if (key === null) continue;
    workloads.add(key);
    if (pod.nodeName === null) continue;
    const on = workloadsOn.get(pod.nodeName);
    if (on) on.add(key);
    else workloadsOn.set(pod.nodeName, new Set([key]));
  }
  return { nodes: new Map(observed.nodes.map(node => [node.uid, node])), workloadsOn, workloads };
}

/** What a node costs in the books of the open plan that replaces it; `undefined` when none does. */
function frozenBySuccessor(uid: string, open: readonly LedgerEntry[]): number | undefined {
  for (const { plan, taken, counterfactual } of open) {
    if (plan === 'undone' || (plan === 'partly' && !taken.includes(uid))) continue;
    const node = counterfactual.removed.find(one => one.uid === uid);
    if (node) return node.priceMicroUsdPerHour;
  }
  return undefined;
}

function claim(
  entry: LedgerEntry,
  open: readonly LedgerEntry[],
  view: ClusterView | undefined,
  nowMs: number,
): LedgerEntry {
  if (!view) return entry;
  const kept = entry.replacements
    .filter(({ uid }) => view.nodes.has(uid) || frozenBySuccessor(uid, open) !== undefined)
    .map(one => {
      const node = view.nodes.get(one.uid);
      return node ? withPriceOf(one, node) : one;
    });
  const lost = kept.length < entry.replacements.length;
  const window =
    lost && hasChanged(entry)
      ? { opensAt: entry.bookedUntil - SUCCESSOR_LEAD_MS, closesAt: nowMs + SETTLING_MS }
      : { opensAt: entry.opensAt, closesAt: entry.closesAt };
  const isOpen = window.closesAt === null || nowMs <= window.closesAt;
  const known = new Set([...entry.counterfactual.removed, ...kept].map(({ uid }) => uid));
  // What a later plan brought is in that plan's books; see rule 4.
  const later = new Set(
    open
      .filter(one => one !== entry && succeeds(one, entry))
      .flatMap(one => one.replacements.map(({ uid }) => uid)),
  );
  const found: Replacement[] = !isOpen
    ? []
    : [...view.nodes.values()]
        .filter(
          node =>
            node.createdAt >= window.opensAt &&
            !known.has(node.uid) &&
            !later.has(node.uid) &&
            entry.workloads.some(({ key }) => view.workloadsOn.get(node.name)?.has(key)),
        )
        .map(asReplacement);
  const replacements = [...kept, ...found].toSorted((a, b) => (a.uid < b.uid ? -1 : a.uid > b.uid ? 1 : 0));
  return {
    ...entry,
    ...window,
    replacements,
    hadReplacements: entry.hadReplacements || replacements.length > 0,
  };
}

function asReplacement(node: ObservedCluster['nodes'][number]): Replacement {
  const { name, uid, instanceType, zone, capacityType, createdAt } = node;
  const bare = { name, uid, instanceType, zone, capacityType, createdAt };
  return withPriceOf({ ...bare, priceMicroUsdPerHour: null, provenance: null }, node);
}

/** A price that is not known any more leaves the last one, as the record of what was booked. */
function withPriceOf(one: Replacement, node: ObservedCluster['nodes'][number]): Replacement {
  if (node.priceMicroUsdPerHour === null) return one;
  return { ...one, priceMicroUsdPerHour: node.priceMicroUsdPerHour, provenance: node.priceProvenance };
}

function succeeds(later: LedgerEntry, earlier: LedgerEntry): boolean {
  const gone = new Set(later.counterfactual.removed.map(({ uid }) => uid));
  return later.startedAt >= earlier.startedAt && earlier.replacements.some(({ uid }) => gone.has(uid));
}

/** For each entry, its part of each replacement's price; `null` where that price is unknown. */
function shareOut(
  entries: readonly LedgerEntry[],
  views: ReadonlyMap<string, ClusterView | undefined>,
): (number | null)[][] {
  const claimants = new Map<string, number[]>();
  for (const [index, entry] of entries.entries()) {
    for (const { uid } of entry.replacements) claimants.set(uid, [...(claimants.get(uid) ?? []), index]);
  }
  const shares: (number | null)[][] = entries.map(() => []);
  for (const [uid, indexes] of claimants) {
    const owners = indexes.map(index => entries[index]).filter(entry => entry !== undefined);
    const view = views.get(owners[0]?.clusterId ?? '');
    const price = frozenBySuccessor(uid, entries) ?? view?.nodes.get(uid)?.priceMicroUsdPerHour ?? null;
    const split =
      price === null
        ? []
        : apportion(
            BigInt(price),
            owners.map(owner => BigInt(frozenPrice(owner.counterfactual))),
          );
    for (const [position, index] of indexes.entries()) {
      const part = split[position];
      shares[index]?.push(part === undefined ? null : Number(part));
    }
  }
  return shares;
}

function actualOf(
  entry: LedgerEntry,
  view: ClusterView,
  shares: readonly (number | null)[] | undefined,
): number | null {
  let sum = 0;
  for (const node of entry.counterfactual.removed) {
    if (goesOn(entry, node) || stands(node.uid, entry, view)) sum += node.priceMicroUsdPerHour;
  }
  for (const share of shares ?? []) {
    if (share === null) return null;
    sum += share;
  }
  return sum;
}

/** Whether a node that goes still costs something in the books; see rule 3. */
function stands(uid: string, { plan, taken }: LedgerEntry, view: ClusterView): boolean {
  if (plan === 'undone' || plan === 'partly') return !taken.includes(uid);
  return view.nodes.has(uid);
}

/** Whether the plan has ended and left something of what it was for. */
function hasChanged({ plan }: LedgerEntry): boolean {
  return plan === 'succeeded' || plan === 'partly';
}

function reasonToEnd(entry: LedgerEntry, view: ClusterView, nowMs: number): string | undefined {
  if (entry.plan === 'running') return undefined;
  const isSettling = entry.closesAt === null || nowMs <= entry.closesAt;
  if (isSettling && hasChanged(entry)) return undefined;
  if (entry.replacements.length === 0 && entry.plan === 'undone')
    return 'The plan was undone, and left no new node.';
  if (entry.replacements.length === 0 && entry.hadReplacements)
    return 'The nodes that came are gone, and nothing followed them.';
  if (!entry.workloads.some(({ key }) => view.workloads.has(key)))
    return 'None of the workloads that moved runs any more.';
  return undefined;
}
