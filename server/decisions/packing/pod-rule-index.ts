import { selectorHolds } from './node-rules.ts';
import type { LabelSelector, PodClass, PodRules, PodTerm, SpreadConstraint } from './problem.ts';

/** A spread constraint of one class, with the classes whose pods it counts. */
export interface SpreadRule {
  readonly id: number;
  readonly owner: number;
  readonly constraint: SpreadConstraint;
  readonly countsItself: boolean;
}

/** A required term of affinity or anti-affinity. */
export interface TermRule {
  readonly id: number;
  readonly topologyKey: string;
}

/** Affinity terms of one class: pods count towards it only when they match every one of them. */
export interface AffinityRule {
  readonly id: number;
  readonly topologyKeys: readonly string[];
  readonly includesItself: boolean;
}

/** Which rules a class has, and which rules of others count its pods. */
export interface ClassRules {
  readonly spreads: readonly SpreadRule[];
  readonly antiTerms: readonly TermRule[];
  readonly affinity: AffinityRule | undefined;
  readonly countedBySpreads: readonly SpreadRule[];
  readonly matchedByAntiTerms: readonly TermRule[];
  readonly matchedByAffinities: readonly AffinityRule[];
  /** No rule of its own between pods, and none of others that counts it: only room and the node itself matter. */
  readonly isFree: boolean;
}

/** Works out, once, which rules between pods concern which classes. */
export function indexPodRules(pods: readonly PodClass[]): ClassRules[] {
  const spreads: SpreadRule[] = [];
  const affinities: { rule: AffinityRule; terms: readonly PodTerm[] }[] = [];
  const terms = new Map<string, { rule: TermRule; term: PodTerm }>();
  const antiOf = pods.map(({ rules }) =>
    rules.podAntiAffinity.map(term => {
      const key = JSON.stringify(term);
      let known = terms.get(key);
      if (!known) {
        known = { rule: { id: terms.size, topologyKey: term.topologyKey }, term };
        terms.set(key, known);
      }
      return known.rule;
    }),
  );
  const spreadsOf = pods.map((pod, owner) =>
    pod.rules.topologySpread
      .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule')
      .map(constraint => {
        const rule = { id: spreads.length, owner, constraint, countsItself: isCounted(pod, pod, constraint) };
        spreads.push(rule);
        return rule;
      }),
  );
  const affinityOf = pods.map(pod => {
    const { podAffinity } = pod.rules;
    if (podAffinity.length === 0) return undefined;
    const rule: AffinityRule = {
      id: affinities.length,
      topologyKeys: podAffinity.map(({ topologyKey }) => topologyKey),
      includesItself: podAffinity.every(term => matches(pod, term)),
    };
    affinities.push({ rule, terms: podAffinity });
    return rule;
  });
  const spreadsAbout = byLabel(spreads, ({ constraint }) => constraint.selector);
  const termsAbout = byLabel([...terms.values()], ({ term }) => term.selector);
  const affinitiesAbout = byLabel(affinities, affinity => affinity.terms[0]?.selector);
  // Pods without rules of their own differ in nothing that matters here when they share an object of rules, as most do.
  const plain = new Map<PodRules, ClassRules>();
  return pods.map((pod, c) => {
    const { rules } = pod;
    const isPlain =
      rules.podAntiAffinity.length + rules.podAffinity.length + rules.topologySpread.length === 0;
    const known = isPlain ? plain.get(rules) : undefined;
    if (known) return known;
    const answer = rulesOf(pod, c);
    if (isPlain) plain.set(rules, answer);
    return answer;
  });

  function rulesOf(pod: PodClass, c: number): ClassRules {
    const own = {
      spreads: spreadsOf[c] ?? [],
      antiTerms: antiOf[c] ?? [],
      affinity: affinityOf[c],
      countedBySpreads: spreadsAbout(pod).filter(({ owner, constraint }) =>
        isCounted(pods[owner] as PodClass, pod, constraint),
      ),
      matchedByAntiTerms: termsAbout(pod)
        .filter(({ term }) => matches(pod, term))
        .map(({ rule }) => rule),
      matchedByAffinities: affinitiesAbout(pod)
        .filter(affinity => affinity.terms.every(term => matches(pod, term)))
        .map(({ rule }) => rule),
    };
    const isFree =
      own.affinity === undefined &&
      pod.rules.hostPorts.length === 0 &&
      [
        own.spreads,
        own.antiTerms,
        own.countedBySpreads,
        own.matchedByAntiTerms,
        own.matchedByAffinities,
      ].every(list => list.length === 0);
    return { ...own, isFree };
  }
}

/**
 * Rules that may be about a pod, in their order: most name a label that only pods of one workload have, and are looked up by it instead of
 * being held against every pod.
 */
function byLabel<Rule>(
  rules: readonly Rule[],
  selectorOf: (rule: Rule) => LabelSelector | undefined,
): (pod: PodClass) => Rule[] {
  const anyPod: number[] = [];
  const named = new Map<string, number[]>();
  rules.forEach((rule, i) => {
    const [label] = Object.entries(selectorOf(rule)?.matchLabels ?? {});
    if (!label) {
      anyPod.push(i);
      return;
    }
    const key = `${label[0]}=${label[1]}`;
    const list = named.get(key);
    if (list) list.push(i);
    else named.set(key, [i]);
  });
  return ({ rules: { labels } }) => {
    if (rules.length === 0) return [];
    const found = anyPod.slice();
    for (const key in labels) found.push(...(named.get(`${key}=${labels[key]}`) ?? []));
    return found.sort((a, b) => a - b).map(i => rules[i] as Rule);
  };
}

/** Whether a term of pod affinity looks at a pod. */
export function matches({ rules }: PodClass, { selector, namespaces }: PodTerm): boolean {
  return namespaces.includes(rules.namespace) && selectorHolds(selector, rules.labels);
}

/** A spread constraint counts pods of its own namespace; `matchLabelKeys` narrows it to pods that share the owner's values. */
export function isCounted(
  owner: PodClass,
  pod: PodClass,
  { selector, matchLabelKeys }: SpreadConstraint,
): boolean {
  if (owner.rules.namespace !== pod.rules.namespace) return false;
  if (!selectorHolds(selector, pod.rules.labels)) return false;
  return matchLabelKeys.every(key => {
    const value = owner.rules.labels[key];
    return value === undefined || pod.rules.labels[key] === value;
  });
}
