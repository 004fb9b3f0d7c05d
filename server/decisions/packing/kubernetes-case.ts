import { daemonSetLoad } from './daemon-set-load.ts';
import type { PackingAnswer } from './packing-answer.ts';
import {
  HOSTNAME_LABEL,
  type NodeShape,
  type NodeTerm,
  type PackingProblem,
  type PodClass,
  type PodTerm,
  type Preferred,
  type Resources,
} from './problem.ts';
import type {
  KubeNamespace,
  KubeNode,
  KubeNodeTerm,
  KubePod,
  KubePodAffinity,
  KubePodTerm,
} from './scheduler-rules.ts';

/** A packing as Kubernetes objects: what is there, and the pods to bind, each with the node that it was given. */
export interface KubernetesCase {
  readonly nodes: readonly KubeNode[];
  /** Bound from the start; DaemonSet pods of new nodes among them. */
  readonly bound: readonly KubePod[];
  /** In the order in which they are to be bound. */
  readonly pending: readonly KubePod[];
  readonly namespaces: readonly KubeNamespace[];
}

/** Kubernetes puts it on every namespace. */
const NAMESPACE_LABEL = 'kubernetes.io/metadata.name';

/** Writes a problem and its answer out as Kubernetes objects, for a scheduler to judge: the one for tests here, or a real one. */
export function kubernetesCase(problem: PackingProblem, answer: PackingAnswer): KubernetesCase {
  let serial = 0;
  const podOf = (podClass: number, nodeName: string) =>
    kubePod(problem.pods[podClass] as PodClass, `pod-${serial++}`, nodeName);
  const nodes: KubeNode[] = [];
  const bound: KubePod[] = [];
  const single = answer.nodes.flatMap(node =>
    Array.from({ length: node.count }, (_, i) => ({ ...node, copy: i })),
  );
  const nameOf = ({ name, copy }: { name: string; copy: number }) => (copy === 0 ? name : `${name}-${copy}`);
  const arriving = new Map<number, Map<number, number>>();
  for (const { podClass, node, count } of answer.bindings ?? []) {
    const mine = arriving.get(node) ?? new Map<number, number>();
    arriving.set(node, mine.set(podClass, (mine.get(podClass) ?? 0) + count));
  }
  single.forEach((node, n) => {
    const { source } = node;
    const name = nameOf(node);
    if (source.kind === 'offer') {
      const offer = problem.offers[source.offer] as PackingProblem['offers'][number];
      nodes.push(kubeNode(name, offer, false));
      const facts = { name: '', labels: offer.labels, taints: offer.taints };
      for (const requests of daemonSetLoad(problem.daemonSets, facts))
        bound.push(daemonPod(requests, `pod-${serial++}`, name));
      return;
    }
    const existing = problem.existing[source.node] as PackingProblem['existing'][number];
    nodes.push(kubeNode(name, existing, existing.unschedulable));
    const after = node.pods;
    for (const { podClass, count } of after) {
      const here = count - (arriving.get(n)?.get(podClass) ?? 0);
      for (let i = 0; i < here; i++) bound.push(podOf(podClass, name));
    }
  });
  const pending =
    answer.bindings === null
      ? single.flatMap(node =>
          node.pods.flatMap(({ podClass, count }) => repeat(count, () => podOf(podClass, nameOf(node)))),
        )
      : answer.bindings.flatMap(({ podClass, node, count }) => {
          const target = single[node] as (typeof single)[number];
          return repeat(count, () => podOf(podClass, nameOf(target)));
        });
  const namespaces = [...new Set(problem.pods.flatMap(namesIn))].sort();
  return {
    nodes,
    bound,
    pending,
    namespaces: namespaces.map(name => ({ metadata: { name, labels: { [NAMESPACE_LABEL]: name } } })),
  };
}

function namesIn({ rules }: PodClass): string[] {
  const { podAffinity, podAntiAffinity } = rules.preferences;
  const wished = [...podAffinity, ...podAntiAffinity].map(({ term }) => term);
  const terms = [...rules.podAffinity, ...rules.podAntiAffinity, ...wished];
  return [rules.namespace, ...terms.flatMap(({ namespaces }) => namespaces)];
}

/** The same as lists that `kubectl create -f` takes: quantities as text, and pods without their node, for a real scheduler to place. */
export function kubernetesLists({ nodes, pending }: KubernetesCase): { nodes: unknown; pods: unknown } {
  const list = (items: unknown[]) => ({ apiVersion: 'v1', kind: 'List', items });
  return {
    nodes: list(
      nodes.map(node => ({
        apiVersion: 'v1',
        kind: 'Node',
        ...node,
        status: {
          allocatable: quantities(node.status.allocatable),
          capacity: quantities(node.status.allocatable),
        },
      })),
    ),
    pods: list(
      pending.map(({ metadata, spec: { nodeName: _, ...spec } }) => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata,
        spec: {
          ...spec,
          containers: spec.containers.map(({ resources, ...container }) => ({
            name: 'main',
            image: 'registry.k8s.io/pause',
            ...container,
            resources: { requests: quantities(resources.requests) },
          })),
        },
      })),
    ),
  };
}

/** Plain numbers as quantities of the API. */
export function quantities(amounts: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(amounts).map(([name, amount]) => [name, name === 'cpu' ? `${amount}m` : String(amount)]),
  );
}

function kubeNode(
  name: string,
  { labels, taints, allocatable, podLimit }: NodeShape,
  unschedulable: boolean,
): KubeNode {
  return {
    metadata: { name, labels: { [HOSTNAME_LABEL]: name, ...labels } },
    spec: { unschedulable, taints: taints.map(taint => ({ ...taint })) },
    status: { allocatable: { ...amountsOf(allocatable), pods: podLimit } },
  };
}

function kubePod({ requests, rules }: PodClass, name: string, nodeName: string): KubePod {
  const { namespace, labels, nodeAffinity, preferences, volumeZones } = rules;
  return {
    metadata: { name, namespace, labels },
    spec: {
      nodeName,
      nodeSelector: rules.nodeSelector,
      affinity: {
        nodeAffinity: {
          ...(nodeAffinity && {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: nodeAffinity.map(kubeNodeTerm),
            },
          }),
          preferredDuringSchedulingIgnoredDuringExecution: preferences.nodeAffinity.map(
            ({ weight, term }) => ({ weight, preference: kubeNodeTerm(term) }),
          ),
        },
        podAffinity: kubeAffinity(rules.podAffinity, preferences.podAffinity),
        podAntiAffinity: kubeAffinity(rules.podAntiAffinity, preferences.podAntiAffinity),
      },
      tolerations: rules.tolerations.map(toleration => ({ ...toleration })),
      topologySpreadConstraints: rules.topologySpread.map(({ selector, matchLabelKeys, ...constraint }) => ({
        ...constraint,
        matchLabelKeys: [...matchLabelKeys],
        labelSelector: kubeSelector(selector),
      })),
      priority: rules.priority,
      containers: [
        {
          resources: { requests: amountsOf(requests) },
          ports: rules.hostPorts.map(({ port, hostIp, protocol }) => ({
            hostPort: port,
            hostIP: hostIp,
            protocol,
          })),
        },
      ],
    },
    ...(volumeZones && { volumeZones: [[...volumeZones]] }),
  };
}

function daemonPod(requests: Resources, name: string, nodeName: string): KubePod {
  return {
    metadata: { name, namespace: 'kube-system', labels: {} },
    spec: { nodeName, containers: [{ resources: { requests: amountsOf(requests) } }] },
  };
}

function kubeNodeTerm({ matchExpressions, matchFields }: NodeTerm): KubeNodeTerm {
  return {
    matchExpressions: matchExpressions.map(one => ({ ...one, values: [...one.values] })),
    matchFields: matchFields.map(one => ({ ...one, values: [...one.values] })),
  };
}

function kubeAffinity(
  required: readonly PodTerm[],
  preferred: readonly Preferred<PodTerm>[],
): KubePodAffinity {
  return {
    requiredDuringSchedulingIgnoredDuringExecution: required.map(kubeTerm),
    preferredDuringSchedulingIgnoredDuringExecution: preferred.map(({ weight, term }) => ({
      weight,
      podAffinityTerm: kubeTerm(term),
    })),
  };
}

/** One namespace by name, several by selector: both ways are to be judged. */
function kubeTerm({ topologyKey, selector, namespaces }: PodTerm): KubePodTerm {
  const own = { topologyKey, labelSelector: kubeSelector(selector) };
  if (namespaces.length < 2) return { ...own, namespaces: [...namespaces] };
  const isOneOf = { key: NAMESPACE_LABEL, operator: 'In', values: [...namespaces] };
  return { ...own, namespaceSelector: { matchExpressions: [isOneOf] } };
}

function kubeSelector({ matchLabels, matchExpressions }: PodTerm['selector']) {
  return {
    matchLabels: { ...matchLabels },
    matchExpressions: matchExpressions.map(one => ({ ...one, values: [...one.values] })),
  };
}

function amountsOf({ cpuMilli, memoryBytes, extended }: Resources): Record<string, number> {
  return { cpu: cpuMilli, memory: memoryBytes, ...extended };
}

function repeat<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}
