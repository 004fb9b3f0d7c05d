import type { ScenarioWorkload } from '../scenarios/index.ts';
import type { PodSpec, Toleration } from './kubernetes-objects.ts';
import type { ObjectStore } from './object-store.ts';
import { GPU } from './pod-facts.ts';
import { LOAD_ANNOTATION } from './pretend-usage.ts';
import { completePodSpec } from './stamp-pod.ts';

const PRIORITIES = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
} as const;
const RESOURCES = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  Job: 'jobs',
} as const;
const EVERYWHERE: readonly Toleration[] = [{ operator: 'Exists' }];

/** A workload with each of its copies under a name of its own. */
export function copiesOf(workload: ScenarioWorkload): ScenarioWorkload[] {
  return Array.from({ length: workload.copies }, (_, index) => {
    const numbered = (text: string) => text.replaceAll('{n}', String(index + 1));
    return { ...workload, name: numbered(workload.name), namespace: numbered(workload.namespace) };
  });
}

/** Creates a workload with its disks and its budget; controllers bring its pods. */
export function createWorkload(
  store: ObjectStore,
  workload: ScenarioWorkload,
  zones: readonly string[],
): void {
  const { kind, namespace, name, replicas, disk, completions } = workload;
  const labels = { 'app.kubernetes.io/name': name };
  const annotations = annotationsOf(workload);
  const selector = { matchLabels: labels };
  if (kind === 'Pod') {
    store.create('pods', {
      metadata: { name, namespace, labels, ...(annotations ? { annotations } : {}) },
      spec: completePodSpec(podSpec(workload)),
      status: { phase: 'Pending', qosClass: 'Burstable' },
    });
    return;
  }
  const claims =
    kind === 'StatefulSet' && disk !== undefined
      ? [{ metadata: { name: 'data' }, spec: claimSpec(disk, undefined) }]
      : [];
  for (let ordinal = 0; ordinal < replicas && claims.length > 0; ordinal++) {
    createDisk(store, namespace, `data-${name}-${ordinal}`, zones[ordinal % zones.length] ?? '', disk ?? '');
  }
  store.create(RESOURCES[kind], {
    metadata: { name, namespace, labels },
    spec: {
      ...(kind === 'Job' ? { parallelism: replicas, completions: completions ?? replicas } : {}),
      ...(kind === 'Deployment' || kind === 'StatefulSet' ? { replicas } : {}),
      selector,
      template: {
        metadata: { labels, ...(annotations ? { annotations } : {}) },
        spec: podSpec(workload),
      },
      ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
      ...(claims.length > 0 ? { volumeClaimTemplates: claims } : {}),
    },
  });
  if (workload.budget) {
    const { minAvailable, maxUnavailable } = workload.budget;
    store.create('poddisruptionbudgets', {
      metadata: { name, namespace, labels },
      spec: {
        ...(minAvailable === undefined ? {} : { minAvailable }),
        ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
        selector,
      },
    });
  }
}

/** What it was made to ask for stays its load, whatever it asks for later. */
function annotationsOf({ kind, cpu, memory, doNotDisrupt }: ScenarioWorkload) {
  const marks = {
    ...(kind === 'Pod' ? {} : { [LOAD_ANNOTATION]: `${cpu} ${memory}` }),
    ...(doNotDisrupt ? { 'karpenter.sh/do-not-disrupt': 'true' } : {}),
  };
  return Object.keys(marks).length === 0 ? undefined : marks;
}

function podSpec(workload: ScenarioWorkload): PodSpec {
  const { kind, name, cpu, memory, gpu, localStorage, nodeSelector } = workload;
  const image = workload.image ?? `registry.k8s.io/pretend/${name}:1.4.2`;
  const gpus = gpu === undefined ? {} : { [GPU]: String(gpu) };
  const resources = { requests: { cpu, memory, ...gpus }, limits: { memory, ...gpus } };
  const priorityClassName =
    workload.priorityClass ?? (kind === 'DaemonSet' ? 'system-node-critical' : undefined);
  const tolerations = [
    ...(kind === 'DaemonSet' ? EVERYWHERE : []),
    ...(gpu === undefined ? [] : [{ key: GPU, operator: 'Exists' }]),
    ...((workload.tolerations as readonly Toleration[] | undefined) ?? []),
  ];
  return {
    containers: [{ name, image, resources }],
    ...(localStorage ? { volumes: [{ name: 'scratch', emptyDir: {} }] } : {}),
    ...(nodeSelector ? { nodeSelector } : {}),
    ...(tolerations.length > 0 ? { tolerations } : {}),
    ...(kind === 'DaemonSet' ? { hostNetwork: true } : {}),
    ...(priorityClassName ? { priorityClassName, priority: PRIORITIES[priorityClassName] } : {}),
  };
}

function createDisk(store: ObjectStore, namespace: string, claim: string, zone: string, size: string): void {
  const volumeName = `pv-${claim}`;
  store.create('persistentvolumes', {
    metadata: { name: volumeName },
    spec: {
      capacity: { storage: size },
      claimRef: { namespace, name: claim },
      storageClassName: 'gp3',
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: [zone] }] },
          ],
        },
      },
      ...({ accessModes: ['ReadWriteOnce'], persistentVolumeReclaimPolicy: 'Delete' } as object),
    },
    status: { phase: 'Bound' },
  });
  store.create('persistentvolumeclaims', {
    metadata: { name: claim, namespace },
    spec: claimSpec(size, volumeName),
    status: { phase: 'Bound', capacity: { storage: size }, accessModes: ['ReadWriteOnce'] },
  });
}

function claimSpec(size: string, volumeName: string | undefined) {
  return {
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'gp3',
    resources: { requests: { storage: size } },
    ...(volumeName === undefined ? {} : { volumeName }),
  };
}
