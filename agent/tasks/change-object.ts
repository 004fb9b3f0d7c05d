import type { KubernetesObject } from '../../common/kubernetes/index.ts';
import { statusMessage } from '../kubernetes/kubernetes-api.ts';
import { pause } from '../pause.ts';
import { callPatiently } from './node-steps.ts';
import {
  done,
  failed,
  mayAct,
  overOutcome,
  refused,
  type TaskContext,
  type TaskOutcome,
} from './task-outcome.ts';

/** The annotation in which an object remembers the last task that changed it so: its id. */
const changeAnnotation = 'cloudoptim.io/change';
const againAfterMs = 100;

/** A change of one object. */
export interface ObjectChange<T extends KubernetesObject> {
  /** For people: `Node ip-10-0-1-2`. */
  readonly name: string;
  readonly path: string;
  readonly uid: string;
  /** Why the object is not to be changed, in a sentence. */
  readonly refuse?: (current: T) => string | undefined;
  /** What a merge patch changes of the object as it is now; `undefined` when it is as it is to be. */
  readonly patch: (current: T) => { readonly metadata?: object; readonly spec?: object } | undefined;
  /** For people: `has the label team=shop`. */
  readonly aim: string;
}

/**
 * Changes an object under its uid, and only as it was read: when somebody else changes it meanwhile it is read again, so that
 * no change of others is lost. The patch leaves the task's id on the object; so a repetition changes nothing, also when
 * somebody has turned the change back.
 */
export async function changeObject<T extends KubernetesObject>(
  context: TaskContext,
  { name, path, uid, refuse, patch, aim }: ObjectChange<T>,
): Promise<TaskOutcome> {
  const { taskId, dryRun } = context.record.task;
  for (;;) {
    const read = await callPatiently(context, { method: 'GET', path });
    if (read.code === 404) return refused(`${name} does not exist any more.`);
    if (read.code !== 200) return failed(`${name} cannot be read: ${statusMessage(read)}`);
    const current = read.body as T;
    const { metadata = {} } = current;
    if (metadata.uid !== uid) return refused(`${name} is another one now (uid ${metadata.uid}, not ${uid}).`);
    if (metadata.annotations?.[changeAnnotation] === taskId) return done(`${name} ${aim}.`);
    const objection = refuse?.(current);
    if (objection !== undefined) return refused(objection);
    const change = patch(current);
    if (change === undefined) return done(`${name} ${aim} already.`);
    if (!mayAct(context)) return overOutcome(context, 'nothing was changed.');
    const answer = await callPatiently(context, {
      method: 'PATCH',
      path,
      contentType: 'application/merge-patch+json',
      ...(dryRun ? { query: { dryRun: 'All' } } : {}),
      body: {
        ...change,
        metadata: {
          ...change.metadata,
          uid,
          resourceVersion: metadata.resourceVersion,
          annotations: { [changeAnnotation]: taskId },
        },
      },
    });
    if (answer.code === 200)
      return done(dryRun ? `Dry run: ${name} would be changed so that it ${aim}.` : `${name} ${aim}.`);
    if (answer.code !== 409 && answer.code !== 404)
      return failed(`${name} could not be changed: ${statusMessage(answer)}`);
    await pause(againAfterMs * context.random(), context.over);
  }
}
