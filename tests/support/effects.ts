import type { PretendCluster, StoreEvent } from '../../simulator/cluster/index.ts';

/** Everything that happened to nodes and pods of the pretend cluster, counted by the cluster itself. */
export interface Effects {
  /** Names of nodes, one for each time that one was cordoned. */
  readonly cordons: string[];
  readonly uncordons: string[];
  readonly deletions: string[];
  /** Uids of pods, one for each time that one began to end. */
  readonly evictions: string[];
}

/** Whether an event is a node that becomes cordoned, or schedulable again. */
export function cordonChange({ resource, object, previous }: StoreEvent): 'cordon' | 'uncordon' | undefined {
  if (resource !== 'nodes' || previous === undefined) return undefined;
  const [is, was] = [object, previous].map(
    one => (one.spec as { unschedulable?: boolean } | undefined)?.unschedulable === true,
  );
  return is === was ? undefined : is ? 'cordon' : 'uncordon';
}

/** Whether an event is a pod that begins to end. */
export function beganToEnd({ resource, object, previous }: StoreEvent): boolean {
  return (
    resource === 'pods' &&
    object.metadata.deletionTimestamp !== undefined &&
    previous?.metadata.deletionTimestamp === undefined
  );
}

/** Counts from now on. */
export function countEffects({ store }: PretendCluster): Effects {
  const effects: Effects = { cordons: [], uncordons: [], deletions: [], evictions: [] };
  store.subscribe(event => {
    const { name, uid } = event.object.metadata;
    const change = cordonChange(event);
    if (change === 'cordon') effects.cordons.push(name);
    if (change === 'uncordon') effects.uncordons.push(name);
    if (event.resource === 'nodes' && event.type === 'DELETED') effects.deletions.push(name);
    if (beganToEnd(event)) effects.evictions.push(uid);
  });
  return effects;
}
