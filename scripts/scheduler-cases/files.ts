import { type KubernetesCase, quantities } from '../../server/decisions/packing/kubernetes-case.ts';
import type { KubeNode, KubePod } from '../../server/decisions/packing/scheduler-rules.ts';

/** A pod and the node that it is claimed to go to, in the order of binding. */
export interface Claim {
  readonly pod: string;
  readonly claimed: string;
}

/** What became of a claim; `reason` is null when the scheduler agrees. */
export interface Verdict extends Claim {
  readonly reason: string | null;
}

const ZONE = 'topology.kubernetes.io/zone';
const READY = ['Ready'].map(type => ({ type, status: 'True', reason: 'KubeletReady', message: '' }));

/** Nothing but the claim scores: a pod goes to its node exactly if every filter lets it. */
export const schedulerConfiguration = {
  apiVersion: 'kubescheduler.config.k8s.io/v1',
  kind: 'KubeSchedulerConfiguration',
  percentageOfNodesToScore: 100,
  profiles: [
    {
      schedulerName: 'default-scheduler',
      plugins: {
        score: { disabled: [{ name: '*' }], enabled: [{ name: 'NodeAffinity', weight: 1 }] },
        // A pod that finds no place must not make some by throwing others out.
        postFilter: { disabled: [{ name: '*' }] },
      },
    },
  ],
};

/** Case by case: what is there, then pod after pod, each decided before the next. */
export const runScript = `#!/bin/sh
# Needs kubectl, and a cluster of kwok (or any without kubelets) whose scheduler was started with scheduler.yaml.
set -eu
cd "$(dirname "$0")"
for case in case-*; do
  for file in namespaces nodes volumes bound; do kubectl create -f "$case/$file.json" >/dev/null 2>&1 || true; done
  i=0
  while [ -f "$case/pod-$i.json" ]; do
    kubectl create -f "$case/pod-$i.json" >/dev/null
    kubectl wait -f "$case/pod-$i.json" --for=jsonpath='{.status.conditions[?(@.type=="PodScheduled")].status}' --timeout=20s >/dev/null || true
    i=$((i + 1))
  done
  kubectl get pods -A -o json > "$case/verdict.json"
  for file in bound volumes nodes; do kubectl delete --wait=true --force --grace-period=0 -f "$case/$file.json" >/dev/null 2>&1 || true; done
  i=0
  while [ -f "$case/pod-$i.json" ]; do kubectl delete --force --grace-period=0 -f "$case/pod-$i.json" >/dev/null 2>&1 || true; i=$((i + 1)); done
done
`;

/** Files of one case by name, as kubectl takes them: JSON is YAML too. */
export function schedulerFiles({
  nodes,
  bound,
  pending,
  namespaces,
}: KubernetesCase): Record<string, unknown> {
  const list = (items: readonly unknown[]) => ({ apiVersion: 'v1', kind: 'List', items });
  const names = new Set([...bound, ...pending].map(({ metadata }) => metadata.namespace));
  for (const { metadata } of namespaces) names.add(metadata.name);
  const claims = pending.map(pod => ({ pod: keyOf(pod), claimed: pod.spec.nodeName ?? '' }));
  return {
    'namespaces.json': list(
      [...names].map(name => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ),
    'nodes.json': list(nodes.map(kwokNode)),
    'volumes.json': list([...bound, ...pending].flatMap(volumesOf)),
    'bound.json': list(bound.map(pod => podObject(pod, pod.spec.nodeName))),
    'claims.json': claims,
    ...Object.fromEntries(pending.map((pod, i) => [`pod-${i}.json`, podObject(claiming(pod), undefined)])),
  };
}

/** Holds the pods of `kubectl get pods -A -o json` against the claims. */
export function schedulerVerdict(
  claims: readonly Claim[],
  { items }: { readonly items: readonly SeenPod[] },
): Verdict[] {
  const seen = new Map(items.map(pod => [keyOf(pod), pod]));
  return claims.map(claim => {
    const pod = seen.get(claim.pod);
    const at = pod?.spec.nodeName;
    if (at === claim.claimed) return { ...claim, reason: null };
    if (at) return { ...claim, reason: `the scheduler put it on ${at}` };
    const [said] = (pod?.status?.conditions ?? []).filter(({ type }) => type === 'PodScheduled');
    return { ...claim, reason: said?.message ?? (pod ? 'not decided' : 'there is no such pod') };
  });
}

interface SeenPod {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly nodeName?: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly message?: string }[] };
}

function keyOf({ metadata: { namespace, name } }: SeenPod | KubePod): string {
  return `${namespace}/${name}`;
}

/** Nobody runs it: kwok says that it is well. */
function kwokNode({ metadata, spec, status }: KubeNode): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { ...metadata, annotations: { 'kwok.x-k8s.io/node': 'fake' } },
    spec,
    status: {
      allocatable: quantities(status.allocatable),
      capacity: quantities(status.allocatable),
      conditions: READY,
      phase: 'Running',
    },
  };
}

/** A bound volume for each that pins the pod to a zone, as the plug-in VolumeZone reads it. */
function volumesOf(pod: KubePod): unknown[] {
  const { name, namespace } = pod.metadata;
  return (pod.volumeZones ?? []).flatMap((zones, i) => {
    const claim = `${name}-${i}`;
    const common = {
      accessModes: ['ReadWriteOnce'],
      storageClassName: '',
      volumeMode: 'Filesystem',
    };
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: claim, labels: { [ZONE]: zones.join('__') } },
      spec: {
        ...common,
        capacity: { storage: '1Gi' },
        csi: { driver: 'ebs.csi.aws.com', volumeHandle: claim },
        claimRef: { namespace, name: claim },
      },
    };
    const bound = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: claim, namespace },
      spec: { ...common, volumeName: claim, resources: { requests: { storage: '1Gi' } } },
    };
    return [volume, bound];
  });
}

/** Its own preferences make way for the claim. */
function claiming(pod: KubePod): KubePod {
  const { nodeName = '', affinity, ...spec } = pod.spec;
  const required = <T extends { preferredDuringSchedulingIgnoredDuringExecution?: unknown }>(
    own: T | undefined,
  ) => {
    const { preferredDuringSchedulingIgnoredDuringExecution: _, ...rest } = own ?? ({} as T);
    return rest;
  };
  const claim = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] };
  return {
    ...pod,
    spec: {
      ...spec,
      affinity: {
        nodeAffinity: {
          ...required(affinity?.nodeAffinity),
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: claim }],
        },
        podAffinity: required(affinity?.podAffinity),
        podAntiAffinity: required(affinity?.podAntiAffinity),
      },
    },
  };
}

function podObject({ metadata, spec, volumeZones }: KubePod, nodeName: string | undefined): unknown {
  const { nodeName: _, priority: __, containers, topologySpreadConstraints = [], ...rest } = spec;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: {
      ...rest,
      ...(nodeName !== undefined && { nodeName }),
      topologySpreadConstraints: topologySpreadConstraints.map(({ minDomains, ...constraint }) => ({
        ...constraint,
        // The API takes it with the one and not with the other.
        ...(constraint.whenUnsatisfiable === 'DoNotSchedule' && { minDomains }),
      })),
      containers: containers.map(({ resources, ports = [] }) => ({
        name: 'main',
        image: 'registry.k8s.io/pause',
        ports: ports.map(port => ({ ...port, containerPort: port.hostPort })),
        resources: { requests: quantities(resources.requests), limits: limitsOf(resources.requests) },
      })),
      volumes: (volumeZones ?? []).map((_zones, i) => ({
        name: `v${i}`,
        persistentVolumeClaim: { claimName: `${metadata.name}-${i}` },
      })),
    },
  };
}

/** The API takes extended resources only with a limit that is the same. */
function limitsOf(requests: Readonly<Record<string, number>>): Record<string, string> {
  return quantities(Object.fromEntries(Object.entries(requests).filter(([name]) => name.includes('/'))));
}
