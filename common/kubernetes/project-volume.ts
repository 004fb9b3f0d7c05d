import type {
  InventoryStorageClass,
  InventoryVolume,
  InventoryVolumeClaim,
} from '../agent-protocol/index.ts';
import type {
  NodeSelectorTerm,
  PodObject,
  StorageClassObject,
  VolumeClaimObject,
  VolumeObject,
} from './kubernetes-objects.ts';

/** Labels by which drivers of volumes name zones. */
const ZONE_KEYS = new Set([
  'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/zone',
  'topology.ebs.csi.aws.com/zone',
]);

type Reach = Pick<InventoryVolume, 'zones' | 'isTiedToNodes'>;

/** Names of the claims that a pod mounts; the claim of an ephemeral volume is named after the pod and the volume. */
export function claimsOf({ metadata, spec }: PodObject): string[] {
  return (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim, ephemeral, name }) => {
    if (persistentVolumeClaim?.claimName !== undefined) return persistentVolumeClaim.claimName;
    return ephemeral ? `${metadata?.name ?? ''}-${name ?? ''}` : [];
  });
}

/** A PersistentVolumeClaim as the server gets it. */
export function projectVolumeClaim({ metadata = {}, spec = {} }: VolumeClaimObject): InventoryVolumeClaim {
  return {
    kind: 'PersistentVolumeClaim',
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    volumeName: spec.volumeName || null,
    storageClass: spec.storageClassName || null,
  };
}

/** A PersistentVolume as the server gets it: from where it can be reached, nothing of where it is or how. */
export function projectVolume({ metadata = {}, spec = {} }: VolumeObject): InventoryVolume {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  return {
    kind: 'PersistentVolume',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    ...reachOf(terms),
  };
}

/** A StorageClass as the server gets it: without its parameters. */
export function projectStorageClass({
  metadata = {},
  allowedTopologies = [],
}: StorageClassObject): InventoryStorageClass {
  const terms = allowedTopologies.map(
    ({ matchLabelExpressions = [] }): NodeSelectorTerm => ({
      matchExpressions: matchLabelExpressions.map(one => ({ ...one, operator: 'In' })),
    }),
  );
  return {
    kind: 'StorageClass',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    ...reachOf(terms),
  };
}

function reachOf(terms: readonly NodeSelectorTerm[]): Reach {
  if (terms.length === 0) return { zones: null, isTiedToNodes: false };
  const zones = new Set<string>();
  for (const { matchExpressions = [], matchFields = [] } of terms) {
    const [only] = matchExpressions;
    const isZones =
      matchFields.length === 0 &&
      matchExpressions.length === 1 &&
      only !== undefined &&
      ZONE_KEYS.has(only.key) &&
      only.operator === 'In';
    if (!isZones) return { zones: null, isTiedToNodes: true };
    for (const zone of only.values ?? []) zones.add(zone);
  }
  return { zones: [...zones], isTiedToNodes: false };
}
