import type { KubernetesObject, OwnerReference, Pod, PodTemplate } from './kubernetes-objects.ts';
import type { ObjectStore } from './object-store.ts';
import { controllerOf, qosClassOf } from './pod-facts.ts';

/** What distinguishes one pod from its template: a fixed name (StatefulSets), extra labels, a changed spec. */
export interface PodVariation {
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly changeSpec?: (spec: PodTemplate['spec']) => PodTemplate['spec'];
}

/** Creates a pending pod from a template, owned by its workload. `undefined` when its fixed name is still taken. */
export function stampPod(
  store: ObjectStore,
  owner: KubernetesObject,
  template: PodTemplate,
  variation: PodVariation = {},
): Pod | undefined {
  const { namespace } = owner.metadata;
  const spec = completePodSpec(variation.changeSpec ? variation.changeSpec(template.spec) : template.spec);
  return store.create('pods', {
    metadata: {
      ...(variation.name === undefined
        ? { generateName: `${owner.metadata.name}-` }
        : { name: variation.name }),
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...template.metadata?.labels, ...variation.labels },
      ...(template.metadata?.annotations ? { annotations: template.metadata.annotations } : {}),
      ownerReferences: [ownedBy(owner)],
    },
    spec,
    status: { phase: 'Pending', qosClass: qosClassOf(spec) },
  });
}

/** The defaults that the API server writes into a pod spec, tolerations of a briefly lost node included. */
export function completePodSpec(spec: Pod['spec']): Pod['spec'] {
  const lost = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter(
    key => !(spec.tolerations ?? []).some(toleration => toleration.key === key || !toleration.key),
  );
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    serviceAccountName: 'default',
    ...spec,
    tolerations: [
      ...(spec.tolerations ?? []),
      ...lost.map(key => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })),
    ],
  };
}

/** The controller reference that points at an owner. */
export function ownedBy(owner: KubernetesObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return {
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** Pods by the uid of the object that manages them. */
export function podsByController(store: ObjectStore): Map<string, Pod[]> {
  const found = new Map<string, Pod[]>();
  for (const pod of store.list('pods')) {
    const uid = controllerOf(pod)?.uid;
    if (uid === undefined) continue;
    const siblings = found.get(uid);
    if (siblings) siblings.push(pod);
    else found.set(uid, [pod]);
  }
  return found;
}
