import type { InventoryObject, InventoryPod } from '../../../common/agent-protocol/index.ts';

type OwnedPod = Pick<InventoryPod, 'namespace' | 'ownerKind' | 'ownerName'>;

/** Jobs of a CronJob are named after the minute they were due (kubernetes `pkg/controller/cronjob` getJobName). */
const JOB_OF_CRON_JOB = /^(.+)-\d{8,10}$/;

/**
 * The key of the workload under which the usage of a pod is kept: past the ReplicaSet to the Deployment, past a dated Job to its
 * CronJob; `null` for a pod of its own.
 * @param find an object by its inventory key
 */
export function usageOwner(
  pod: OwnedPod,
  find: (key: string) => InventoryObject | null | undefined,
): string | null {
  const { namespace, ownerKind, ownerName } = pod;
  if (ownerKind === null || ownerName === null) return null;
  const key = `${ownerKind}/${namespace}/${ownerName}`;
  const cronJob = ownerKind === 'Job' ? JOB_OF_CRON_JOB.exec(ownerName)?.[1] : undefined;
  if (cronJob !== undefined) return `CronJob/${namespace}/${cronJob}`;
  const owner = find(key);
  if (owner && 'ownerKind' in owner && owner.ownerKind !== null && owner.ownerName !== null) {
    return `${owner.ownerKind}/${namespace}/${owner.ownerName}`;
  }
  return key;
}
