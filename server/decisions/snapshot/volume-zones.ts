import type { InventoryPod, InventoryVolume } from '../../../common/agent-protocol/index.ts';
import type { Snapshot } from './snapshot.ts';

/** From where a pod's volumes can be reached. */
export interface VolumeReach {
  /** `null` when no volume ties the pod to zones. */
  readonly zones: readonly string[] | null;
  /** What ties it to something that no new node could stand for; `null` when nothing does. */
  readonly pinnedBy: string | null;
}

/**
 * Finds the volumes of pods by their claims. A claim that is not bound yet ties its pod to where its class can make volumes, and
 * to nothing where that is not known.
 */
export function volumeReach({
  claims,
  volumes,
  storageClasses,
}: Pick<Snapshot, 'claims' | 'volumes' | 'storageClasses'>): (
  pod: Pick<InventoryPod, 'namespace' | 'claims'>,
) => VolumeReach {
  const volumeNamed = new Map(volumes.map(volume => [volume.name, volume]));
  const classNamed = new Map(storageClasses.map(one => [one.name, one]));
  const claimNamed = new Map(claims.map(claim => [`${claim.namespace}/${claim.name}`, claim]));
  return ({ namespace, claims: names = [] }) => {
    let zones: readonly string[] | null = null;
    for (const name of names) {
      const key = `${namespace}/${name}`;
      const claim = claimNamed.get(key);
      if (!claim) return { zones, pinnedBy: `PersistentVolumeClaim ${key}, of which nothing is known` };
      const { volumeName, storageClass } = claim;
      let tie: Pick<InventoryVolume, 'zones' | 'isTiedToNodes'> | undefined;
      if (volumeName === null) tie = storageClass === null ? undefined : classNamed.get(storageClass);
      else {
        tie = volumeNamed.get(volumeName);
        if (!tie) return { zones, pinnedBy: `PersistentVolume ${volumeName}, of which nothing is known` };
      }
      if (tie?.isTiedToNodes)
        return { zones, pinnedBy: `${tieName(claim)}, which is tied to more than zones` };
      const own = tie?.zones ?? null;
      if (own !== null) zones = zones === null ? own : zones.filter(zone => own.includes(zone));
    }
    return { zones, pinnedBy: null };
  };
}

function tieName({ volumeName, storageClass }: Snapshot['claims'][number]): string {
  return volumeName === null ? `StorageClass ${storageClass}` : `PersistentVolume ${volumeName}`;
}
