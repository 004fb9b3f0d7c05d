import type { PodObject } from '../../common/kubernetes/index.ts';
import { statusMessage } from '../kubernetes/kubernetes-api.ts';
import { callPatiently } from './node-steps.ts';
import type { TaskContext } from './task-outcome.ts';

/** A pod by name and identity. */
export interface PodRef {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** The pod of a task; one that was replaced by another of its name is gone. Throws when the API does not let it be read. */
export async function readPod(context: TaskContext, pod: PodRef): Promise<PodObject | 'gone'> {
  const answer = await callPatiently(context, { method: 'GET', path: podPath(pod) });
  if (answer.code === 404) return 'gone';
  if (answer.code !== 200)
    throw new Error(`Pod ${pod.namespace}/${pod.name} cannot be read: ${statusMessage(answer)}`);
  const seen = answer.body as PodObject;
  return seen.metadata?.uid === pod.uid ? seen : 'gone';
}

/** Path of a pod in the API. */
export function podPath({ namespace, name }: Pick<PodRef, 'namespace' | 'name'>): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`;
}
