import { selectorHolds } from './node-rules.ts';
import type { OpenBins } from './open-bins.ts';
import {
  HOSTNAME_LABEL,
  type PackingProblem,
  type PodClass,
  type PodTerm,
  type SpreadConstraint,
} from './problem.ts';

/** Most units on one node when nothing else limits them. */
const NO_CAP = 2 ** 31 - 1;

/** Pods of a class that the numbers treat alike. */
export interface ClassPart {
  readonly podClass: number;
  /** Units to place, each of `podsEach` pods that stay together. */
  readonly count: number;
  readonly podsEach: number;
  /** Most units on one node. */
  readonly perNode: number;
  /** The nodes are limited to those with this label. */
  readonly only: { readonly key: string; readonly value: string } | null;
}

/**
 * Cuts a class so that plain packing comes close to what rules between pods ask for: even parts for the domains of a spread
 * constraint, one pod for each domain of an anti-affinity to itself, one domain for an affinity to itself, and a cap for each node.
 * Nothing relies on it: pods are bound by the exact rules afterwards.
 * @param count pods of the class to place, at least one
 * @param into where the parts are appended
 */
export function splitClass(
  { pods }: PackingProblem,
  podClass: number,
  count: number,
  open: OpenBins,
  into: ClassPart[],
): void {
  const own = pods[podClass] as PodClass;
  if (hasPodRules(own)) into.push(...partsOf(own, podClass, count, open));
  else into.push({ podClass, count, podsEach: 1, perNode: NO_CAP, only: null });
}

function partsOf(own: PodClass, podClass: number, count: number, open: OpenBins): ClassPart[] {
  const { rules } = own;
  const whole: ClassPart = { podClass, count, podsEach: 1, perNode: capOf(own), only: null };
  const anti = rules.podAntiAffinity.find(term => isSpecific(term) && selectsItself(own, term));
  const together = rules.podAffinity.find(term => selectsItself(own, term));
  const spread = rules.topologySpread.find(
    constraint =>
      constraint.whenUnsatisfiable === 'DoNotSchedule' &&
      isSpecific(constraint) &&
      spreadsItself(own, constraint),
  );
  if (together && !isSpecific(together)) return [{ ...whole, count: 1, podsEach: count }];
  const term = anti ?? spread ?? together;
  if (!term) return [whole];
  const key = term.topologyKey;
  const domains = open.domains(rules, key);
  if (domains.length === 0) return [whole];
  const used = term === together ? domains.slice(0, 1) : domains;
  return used.flatMap((value, i) => {
    const even = Math.floor(count / used.length) + (i < count % used.length ? 1 : 0);
    const part = term === anti ? Math.min(1, even) : even;
    return part > 0 ? [{ ...whole, count: part, only: { key, value } }] : [];
  });
}

/** Whether any rule of the class, or any rule of another class about it, needs more than the node itself to be checked. */
export function hasPodRules({ rules }: PodClass): boolean {
  return (
    rules.hostPorts.length > 0 ||
    rules.podAffinity.length > 0 ||
    rules.podAntiAffinity.length > 0 ||
    rules.topologySpread.some(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule')
  );
}

function capOf(own: PodClass): number {
  const { hostPorts, podAntiAffinity, topologySpread } = own.rules;
  if (hostPorts.length > 0) return 1;
  if (podAntiAffinity.some(term => selectsItself(own, term))) return 1;
  let cap = NO_CAP;
  for (const constraint of topologySpread) {
    if (constraint.whenUnsatisfiable !== 'DoNotSchedule' || isSpecific(constraint)) continue;
    if (spreadsItself(own, constraint)) cap = Math.min(cap, constraint.maxSkew);
  }
  return cap;
}

/** Every node is a domain of its own by host name. */
function isSpecific({ topologyKey }: { topologyKey: string }): boolean {
  return topologyKey !== HOSTNAME_LABEL;
}

function selectsItself({ rules }: PodClass, { selector, namespaces }: PodTerm): boolean {
  return namespaces.includes(rules.namespace) && selectorHolds(selector, rules.labels);
}

function spreadsItself({ rules }: PodClass, { selector }: SpreadConstraint): boolean {
  return selectorHolds(selector, rules.labels);
}
