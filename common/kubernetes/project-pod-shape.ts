import type { InventoryPodShape } from '../agent-protocol/index.ts';
import type {
  NodeSelectorTerm,
  PodAffinityTerm,
  PodObject,
  PodSpec,
  Selector,
  SelectorRequirement,
  SpreadConstraintSpec,
  WeightedPodAffinityTerm,
} from './kubernetes-objects.ts';
import { controllerOf } from './object-facts.ts';
import { podResources } from './pod-requests.ts';
import { projectTolerations } from './project-tolerations.ts';

type Terms<Kind extends 'podAffinity' | 'nodeAffinity'> = NonNullable<InventoryPodShape[Kind]>;

/**
 * The rules of scheduling of a pod as the server gets them. The DaemonSet controller binds its pods by an affinity to their
 * node's name: they never move, and with it no two of them would be alike, so it is left out.
 * @param nameOf a name for a text; the same for the same text, and for no other
 */
export function projectPodShape(pod: PodObject, nameOf: (text: string) => string): InventoryPodShape {
  const isOfDaemonSet = controllerOf(pod.metadata ?? {})?.kind === 'DaemonSet';
  const { nodeAffinity, ...others } = pod.spec?.affinity ?? {};
  return projectTemplateShape(
    isOfDaemonSet && nodeAffinity ? { ...pod.spec, affinity: others } : (pod.spec ?? {}),
    nameOf,
  );
}

/** The same of pods that are still to be made. */
export function projectTemplateShape(spec: PodSpec, nameOf: (text: string) => string): InventoryPodShape {
  const { nodeAffinity, podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const required = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const { cpu: _, memory: __, ...extended } = podResources(spec);
  const { schedulerName = 'default-scheduler', resourceClaims = [] } = spec;
  const rules: Omit<InventoryPodShape, 'kind' | 'name'> = {
    extended: someOf(Object.fromEntries(Object.entries(extended).filter(([, amount]) => amount !== 0))),
    nodeSelector: someOf({ ...spec.nodeSelector }),
    // An empty list of terms matches no node, an absent one every node.
    nodeAffinity: required && (required.nodeSelectorTerms ?? []).map(nodeTerm),
    tolerations: someIn(projectTolerations(spec)),
    hostPorts: someIn(hostPorts(spec)),
    podAffinity: someIn(podTerms(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution)),
    podAntiAffinity: someIn(podTerms(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution)),
    preferredNodeAffinity: someIn(
      (nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(
        ({ weight = 1, preference }) => {
          const term = nodeTerm(preference ?? {});
          // An empty preference matches everything and changes nothing.
          return term.matchExpressions || term.matchFields ? [{ weight, term }] : [];
        },
      ),
    ),
    preferredPodAffinity: someIn(
      preferredTerms(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    ),
    preferredPodAntiAffinity: someIn(
      preferredTerms(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    ),
    topologySpread: someIn((spec.topologySpreadConstraints ?? []).map(spreadConstraint)),
    schedulerName: schedulerName === 'default-scheduler' ? undefined : schedulerName,
    claimsDevices: resourceClaims.length > 0 ? true : undefined,
  };
  return { kind: 'PodShape', name: nameOf(JSON.stringify(rules)), ...rules };
}

function nodeTerm({ matchExpressions, matchFields }: NodeSelectorTerm): Terms<'nodeAffinity'>[number] {
  return {
    matchExpressions: someIn((matchExpressions ?? []).map(requirement)),
    matchFields: someIn((matchFields ?? []).map(requirement)),
  };
}

function podTerms(terms: readonly PodAffinityTerm[] | undefined): Terms<'podAffinity'> {
  return (terms ?? []).map(({ topologyKey, labelSelector, namespaces, namespaceSelector }) => ({
    topologyKey,
    labelSelector: selector(labelSelector),
    namespaces: someIn([...(namespaces ?? [])]),
    namespaceSelector: selector(namespaceSelector),
  }));
}

function preferredTerms(
  terms: readonly WeightedPodAffinityTerm[] | undefined,
): NonNullable<InventoryPodShape['preferredPodAffinity']> {
  return (terms ?? []).flatMap(({ weight = 1, podAffinityTerm }) => {
    const [term] = podTerms(podAffinityTerm && [podAffinityTerm]);
    return term ? [{ weight, term }] : [];
  });
}

function spreadConstraint(
  constraint: SpreadConstraintSpec,
): NonNullable<InventoryPodShape['topologySpread']>[number] {
  const { topologyKey = '', maxSkew = 1, whenUnsatisfiable, minDomains } = constraint;
  const { labelSelector, matchLabelKeys, nodeAffinityPolicy, nodeTaintsPolicy } = constraint;
  return {
    topologyKey,
    maxSkew,
    whenUnsatisfiable,
    minDomains,
    labelSelector: selector(labelSelector),
    matchLabelKeys: someIn([...(matchLabelKeys ?? [])]),
    nodeAffinityPolicy,
    nodeTaintsPolicy,
  };
}

/** The API server writes the host ports of pods on the host network out, so they are all here. */
function hostPorts({
  containers = [],
  initContainers = [],
}: PodSpec): NonNullable<InventoryPodShape['hostPorts']> {
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...containers, ...sidecars].flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, hostIP, protocol }) =>
      hostPort ? [{ port: hostPort, hostIp: hostIP || undefined, protocol }] : [],
    ),
  );
}

/** An empty selector selects everything, an absent one nothing. */
function selector(from: Selector | null | undefined): Terms<'podAffinity'>[number]['labelSelector'] {
  if (!from) return undefined;
  return {
    matchLabels: someOf({ ...from.matchLabels }),
    matchExpressions: someIn((from.matchExpressions ?? []).map(requirement)),
  };
}

function requirement({ key, operator, values }: SelectorRequirement) {
  return { key, operator, values: someIn([...(values ?? [])]) };
}

function someIn<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
}

function someOf<T extends object>(record: T): T | undefined {
  return Object.keys(record).length > 0 ? record : undefined;
}
