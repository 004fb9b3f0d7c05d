/**
 * The filters of kube-scheduler, written out literally and slowly from the Kubernetes documentation (concepts/scheduling-eviction: assigning pods to
 * nodes, taints and tolerations, pod topology spread constraints; reference/scheduling/config; the core/v1 API reference), for objects as the API has them.
 * An oracle for tests: it shares no code with the packer, and asks about one pod, one node and the pods that are bound already.
 */

export interface KubeExpression {
  key: string;
  operator: string;
  values?: string[];
}

export interface KubeSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: KubeExpression[];
}

export interface KubePodTerm {
  topologyKey: string;
  labelSelector?: KubeSelector;
  namespaces?: string[];
  /** ORed with `namespaces`; an empty one selects all. */
  namespaceSelector?: KubeSelector;
}

export interface KubeNamespace {
  metadata: { name: string; labels: Record<string, string> };
}

export interface KubeSpread {
  maxSkew: number;
  topologyKey: string;
  whenUnsatisfiable: string;
  labelSelector?: KubeSelector;
  minDomains?: number;
  matchLabelKeys?: string[];
  nodeAffinityPolicy?: string;
  nodeTaintsPolicy?: string;
}

export interface KubeNodeTerm {
  matchExpressions?: KubeExpression[];
  matchFields?: KubeExpression[];
}

export interface KubePodAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: KubePodTerm[];
  preferredDuringSchedulingIgnoredDuringExecution?: { weight: number; podAffinityTerm: KubePodTerm }[];
}

export interface KubePod {
  metadata: { name: string; namespace: string; labels?: Record<string, string> };
  spec: {
    nodeName?: string;
    nodeSelector?: Record<string, string>;
    affinity?: {
      nodeAffinity?: {
        requiredDuringSchedulingIgnoredDuringExecution?: {
          nodeSelectorTerms: KubeNodeTerm[];
        };
        preferredDuringSchedulingIgnoredDuringExecution?: { weight: number; preference: KubeNodeTerm }[];
      };
      podAffinity?: KubePodAffinity;
      podAntiAffinity?: KubePodAffinity;
    };
    tolerations?: { key?: string; operator?: string; value?: string; effect?: string }[];
    topologySpreadConstraints?: KubeSpread[];
    containers: {
      /** Milli-cores, bytes, pieces: plain numbers. */
      resources: { requests: Record<string, number> };
      ports?: { hostPort: number; hostIP?: string; protocol?: string }[];
    }[];
    priority?: number;
  };
  /** Zones of the PersistentVolumes that it is bound to, one list for each volume: their label `topology.kubernetes.io/zone`. */
  volumeZones?: string[][];
}

export interface KubeNode {
  metadata: { name: string; labels: Record<string, string> };
  spec: { unschedulable?: boolean; taints?: { key: string; value?: string; effect: string }[] };
  status: { allocatable: Record<string, number> };
}

/** Names of the plug-ins that reject the pod on the node, given what is bound; none means that it may be bound. */
export function rejections(
  pod: KubePod,
  node: KubeNode,
  nodes: readonly KubeNode[],
  bound: readonly KubePod[],
  namespaces: readonly KubeNamespace[] = [],
): string[] {
  const checks: [string, boolean][] = [
    ['NodeUnschedulable', nodeUnschedulable(pod, node)],
    ['TaintToleration', taintToleration(pod, node)],
    ['NodeAffinity', nodeAffinity(pod, node)],
    ['NodePorts', nodePorts(pod, node, bound)],
    ['NodeResourcesFit', nodeResourcesFit(pod, node, bound)],
    ['VolumeZone', volumeZone(pod, node)],
    ['PodTopologySpread', podTopologySpread(pod, node, nodes, bound)],
    ['InterPodAffinity', interPodAffinity(pod, node, { nodes, bound, namespaces })],
  ];
  return checks.filter(([, passes]) => !passes).map(([name]) => name);
}

/** A cordoned node takes only pods that tolerate the taint of cordoning. */
function nodeUnschedulable(pod: KubePod, node: KubeNode): boolean {
  if (!node.spec.unschedulable) return true;
  return isTolerated(pod, { key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' });
}

/** Every taint with effect NoSchedule or NoExecute must be tolerated. */
function taintToleration(pod: KubePod, node: KubeNode): boolean {
  for (const taint of node.spec.taints ?? []) {
    if (taint.effect !== 'NoSchedule' && taint.effect !== 'NoExecute') continue;
    if (!isTolerated(pod, taint)) return false;
  }
  return true;
}

function isTolerated(pod: KubePod, taint: { key: string; value?: string; effect: string }): boolean {
  for (const toleration of pod.spec.tolerations ?? []) {
    const sameEffect = !toleration.effect || toleration.effect === taint.effect;
    const sameKey = !toleration.key || toleration.key === taint.key;
    const isExists = toleration.operator === 'Exists';
    // "An empty key with operator Exists matches all keys"; Equal is the default operator.
    const sameValue =
      isExists || (Boolean(toleration.key) && (toleration.value ?? '') === (taint.value ?? ''));
    if (sameEffect && sameKey && sameValue) return true;
  }
  return false;
}

/** nodeSelector and the required terms must both hold; terms are ORed, expressions of a term ANDed, an empty term matches nothing. */
function nodeAffinity(pod: KubePod, node: KubeNode): boolean {
  for (const [key, value] of Object.entries(pod.spec.nodeSelector ?? {})) {
    if (node.metadata.labels[key] !== value) return false;
  }
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!required) return true;
  for (const term of required.nodeSelectorTerms) if (nodeTermMatches(term, node)) return true;
  return false;
}

function nodeTermMatches(term: KubeNodeTerm, node: KubeNode): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length === 0 && fields.length === 0) return false;
  let all = true;
  for (const expression of expressions) {
    if (!expressionMatches(expression, node.metadata.labels[expression.key])) all = false;
  }
  for (const field of fields) {
    if (field.key !== 'metadata.name' || !expressionMatches(field, node.metadata.name)) all = false;
  }
  return all;
}

function expressionMatches({ operator, values = [] }: KubeExpression, actual: string | undefined): boolean {
  if (operator === 'Exists') return actual !== undefined;
  if (operator === 'DoesNotExist') return actual === undefined;
  if (operator === 'In') return actual !== undefined && values.indexOf(actual) >= 0;
  if (operator === 'NotIn') return actual === undefined || values.indexOf(actual) < 0;
  if (actual === undefined || values.length !== 1) return false;
  const left = Number.parseInt(actual, 10);
  const right = Number.parseInt(values[0] ?? '', 10);
  if (String(left) !== actual || String(right) !== values[0]) return false;
  return operator === 'Gt' ? left > right : operator === 'Lt' ? left < right : false;
}

/** An empty selector matches everything, an absent one nothing. */
function selectorMatches(selector: KubeSelector | undefined, labels: Record<string, string>): boolean {
  if (!selector) return false;
  for (const [key, value] of Object.entries(selector.matchLabels ?? {}))
    if (labels[key] !== value) return false;
  for (const expression of selector.matchExpressions ?? []) {
    if (!expressionMatches(expression, labels[expression.key])) return false;
  }
  return true;
}

function podsOn(node: KubeNode, bound: readonly KubePod[]): KubePod[] {
  return bound.filter(other => other.spec.nodeName === node.metadata.name);
}

/** Two pods of one node may not ask for the same port, protocol and address; 0.0.0.0 is every address. */
function nodePorts(pod: KubePod, node: KubeNode, bound: readonly KubePod[]): boolean {
  const portsOf = (of: KubePod) => of.spec.containers.flatMap(container => container.ports ?? []);
  for (const wanted of portsOf(pod)) {
    for (const taken of podsOn(node, bound).flatMap(portsOf)) {
      const [ip, other] = [wanted.hostIP || '0.0.0.0', taken.hostIP || '0.0.0.0'];
      const sameAddress = ip === other || ip === '0.0.0.0' || other === '0.0.0.0';
      const sameProtocol = (wanted.protocol || 'TCP') === (taken.protocol || 'TCP');
      if (wanted.hostPort === taken.hostPort && sameProtocol && sameAddress) return false;
    }
  }
  return true;
}

/** Requests of all pods of the node with this one's must stay within allocatable; so must their number. */
function nodeResourcesFit(pod: KubePod, node: KubeNode, bound: readonly KubePod[]): boolean {
  const others = podsOn(node, bound);
  if (others.length + 1 > (node.status.allocatable.pods ?? 0)) return false;
  const requestOf = (of: KubePod, resource: string) =>
    of.spec.containers.reduce((sum, container) => sum + (container.resources.requests[resource] ?? 0), 0);
  const resources = new Set(
    pod.spec.containers.flatMap(container => Object.keys(container.resources.requests)),
  );
  for (const resource of resources) {
    const wanted = requestOf(pod, resource);
    if (wanted === 0) continue;
    const used = others.reduce((sum, other) => sum + requestOf(other, resource), 0);
    if (used + wanted > (node.status.allocatable[resource] ?? 0)) return false;
  }
  return true;
}

/** A bound volume with a zone can be used from nodes of that zone alone. */
function volumeZone(pod: KubePod, node: KubeNode): boolean {
  const zone = node.metadata.labels['topology.kubernetes.io/zone'];
  if (zone === undefined) return (pod.volumeZones ?? []).length === 0;
  return (pod.volumeZones ?? []).every(zones => zones.includes(zone));
}

/**
 * For each constraint with DoNotSchedule: pods that match in the node's domain, this one included when it matches, less the least of all domains, must not
 * exceed maxSkew. Nodes count that have all topology keys and, by default, that node affinity lets in, whatever their taints. With fewer domains than
 * minDomains the least is 0.
 */
function podTopologySpread(
  pod: KubePod,
  node: KubeNode,
  nodes: readonly KubeNode[],
  bound: readonly KubePod[],
): boolean {
  const hard = (pod.spec.topologySpreadConstraints ?? []).filter(
    one => one.whenUnsatisfiable === 'DoNotSchedule',
  );
  for (const constraint of hard) {
    const domain = node.metadata.labels[constraint.topologyKey];
    if (domain === undefined) return false;
    const counted = nodes.filter(other => {
      if (hard.some(one => other.metadata.labels[one.topologyKey] === undefined)) return false;
      if ((constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor' && !nodeAffinity(pod, other)) return false;
      return (constraint.nodeTaintsPolicy ?? 'Ignore') === 'Ignore' || isOpenByTaints(pod, other);
    });
    const matching = (other: KubePod) =>
      other.metadata.namespace === pod.metadata.namespace &&
      selectorMatches(withLabelKeys(constraint, pod), other.metadata.labels ?? {});
    const counts = new Map<string, number>();
    for (const other of counted) {
      const value = other.metadata.labels[constraint.topologyKey] as string;
      counts.set(value, (counts.get(value) ?? 0) + podsOn(other, bound).filter(matching).length);
    }
    const least = counts.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...counts.values());
    const itself = matching(pod) ? 1 : 0;
    if ((counts.get(domain) ?? 0) + itself - (Number.isFinite(least) ? least : 0) > constraint.maxSkew)
      return false;
  }
  return true;
}

/** A cordoned node carries the taint of cordoning. */
function isOpenByTaints(pod: KubePod, node: KubeNode): boolean {
  return taintToleration(pod, node) && nodeUnschedulable(pod, node);
}

/** The values that the pod itself has under matchLabelKeys are ANDed with the selector; keys that it lacks are ignored. */
function withLabelKeys(constraint: KubeSpread, pod: KubePod): KubeSelector | undefined {
  if (!constraint.labelSelector) return undefined;
  const extra: KubeExpression[] = [];
  for (const key of constraint.matchLabelKeys ?? []) {
    const value = pod.metadata.labels?.[key];
    if (value !== undefined) extra.push({ key, operator: 'In', values: [value] });
  }
  return {
    ...constraint.labelSelector,
    matchExpressions: [...(constraint.labelSelector.matchExpressions ?? []), ...extra],
  };
}

/** What pods are judged among. */
interface Cluster {
  readonly nodes: readonly KubeNode[];
  readonly bound: readonly KubePod[];
  readonly namespaces: readonly KubeNamespace[];
}

function interPodAffinity(pod: KubePod, node: KubeNode, cluster: Cluster): boolean {
  return (
    !isKeptOutByOthers(pod, node, cluster) &&
    hasItsAffinity(pod, node, cluster) &&
    !isKeptOutByItself(pod, node, cluster)
  );
}

function antiTerms(pod: KubePod): KubePodTerm[] {
  return pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

/** Namespaces by name or by selector; the pod's own when the term names neither. */
function termMatches(term: KubePodTerm, owner: KubePod, other: KubePod, { namespaces }: Cluster): boolean {
  const named = term.namespaces ?? [];
  const selected = namespaces.filter(
    ({ metadata }) => term.namespaceSelector && selectorMatches(term.namespaceSelector, metadata.labels),
  );
  const meant = [...named, ...selected.map(({ metadata }) => metadata.name)];
  if (named.length === 0 && !term.namespaceSelector) meant.push(owner.metadata.namespace);
  return (
    meant.includes(other.metadata.namespace) &&
    selectorMatches(term.labelSelector, other.metadata.labels ?? {})
  );
}

function shareDomain(key: string, a: KubeNode, b: KubeNode | undefined): boolean {
  const value = a.metadata.labels[key];
  return value !== undefined && b?.metadata.labels[key] === value;
}

function nodeOf(pod: KubePod, { nodes }: Cluster): KubeNode | undefined {
  return nodes.find(node => node.metadata.name === pod.spec.nodeName);
}

/** Required anti-affinity is symmetric: pods that are there keep this one out of their domain. */
function isKeptOutByOthers(pod: KubePod, node: KubeNode, cluster: Cluster): boolean {
  return cluster.bound.some(other =>
    antiTerms(other).some(
      term =>
        termMatches(term, other, pod, cluster) && shareDomain(term.topologyKey, node, nodeOf(other, cluster)),
    ),
  );
}

function isKeptOutByItself(pod: KubePod, node: KubeNode, cluster: Cluster): boolean {
  return antiTerms(pod).some(term => isNear(term, pod, node, cluster));
}

/** Whether a pod that the term means is bound in the node's domain. */
function isNear(term: KubePodTerm, pod: KubePod, node: KubeNode, cluster: Cluster): boolean {
  return cluster.bound.some(
    other =>
      termMatches(term, pod, other, cluster) && shareDomain(term.topologyKey, node, nodeOf(other, cluster)),
  );
}

/**
 * For each term the node's domain must hold a pod that matches all terms. Where no pod in the cluster does, the first of a series may start one, if it matches
 * its own terms and the node has the topology keys.
 */
function hasItsAffinity(pod: KubePod, node: KubeNode, cluster: Cluster): boolean {
  const terms = pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  if (terms.length === 0) return true;
  if (terms.some(term => node.metadata.labels[term.topologyKey] === undefined)) return false;
  const matching = cluster.bound.filter(other => terms.every(term => termMatches(term, pod, other, cluster)));
  const hasAll = terms.every(term =>
    matching.some(other => shareDomain(term.topologyKey, node, nodeOf(other, cluster))),
  );
  if (hasAll) return true;
  const inAnyDomain = matching.some(other =>
    terms.some(term => nodeOf(other, cluster)?.metadata.labels[term.topologyKey] !== undefined),
  );
  return !inAnyDomain && terms.every(term => termMatches(term, pod, pod, cluster));
}

/** Preferred terms of affinity that do not hold for a pod on its node, by field of the API; `bound` are all others. */
export function missedPreferences(
  pod: KubePod,
  node: KubeNode,
  nodes: readonly KubeNode[],
  bound: readonly KubePod[],
  namespaces: readonly KubeNamespace[],
): string[] {
  const cluster = { nodes, bound, namespaces };
  const { nodeAffinity: byNode, podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  const missed: string[] = [];
  for (const { preference } of byNode?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
    if (!nodeTermMatches(preference, node)) missed.push('nodeAffinity');
  for (const { podAffinityTerm } of podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
    if (!isNear(podAffinityTerm, pod, node, cluster)) missed.push('podAffinity');
  for (const { podAffinityTerm } of podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
    if (isNear(podAffinityTerm, pod, node, cluster)) missed.push('podAntiAffinity');
  return missed;
}
