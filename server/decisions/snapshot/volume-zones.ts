import type { NodeSelectorTerm, PodObject } from '../../../common/kubernetes/index.ts';
import type { Snapshot } from './read-snapshot.ts';

/** Labels by which drivers of volumes name zones. */
const ZONE_KEYS = new Set([
  'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/zone',
  'topology.ebs.csi.aws.com/zone',
]);

/** From where a pod's volumes can be reached. */
export interface VolumeReach {
  /** `null` when no volume ties the pod to zones. */
  readonly zones: readonly string[] | null;
  /** What ties it to something that no new node could stand for; `null` when nothing does. */
  readonly pinnedBy: string | null;
}

/** Finds the volumes of pods by their claims. A claim that is not bound yet ties its pod to nothing. */
export function volumeReach({ claims, volumes }: Snapshot): (pod: PodObject) => VolumeReach {
  const volumeNamed = new Map(volumes.map(volume => [volume.metadata?.name ?? '', volume]));
  const claimed = new Map(
    claims.map(({ metadata, spec }) => [`${metadata?.namespace}/${metadata?.name}`, spec?.volumeName]),
  );
  return pod => {
    let zones: readonly string[] | null = null;
    for (const { persistentVolumeClaim, ephemeral, name } of pod.spec?.volumes ?? []) {
      const claim =
        persistentVolumeClaim?.claimName ?? (ephemeral ? `${pod.metadata?.name}-${name}` : undefined);
      if (claim === undefined) continue;
      const key = `${pod.metadata?.namespace}/${claim}`;
      if (!claimed.has(key))
        return { zones, pinnedBy: `PersistentVolumeClaim ${key}, which the snapshot lacks` };
      const volumeName = claimed.get(key);
      if (volumeName === undefined || volumeName === '') continue;
      const volume = volumeNamed.get(volumeName);
      if (!volume) return { zones, pinnedBy: `PersistentVolume ${volumeName}, which the snapshot lacks` };
      const terms = volume.spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
      const own = zonesOf(terms);
      if (own === undefined)
        return { zones, pinnedBy: `PersistentVolume ${volumeName}, which is tied to nodes` };
      if (own !== null) zones = zones === null ? own : zones.filter(zone => own.includes(zone));
    }
    return { zones, pinnedBy: null };
  };
}

/** Zones that terms name; `null` for no terms, `undefined` when they are about more than zones. */
function zonesOf(terms: readonly NodeSelectorTerm[]): readonly string[] | null | undefined {
  if (terms.length === 0) return null;
  const zones: string[] = [];
  for (const { matchExpressions = [], matchFields = [] } of terms) {
    const [only] = matchExpressions;
    const isZones =
      matchFields.length === 0 &&
      matchExpressions.length === 1 &&
      only !== undefined &&
      ZONE_KEYS.has(only.key) &&
      only.operator === 'In';
    if (!isZones) return undefined;
    zones.push(...(only.values ?? []));
  }
  return zones;
}
