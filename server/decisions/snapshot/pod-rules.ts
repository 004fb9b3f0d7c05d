import type {
  InventoryNamespace,
  InventoryPod,
  InventoryPodShape,
} from '../../../common/agent-protocol/index.ts';
import type { Selector, SelectorRequirement } from '../../../common/kubernetes/index.ts';
import { selects } from '../label-selector.ts';
import type {
  HostPort,
  LabelExpression,
  LabelSelector,
  NodeTerm,
  PodRules,
  PodTerm,
  Preferred,
  SpreadConstraint,
  Taint,
  Toleration,
} from '../packing/problem.ts';
import type { VolumeReach } from './volume-zones.ts';

/** Selects nothing: no key is called so. */
const NOTHING: LabelSelector = {
  matchLabels: {},
  matchExpressions: [{ key: '', operator: 'In', values: [] }],
};

type InventoryTerm = NonNullable<InventoryPodShape['podAffinity']>[number];
type InventoryNodeTerm = NonNullable<InventoryPodShape['nodeAffinity']>[number];
type InventorySpread = NonNullable<InventoryPodShape['topologySpread']>[number];

/** What a pod asks of nodes and of other pods, with the defaults of the API written out. */
export function podRules(
  { namespace, labels, priority }: Pick<InventoryPod, 'namespace' | 'labels' | 'priority'>,
  shape: InventoryPodShape,
  reach: VolumeReach,
  namespacesOf: (term: InventoryTerm, own: string) => readonly string[],
): PodRules {
  const podTerm = (term: InventoryTerm): PodTerm => ({
    topologyKey: term.topologyKey,
    selector: selectorOf(term.labelSelector),
    namespaces: namespacesOf(term, namespace),
  });
  const terms = (list: readonly InventoryTerm[] = []): PodTerm[] => list.map(podTerm);
  const preferred = (
    list: readonly { readonly weight: number; readonly term: InventoryTerm }[] = [],
  ): Preferred<PodTerm>[] => list.map(({ weight, term }) => ({ weight, term: podTerm(term) }));
  return {
    namespace,
    labels,
    priority: priority ?? 0,
    volumeZones: reach.zones,
    podAffinity: terms(shape.podAffinity),
    podAntiAffinity: terms(shape.podAntiAffinity),
    topologySpread: (shape.topologySpread ?? []).map(spreadOf),
    preferences: {
      nodeAffinity: (shape.preferredNodeAffinity ?? []).map(({ weight, term }) => ({
        weight,
        term: termOf(term),
      })),
      podAffinity: preferred(shape.preferredPodAffinity),
      podAntiAffinity: preferred(shape.preferredPodAntiAffinity),
    },
    ...nodeRules(shape),
  };
}

/** What a pod asks of the node alone. */
export function nodeRules({
  nodeSelector = {},
  nodeAffinity,
  tolerations = [],
  hostPorts = [],
}: InventoryPodShape): Pick<PodRules, 'nodeSelector' | 'nodeAffinity' | 'tolerations' | 'hostPorts'> {
  return {
    nodeSelector,
    nodeAffinity: nodeAffinity?.map(termOf) ?? null,
    tolerations: tolerations.map(tolerationOf),
    hostPorts: hostPorts.map(({ port, hostIp = '0.0.0.0', protocol = 'TCP' }) => ({
      port,
      hostIp,
      protocol: protocol as HostPort['protocol'],
    })),
  };
}

/**
 * Namespaces that a term looks into: those it names and those its selector finds; its own where it says neither. A selector
 * whose namespaces are not known stands for all of them.
 */
export function namespaceFinder(
  namespaces: readonly InventoryNamespace[],
  used: readonly string[],
): (term: InventoryTerm, own: string) => readonly string[] {
  return ({ namespaces: named, namespaceSelector }, own) => {
    if (!namespaceSelector) return named && named.length > 0 ? named : [own];
    const isAll =
      Object.keys(namespaceSelector.matchLabels ?? {}).length === 0 &&
      (namespaceSelector.matchExpressions ?? []).length === 0;
    if (isAll || namespaces.length === 0) return used;
    const found = namespaces.filter(({ labels }) => selects(namespaceSelector, labels));
    return [...new Set([...(named ?? []), ...found.map(({ name }) => name)])];
  };
}

/** The taints of a node as they keep pods out. */
export function taintsOf(
  taints: readonly { readonly key: string; readonly value?: string | undefined; readonly effect: string }[],
): Taint[] {
  return taints.map(({ key, value = '', effect }) => ({ key, value, effect: effect as Taint['effect'] }));
}

function termOf({ matchExpressions, matchFields }: InventoryNodeTerm): NodeTerm {
  return {
    matchExpressions: (matchExpressions ?? []).map(expressionOf),
    matchFields: (matchFields ?? []).map(expressionOf),
  };
}

function expressionOf({ key, operator, values }: SelectorRequirement): LabelExpression {
  return { key, operator: operator as LabelExpression['operator'], values: [...(values ?? [])] };
}

/** An absent selector selects nothing, an empty one everything. */
function selectorOf(selector: Selector | undefined): LabelSelector {
  if (!selector) return NOTHING;
  return {
    matchLabels: { ...selector.matchLabels },
    matchExpressions: (selector.matchExpressions ?? []).map(expressionOf),
  };
}

function tolerationOf({
  key = '',
  operator = 'Equal',
  value = '',
  effect = '',
}: InventoryPod['tolerations'][number]): Toleration {
  return { key, operator: operator as Toleration['operator'], value, effect: effect as Toleration['effect'] };
}

function spreadOf(constraint: InventorySpread): SpreadConstraint {
  return {
    topologyKey: constraint.topologyKey,
    maxSkew: constraint.maxSkew,
    whenUnsatisfiable: constraint.whenUnsatisfiable === 'ScheduleAnyway' ? 'ScheduleAnyway' : 'DoNotSchedule',
    minDomains: constraint.minDomains ?? 1,
    selector: selectorOf(constraint.labelSelector),
    matchLabelKeys: [...(constraint.matchLabelKeys ?? [])],
    nodeAffinityPolicy: constraint.nodeAffinityPolicy === 'Ignore' ? 'Ignore' : 'Honor',
    nodeTaintsPolicy: constraint.nodeTaintsPolicy === 'Honor' ? 'Honor' : 'Ignore',
  };
}
