import type { CountedPods } from './node-plan.ts';
import { affinityHolds, type NodeFacts, termHolds, toleratesAll } from './node-rules.ts';
import { isCounted, matches } from './pod-rule-index.ts';
import { HOSTNAME_LABEL, type PodClass, type SpreadConstraint } from './problem.ts';

/** What a pod would rather have. */
export type PreferenceKind = 'node affinity' | 'pod affinity' | 'pod anti-affinity' | 'topology spread';

export const preferenceKinds: readonly PreferenceKind[] = [
  'node affinity',
  'pod affinity',
  'pod anti-affinity',
  'topology spread',
];

/** Pods of one class that do not have what they would rather have: one for each pod and each term. */
export interface BrokenPreference extends CountedPods {
  readonly kind: PreferenceKind;
}

/** Kinds of wishes that a class has. */
export function kindsOf({ rules: { preferences, topologySpread } }: PodClass): PreferenceKind[] {
  return preferenceKinds.filter(
    kind =>
      (kind === 'node affinity' && preferences.nodeAffinity.length > 0) ||
      (kind === 'pod affinity' && preferences.podAffinity.length > 0) ||
      (kind === 'pod anti-affinity' && preferences.podAntiAffinity.length > 0) ||
      (kind === 'topology spread' && topologySpread.some(isWish)),
  );
}

export function isWish({ whenUnsatisfiable }: SpreadConstraint): boolean {
  return whenUnsatisfiable === 'ScheduleAnyway';
}

/** Pods in each domain of a topology key that a wish looks at. */
interface Counts {
  readonly podsIn: Map<string, number>;
  /** By class: whether its pods count. */
  readonly isCounted: readonly boolean[];
  readonly topologyKey: string;
  /** Nodes that a spread constraint looks at. */
  readonly isEligible: (n: number) => boolean;
}

/** Wishes of pods on nodes as they are now placed: which are broken, and which would be after a move. */
export class PreferenceCounts {
  readonly #pods: readonly PodClass[];
  readonly #nodes: readonly NodeFacts[];
  readonly #placed: readonly Map<number, number>[];
  /** Nodes that each class is on at first. */
  readonly #nodesWith: readonly number[][];
  readonly #counts = new Map<string, Counts>();

  /**
   * @param placed pods of each class on each node
   * @param offered nodes that could be had: a domain without pods counts as empty in a spread, as it could be used
   */
  constructor(
    pods: readonly PodClass[],
    nodes: readonly NodeFacts[],
    placed: readonly (readonly CountedPods[])[],
    offered: readonly NodeFacts[],
  ) {
    this.#pods = pods;
    this.#nodes = nodes;
    this.#placed = placed.map(list => {
      const counts = new Map<number, number>();
      for (const { podClass, count } of list) counts.set(podClass, (counts.get(podClass) ?? 0) + count);
      return counts;
    });
    this.#nodesWith = pods.map(() => []);
    this.#placed.forEach((mine, n) => {
      for (const c of mine.keys()) this.#nodesWith[c]?.push(n);
    });
    pods.forEach((pod, c) => {
      const { preferences, topologySpread } = pod.rules;
      for (const { term } of [...preferences.podAffinity, ...preferences.podAntiAffinity]) {
        this.#watch(
          JSON.stringify(term),
          term.topologyKey,
          other => matches(other, term),
          () => true,
        );
      }
      topologySpread.forEach((constraint, i) => {
        if (!isWish(constraint)) return;
        const isAnywhere =
          pod.rules.nodeAffinity === null && Object.keys(pod.rules.nodeSelector).length === 0;
        const isEligible = (node: NodeFacts) =>
          (isAnywhere || constraint.nodeAffinityPolicy === 'Ignore' || affinityHolds(pod.rules, node)) &&
          (constraint.nodeTaintsPolicy === 'Ignore' || toleratesAll(pod.rules.tolerations, node.taints));
        const eligible = nodes.map(isEligible);
        const { podsIn } = this.#watch(
          `${c}.${i}`,
          constraint.topologyKey,
          other => isCounted(pod, other, constraint),
          n => eligible[n] === true,
        );
        for (const node of constraint.topologyKey === HOSTNAME_LABEL ? nodes : [...nodes, ...offered]) {
          const domain = node.labels[constraint.topologyKey];
          if (domain !== undefined && !podsIn.has(domain) && isEligible(node)) podsIn.set(domain, 0);
        }
      });
    });
  }

  /** Broken wishes of every class. */
  broken(): BrokenPreference[] {
    const found = this.#pods.map(() => new Map<PreferenceKind, number>());
    const add = (c: number, kind: PreferenceKind, count: number) => {
      if (count > 0) found[c]?.set(kind, (found[c]?.get(kind) ?? 0) + count);
    };
    this.#placed.forEach((mine, n) => {
      for (const [c, count] of mine) {
        for (const kind of this.#unmet(c, n, true)) add(c, kind, count);
      }
    });
    this.#pods.forEach((pod, c) => {
      pod.rules.topologySpread.forEach((constraint, i) => {
        if (isWish(constraint)) add(c, 'topology spread', this.#excess(c, i, constraint));
      });
    });
    return found.flatMap((kinds, podClass) => [...kinds].map(([kind, count]) => ({ podClass, kind, count })));
  }

  /** Wishes that one pod of a class breaks on a node. @param isHere whether it is one of those that are counted there */
  penalty(c: number, n: number, isHere: boolean): number {
    let sum = this.#unmet(c, n, isHere).length;
    (this.#pods[c] as PodClass).rules.topologySpread.forEach((constraint, i) => {
      if (!isWish(constraint)) return;
      const { podsIn } = this.#counts.get(`${c}.${i}`) as Counts;
      const domain = this.#nodes[n]?.labels[constraint.topologyKey];
      const there = domain === undefined ? undefined : podsIn.get(domain);
      if (there === undefined) return;
      if (there + (isHere ? 0 : 1) - Math.min(...podsIn.values()) > constraint.maxSkew) sum++;
    });
    return sum;
  }

  move(c: number, from: number, to: number): void {
    this.#change(c, from, -1);
    this.#change(c, to, 1);
  }

  #change(c: number, n: number, by: number): void {
    const mine = this.#placed[n] as Map<number, number>;
    mine.set(c, (mine.get(c) ?? 0) + by);
    for (const counts of this.#counts.values()) this.#add(counts, c, n, by);
  }

  #add(
    { podsIn, isCounted: isOne, topologyKey, isEligible }: Counts,
    c: number,
    n: number,
    by: number,
  ): void {
    const domain = this.#nodes[n]?.labels[topologyKey];
    if (domain === undefined || !isOne[c] || !isEligible(n)) return;
    podsIn.set(domain, (podsIn.get(domain) ?? 0) + by);
  }

  #watch(
    key: string,
    topologyKey: string,
    counted: (pod: PodClass) => boolean,
    isEligible: (n: number) => boolean,
  ): Counts {
    const known = this.#counts.get(key);
    if (known) return known;
    const counts = {
      podsIn: new Map<string, number>(),
      isCounted: this.#pods.map(counted),
      topologyKey,
      isEligible,
    };
    this.#counts.set(key, counts);
    counts.isCounted.forEach((isOne, c) => {
      if (!isOne) return;
      for (const n of this.#nodesWith[c] ?? []) this.#add(counts, c, n, this.#placed[n]?.get(c) ?? 0);
    });
    return counts;
  }

  /** Terms of affinity that do not hold for a pod on a node. */
  #unmet(c: number, n: number, isHere: boolean): PreferenceKind[] {
    const pod = this.#pods[c] as PodClass;
    const { nodeAffinity, podAffinity, podAntiAffinity } = pod.rules.preferences;
    const node = this.#nodes[n] as NodeFacts;
    const unmet: PreferenceKind[] = [];
    for (const { term } of nodeAffinity) if (!termHolds(term, node)) unmet.push('node affinity');
    const others = (term: (typeof podAffinity)[number]['term']): number => {
      const domain = node.labels[term.topologyKey];
      const there =
        domain === undefined ? 0 : (this.#counts.get(JSON.stringify(term))?.podsIn.get(domain) ?? 0);
      return there - (isHere && matches(pod, term) ? 1 : 0);
    };
    for (const { term } of podAffinity) if (others(term) <= 0) unmet.push('pod affinity');
    for (const { term } of podAntiAffinity) if (others(term) > 0) unmet.push('pod anti-affinity');
    return unmet;
  }

  /** Pods of the class that would have to leave their domain. */
  #excess(c: number, i: number, { topologyKey, maxSkew }: SpreadConstraint): number {
    const { podsIn } = this.#counts.get(`${c}.${i}`) as Counts;
    const most = Math.min(...podsIn.values()) + maxSkew;
    const own = new Map<string, number>();
    this.#placed.forEach((mine, n) => {
      const domain = this.#nodes[n]?.labels[topologyKey];
      if (domain !== undefined && mine.has(c)) own.set(domain, (own.get(domain) ?? 0) + (mine.get(c) ?? 0));
    });
    let excess = 0;
    for (const [domain, pods] of own) excess += Math.max(0, Math.min(pods, (podsIn.get(domain) ?? 0) - most));
    return excess;
  }
}
