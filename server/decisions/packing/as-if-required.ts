import { offeredNodes } from './broken-preferences.ts';
import { factsOf } from './compile-problem.ts';
import { type NodeFacts, nodeRefusal, termHolds } from './node-rules.ts';
import { isWish, type PreferenceKind } from './preference-counts.ts';
import type { NodeTerm, PackingProblem, PodRules } from './problem.ts';

/**
 * The same problem with some kinds of wishes as rules, to plan by: pods are bound by the rules that they have. A wish about nodes that
 * none would fulfil stays out, heavier ones first.
 */
export function asIfRequired(problem: PackingProblem, kinds: ReadonlySet<PreferenceKind>): PackingProblem {
  const nodes = [...offeredNodes(problem), ...problem.existing.map(factsOf)];
  return {
    ...problem,
    pods: problem.pods.map(pod => {
      const { rules } = pod;
      const { preferences } = rules;
      const add = <Term>(kind: PreferenceKind, own: readonly Term[], wished: readonly { term: Term }[]) =>
        kinds.has(kind) ? [...own, ...wished.map(({ term }) => term)] : own;
      const stricter: PodRules = {
        ...rules,
        nodeAffinity: kinds.has('node affinity') ? narrowed(rules, nodes) : rules.nodeAffinity,
        podAffinity: add('pod affinity', rules.podAffinity, preferences.podAffinity),
        podAntiAffinity: add('pod anti-affinity', rules.podAntiAffinity, preferences.podAntiAffinity),
        topologySpread: kinds.has('topology spread')
          ? rules.topologySpread.map(one =>
              isWish(one) ? { ...one, whenUnsatisfiable: 'DoNotSchedule' } : one,
            )
          : rules.topologySpread,
      };
      return { ...pod, rules: stricter };
    }),
  };
}

/** Required node affinity with each wish added that leaves any node. */
function narrowed(rules: PodRules, nodes: readonly NodeFacts[]): readonly NodeTerm[] | null {
  let open = nodes.filter(node => nodeRefusal(rules, node) === undefined);
  let terms = rules.nodeAffinity;
  const byWeight = rules.preferences.nodeAffinity.toSorted((a, b) => b.weight - a.weight);
  for (const { term } of byWeight) {
    const fewer = open.filter(node => termHolds(term, node));
    if (fewer.length === 0) continue;
    open = fewer;
    terms = (terms ?? [{ matchExpressions: [], matchFields: [] }]).map(own => ({
      matchExpressions: [...own.matchExpressions, ...term.matchExpressions],
      matchFields: [...own.matchFields, ...term.matchFields],
    }));
  }
  return terms;
}
