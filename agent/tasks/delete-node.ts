import { statusMessage } from '../kubernetes/kubernetes-api.ts';
import { callPatiently, findNode, givenBack, nodePath } from './node-steps.ts';
import {
  done,
  failed,
  mayAct,
  overOutcome,
  refused,
  type TaskContext,
  type TaskOutcome,
} from './task-outcome.ts';

/**
 * Deletes the Node object, under its uid only. That it is about to is noted before; so after a kill, a node that is
 * gone or replaced counts as deleted by this task.
 */
export async function deleteNode(
  context: TaskContext,
  ref: { name: string; uid: string },
): Promise<TaskOutcome> {
  const { record, taskLog } = context;
  const found = await findNode(context, ref);
  if (found.kind === 'gone') return done(`Node ${ref.name} is gone.`);
  if (found.kind === 'other') {
    return record.begun
      ? done(`Node ${ref.name} was deleted; another one has its name now.`)
      : refused(`Node ${ref.name} is another one now (uid ${found.uid}, not ${ref.uid}).`);
  }
  if (found.note?.step === givenBack && found.node.spec?.unschedulable !== true) {
    return refused(
      `Node ${ref.name} was given back while CloudOptim was away, and pods may run on it again; it is not deleted.`,
    );
  }
  if (!mayAct(context)) return overOutcome(context, 'nothing was changed.');
  if (!record.task.dryRun) await taskLog.note(record, { begun: true });
  const answer = await callPatiently(context, {
    method: 'DELETE',
    path: nodePath(ref.name),
    ...(record.task.dryRun ? { query: { dryRun: 'All' } } : {}),
    body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: ref.uid } },
  });
  if (answer.code === 409) return refused(`Node ${ref.name} was replaced: ${statusMessage(answer)}`);
  if (answer.code !== 404 && answer.code !== 200 && answer.code !== 202) {
    return failed(`Node ${ref.name} could not be deleted: ${statusMessage(answer)}`);
  }
  return done(
    record.task.dryRun ? `Dry run: node ${ref.name} would be deleted.` : `Node ${ref.name} is deleted.`,
  );
}
