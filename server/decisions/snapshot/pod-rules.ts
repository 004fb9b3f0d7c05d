import type {
  KubernetesObject,
  NodeSelectorTerm,
  PodAffinityTerm,
  PodObject,
  PodSpec,
  Selector,
  SelectorRequirement,
  SpreadConstraintSpec,
  TolerationSpec,
  WeightedPodAffinityTerm,
} from '../../../common/kubernetes/index.ts';
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

/** What a pod asks of nodes and of other pods, with the defaults of the API written out. */
export function podRules(
  pod: PodObject,
  reach: VolumeReach,
  namespacesOf: (term: PodAffinityTerm, own: string) => readonly string[],
): PodRules {
  const { metadata = {}, spec = {} } = pod;
  const namespace = metadata.namespace ?? 'default';
  const podTerm = (term: PodAffinityTerm): PodTerm => ({
    topologyKey: term.topologyKey,
    selector: selectorOf(term.labelSelector),
    namespaces: namespacesOf(term, namespace),
  });
  const terms = (list: readonly PodAffinityTerm[] | undefined): PodTerm[] => (list ?? []).map(podTerm);
  const preferred = (list: readonly WeightedPodAffinityTerm[] | undefined): Preferred<PodTerm>[] =>
    (list ?? []).flatMap(({ weight = 1, podAffinityTerm: term }) =>
      term ? [{ weight, term: podTerm(term) }] : [],
    );
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  return {
    namespace,
    labels: { ...metadata.labels },
    priority: spec.priority ?? 0,
    volumeZones: reach.zones,
    podAffinity: terms(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    podAntiAffinity: terms(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    topologySpread: (spec.topologySpreadConstraints ?? []).map(spreadOf),
    preferences: {
      nodeAffinity: (
        spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
      ).flatMap(({ weight = 1, preference }) => {
        const term = termOf(preference ?? {});
        // An empty preference matches everything and changes nothing.
        return term.matchExpressions.length + term.matchFields.length > 0 ? [{ weight, term }] : [];
      }),
      podAffinity: preferred(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
      podAntiAffinity: preferred(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    },
    ...nodeRules(spec),
  };
}

/** What a pod asks of the node alone. */
export function nodeRules(
  spec: PodSpec,
): Pick<PodRules, 'nodeSelector' | 'nodeAffinity' | 'tolerations' | 'hostPorts'> {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return {
    nodeSelector: { ...spec.nodeSelector },
    nodeAffinity: required ? (required.nodeSelectorTerms ?? []).map(termOf) : null,
    tolerations: (spec.tolerations ?? []).map(tolerationOf),
    hostPorts: hostPortsOf(spec),
  };
}

/**
 * Namespaces that a term looks into: those it names and those its selector finds; its own where it says neither. A selector
 * whose namespaces are not known stands for all of them.
 */
export function namespaceFinder(
  namespaces: readonly KubernetesObject[],
  used: readonly string[],
): (term: PodAffinityTerm, own: string) => readonly string[] {
  return ({ namespaces: named, namespaceSelector }, own) => {
    if (!namespaceSelector) return named && named.length > 0 ? named : [own];
    const isAll =
      Object.keys(namespaceSelector.matchLabels ?? {}).length === 0 &&
      (namespaceSelector.matchExpressions ?? []).length === 0;
    if (isAll || namespaces.length === 0) return used;
    const found = namespaces.filter(({ metadata }) => selects(namespaceSelector, metadata?.labels ?? {}));
    return [...new Set([...(named ?? []), ...found.map(({ metadata }) => metadata?.name ?? '')])];
  };
}

/** The taints of a node as they keep pods out. */
export function taintsOf(
  taints: readonly { readonly key: string; readonly value?: string | undefined; readonly effect: string }[],
): Taint[] {
  return taints.map(({ key, value = '', effect }) => ({ key, value, effect: effect as Taint['effect'] }));
}

function termOf({ matchExpressions, matchFields }: NodeSelectorTerm): NodeTerm {
  return {
    matchExpressions: (matchExpressions ?? []).map(expressionOf),
    matchFields: (matchFields ?? []).map(expressionOf),
  };
}

function expressionOf({ key, operator, values }: SelectorRequirement): LabelExpression {
  return { key, operator: operator as LabelExpression['operator'], values: [...(values ?? [])] };
}

/** An absent selector selects nothing, an empty one everything. */
function selectorOf(selector: Selector | null | undefined): LabelSelector {
  if (!selector) return NOTHING;
  return {
    matchLabels: { ...selector.matchLabels },
    matchExpressions: (selector.matchExpressions ?? []).map(expressionOf),
  };
}

function tolerationOf({ key = '', operator = 'Equal', value = '', effect = '' }: TolerationSpec): Toleration {
  return { key, operator: operator as Toleration['operator'], value, effect: effect as Toleration['effect'] };
}

function spreadOf(constraint: SpreadConstraintSpec): SpreadConstraint {
  return {
    topologyKey: constraint.topologyKey ?? '',
    maxSkew: constraint.maxSkew ?? 1,
    whenUnsatisfiable: constraint.whenUnsatisfiable === 'ScheduleAnyway' ? 'ScheduleAnyway' : 'DoNotSchedule',
    minDomains: constraint.minDomains ?? 1,
    selector: selectorOf(constraint.labelSelector),
    matchLabelKeys: [...(constraint.matchLabelKeys ?? [])],
    nodeAffinityPolicy: constraint.nodeAffinityPolicy === 'Ignore' ? 'Ignore' : 'Honor',
    nodeTaintsPolicy: constraint.nodeTaintsPolicy === 'Honor' ? 'Honor' : 'Ignore',
  };
}

/** The API server writes the host ports of pods on the host network out, so they are all here. */
function hostPortsOf({ containers = [], initContainers = [] }: PodSpec): HostPort[] {
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...containers, ...sidecars].flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, hostIP, protocol }) =>
      hostPort
        ? [
            {
              port: hostPort,
              hostIp: hostIP || '0.0.0.0',
              protocol: (protocol ?? 'TCP') as HostPort['protocol'],
            },
          ]
        : [],
    ),
  );
}
