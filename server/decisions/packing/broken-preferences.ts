import { factsOf } from './compile-problem.ts';
import type { NodeFacts } from './node-rules.ts';
import type { PackedNodes } from './packing-answer.ts';
import { type BrokenPreference, kindsOf, PreferenceCounts } from './preference-counts.ts';
import { HOSTNAME_LABEL, type Offer, type PackingProblem } from './problem.ts';

/** Preferences that pods on these nodes do not have, as they are placed in the end, those that were there before included. */
export function brokenPreferences(
  problem: PackingProblem,
  nodes: readonly PackedNodes[],
): BrokenPreference[] {
  if (!problem.pods.some(pod => kindsOf(pod).length > 0)) return [];
  const single = nodes.flatMap(node =>
    Array.from({ length: node.count }, (_, copy) => ({ ...node, name: `${node.name}/${copy}` })),
  );
  const facts = single.map(({ source, name }): NodeFacts => {
    if (source.kind === 'existing')
      return factsOf(problem.existing[source.node] as PackingProblem['existing'][number]);
    const { labels, taints } = problem.offers[source.offer] as Offer;
    return { name, labels: { ...labels, [HOSTNAME_LABEL]: name }, taints };
  });
  return new PreferenceCounts(
    problem.pods,
    facts,
    single.map(({ pods }) => pods),
    offeredNodes(problem),
  ).broken();
}

/** A node of every offer that can be bought. */
export function offeredNodes({ offers }: PackingProblem): NodeFacts[] {
  return offers
    .filter(({ priceMicroUsdPerHour }) => priceMicroUsdPerHour !== null)
    .map(({ labels, taints }) => ({ name: '', labels, taints }));
}
