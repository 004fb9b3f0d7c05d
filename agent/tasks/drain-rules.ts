import type { PodObject } from '../../common/kubernetes/index.ts';
import {
  controllerOf,
  doNotDisrupt,
  hasLocalStorage,
  isFinished,
  isMirror,
  isSystemNamespace,
} from '../../common/kubernetes/index.ts';
import type { PodRef } from './read-pod.ts';

/** What a drain does with the pods of a node. */
export interface DrainVerdict {
  /** To be evicted, least important first; the system's own last. */
  readonly evict: readonly PodRef[];
  /** On their way out already; the drain waits for them. */
  readonly leaving: readonly PodRef[];
  /** Why the node must not be drained, one sentence for each pod. */
  readonly objections: readonly string[];
}

/**
 * The rules of `kubectl drain` (kubectl `drain/filters.go`) with --ignore-daemonsets and without --force: mirror and
 * DaemonSet pods stay; a pod without controller is refused, because nothing brings it back, and so is local storage
 * unless it may be lost. Beyond kubectl: pods that ask not to be disrupted are refused, and finished ones are left to
 * the garbage collector, because they hold nothing.
 */
export function judgePods(pods: readonly PodObject[], deleteLocalStorage: boolean): DrainVerdict {
  const evict: { ref: PodRef; priority: number }[] = [];
  const leaving: PodRef[] = [];
  const objections: string[] = [];
  for (const pod of pods) {
    const { metadata = {} } = pod;
    const ref = { namespace: metadata.namespace ?? '', name: metadata.name ?? '', uid: metadata.uid ?? '' };
    const owner = controllerOf(metadata);
    if (isFinished(pod) || isMirror(pod) || owner?.kind === 'DaemonSet') continue;
    if (metadata.deletionTimestamp !== undefined) {
      leaving.push(ref);
      continue;
    }
    const objection = objectionTo(pod, owner !== undefined, deleteLocalStorage);
    if (objection) objections.push(`Pod ${ref.namespace}/${ref.name} ${objection}`);
    else evict.push({ ref, priority: pod.spec?.priority ?? 0 });
  }
  const name = ({ ref }: { ref: PodRef }) => `${ref.namespace}/${ref.name}`;
  const isSystem = ({ ref }: { ref: PodRef }) => Number(isSystemNamespace(ref.namespace));
  evict.sort((a, b) => isSystem(a) - isSystem(b) || a.priority - b.priority || (name(a) < name(b) ? -1 : 1));
  return { evict: evict.map(({ ref }) => ref), leaving, objections };
}

function objectionTo(pod: PodObject, isOwned: boolean, deleteLocalStorage: boolean): string | undefined {
  if (!isOwned) return 'has no controller that would bring it back.';
  if (doNotDisrupt(pod)) return 'asks not to be disrupted.';
  if (hasLocalStorage(pod) && !deleteLocalStorage) return 'has an emptyDir volume that it would lose.';
  return undefined;
}
