import type { CountedPods } from './node-plan.ts';
import { affinityHolds, type NodeFacts, termHolds, toleratesAll } from './node-rules.ts';
import { isCounted, matches } from './pod-rule-index.ts';
import {
  HOSTNAME_LABEL,
  type LabelSelector,
  type PodClass,
  type PodTerm,
  type SpreadConstraint,
} from './problem.ts';

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
  readonly topologyKey: string;
  /** Nodes that a spread constraint looks at; `undefined` for all. */
  readonly eligible: readonly boolean[] | undefined;
}

/** What a spread constraint sees of nodes: the same for all pods that ask for the same. */
interface Sight {
  readonly eligible: readonly boolean[];
  readonly domains: ReadonlySet<string>;
}

/** Wishes of pods on nodes as they are now placed: which are broken, and which would be after a move. */
export class PreferenceCounts {
  readonly #pods: readonly PodClass[];
  readonly #nodes: readonly NodeFacts[];
  readonly #placed: readonly Map<number, number>[];
  /** Nodes that each class is on at first. */
  readonly #nodesWith: readonly number[][];
  /** Of spread constraints, by class and place. */
  readonly #spreads = new Map<string, Counts>();
  readonly #terms = new Map<PodTerm, Counts>();
  /** All that count the pods of a class. */
  readonly #countsOf: readonly Counts[][];

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
    this.#countsOf = pods.map(() => []);
    this.#placed.forEach((mine, n) => {
      for (const c of mine.keys()) this.#nodesWith[c]?.push(n);
    });
    const classesOf = classesBySelector(pods);
    const sights = new Map<string, Sight>();
    const known = new Map<string, Counts>();
    pods.forEach((pod, c) => {
      const { preferences, topologySpread } = pod.rules;
      for (const { term } of [...preferences.podAffinity, ...preferences.podAntiAffinity]) {
        const key = JSON.stringify(term);
        let counts = known.get(key);
        if (!counts) {
          const counted = classesOf(term.selector).filter(one => matches(pods[one] as PodClass, term));
          counts = this.#watch(term.topologyKey, counted, undefined);
          known.set(key, counts);
        }
        this.#terms.set(term, counts);
      }
      topologySpread.forEach((constraint, i) => {
        if (!isWish(constraint)) return;
        const { nodeSelector, nodeAffinity, tolerations } = pod.rules;
        const { topologyKey, nodeAffinityPolicy, nodeTaintsPolicy } = constraint;
        const key = JSON.stringify([
          topologyKey,
          nodeAffinityPolicy === 'Ignore' ? null : [nodeSelector, nodeAffinity],
          nodeTaintsPolicy === 'Ignore' ? null : tolerations,
        ]);
        const sight = sights.get(key) ?? sightOf(pod, constraint, nodes, offered);
        sights.set(key, sight);
        const counted = classesOf(constraint.selector).filter(one =>
          isCounted(pod, pods[one] as PodClass, constraint),
        );
        const counts = this.#watch(topologyKey, counted, sight.eligible);
        this.#spreads.set(`${c}.${i}`, counts);
        for (const domain of sight.domains) if (!counts.podsIn.has(domain)) counts.podsIn.set(domain, 0);
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
    const nodesWith = this.#pods.map((): number[] => []);
    this.#placed.forEach((mine, n) => {
      for (const c of mine.keys()) nodesWith[c]?.push(n);
    });
    this.#pods.forEach((pod, c) => {
      pod.rules.topologySpread.forEach((constraint, i) => {
        if (isWish(constraint)) add(c, 'topology spread', this.#excess(c, i, constraint, nodesWith[c] ?? []));
      });
    });
    return found.flatMap((kinds, podClass) => [...kinds].map(([kind, count]) => ({ podClass, kind, count })));
  }

  /** Wishes that one pod of a class breaks on a node. @param isHere whether it is one of those that are counted there */
  penalty(c: number, n: number, isHere: boolean): number {
    let sum = this.#unmet(c, n, isHere).length;
    (this.#pods[c] as PodClass).rules.topologySpread.forEach((constraint, i) => {
      if (!isWish(constraint)) return;
      const { podsIn } = this.#spreads.get(`${c}.${i}`) as Counts;
      const domain = this.#nodes[n]?.labels[constraint.topologyKey];
      const there = domain === undefined ? undefined : podsIn.get(domain);
      if (there === undefined) return;
      if (there + (isHere ? 0 : 1) - least(podsIn) > constraint.maxSkew) sum++;
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
    for (const counts of this.#countsOf[c] ?? []) this.#add(counts, n, by);
  }

  #add({ podsIn, topologyKey, eligible }: Counts, n: number, by: number): void {
    const domain = this.#nodes[n]?.labels[topologyKey];
    if (domain === undefined || (eligible && !eligible[n])) return;
    podsIn.set(domain, (podsIn.get(domain) ?? 0) + by);
  }

  /** @param counted classes whose pods count */
  #watch(topologyKey: string, counted: readonly number[], eligible: Counts['eligible']): Counts {
    const counts = { podsIn: new Map<string, number>(), topologyKey, eligible };
    for (const c of counted) {
      this.#countsOf[c]?.push(counts);
      for (const n of this.#nodesWith[c] ?? []) this.#add(counts, n, this.#placed[n]?.get(c) ?? 0);
    }
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
      const there = domain === undefined ? 0 : (this.#terms.get(term)?.podsIn.get(domain) ?? 0);
      return there - (isHere && matches(pod, term) ? 1 : 0);
    };
    for (const { term } of podAffinity) if (others(term) <= 0) unmet.push('pod affinity');
    for (const { term } of podAntiAffinity) if (others(term) > 0) unmet.push('pod anti-affinity');
    return unmet;
  }

  /** Pods of the class that would have to leave their domain. */
  #excess(
    c: number,
    i: number,
    { topologyKey, maxSkew }: SpreadConstraint,
    nodesWith: readonly number[],
  ): number {
    const { podsIn } = this.#spreads.get(`${c}.${i}`) as Counts;
    const most = least(podsIn) + maxSkew;
    const own = new Map<string, number>();
    for (const n of nodesWith) {
      const domain = this.#nodes[n]?.labels[topologyKey];
      if (domain !== undefined) own.set(domain, (own.get(domain) ?? 0) + (this.#placed[n]?.get(c) ?? 0));
    }
    let excess = 0;
    for (const [domain, pods] of own) excess += Math.max(0, Math.min(pods, (podsIn.get(domain) ?? 0) - most));
    return excess;
  }
}

function least(podsIn: ReadonlyMap<string, number>): number {
  let fewest = Infinity;
  for (const pods of podsIn.values()) fewest = Math.min(fewest, pods);
  return fewest;
}

/** Domains without pods are seen too where a node that could be had would open them. */
function sightOf(
  { rules }: PodClass,
  { topologyKey, nodeAffinityPolicy, nodeTaintsPolicy }: SpreadConstraint,
  nodes: readonly NodeFacts[],
  offered: readonly NodeFacts[],
): Sight {
  const isEligible = (node: NodeFacts) =>
    (nodeAffinityPolicy === 'Ignore' || affinityHolds(rules, node)) &&
    (nodeTaintsPolicy === 'Ignore' || toleratesAll(rules.tolerations, node.taints));
  const eligible = nodes.map(isEligible);
  const domains = new Set<string>();
  const see = (node: NodeFacts, isOpen: boolean) => {
    const domain = node.labels[topologyKey];
    if (isOpen && domain !== undefined) domains.add(domain);
  };
  nodes.forEach((node, n) => {
    see(node, eligible[n] === true);
  });
  if (topologyKey !== HOSTNAME_LABEL) for (const node of offered) see(node, isEligible(node));
  return { eligible, domains };
}

/** Classes that a selector may select: most name a label that only pods of one workload have. */
function classesBySelector(pods: readonly PodClass[]): (selector: LabelSelector) => readonly number[] {
  const all = pods.map((_, c) => c);
  const named = new Map<string, number[]>();
  pods.forEach(({ rules: { labels } }, c) => {
    for (const key in labels) {
      const label = `${key}=${labels[key]}`;
      const list = named.get(label);
      if (list) list.push(c);
      else named.set(label, [c]);
    }
  });
  return ({ matchLabels }) => {
    for (const key in matchLabels) return named.get(`${key}=${matchLabels[key]}`) ?? [];
    return all;
  };
}
