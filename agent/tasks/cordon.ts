import { statusMessage } from '../kubernetes/kubernetes-api.ts';
import { findNode, patchNode, stepOf } from './node-steps.ts';
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
 * Cordons or uncordons a node. Effect and memory are one patch, so a repetition finds the step on the node and changes
 * nothing, also when somebody has turned it back meanwhile.
 */
export async function setCordon(
  context: TaskContext,
  ref: { name: string; uid: string },
  cordon: boolean,
): Promise<TaskOutcome> {
  const word = cordon ? 'cordoned' : 'uncordoned';
  const found = await findNode(context, ref);
  // A node that is gone is cordoned no more.
  if (found.kind === 'gone' && !cordon) return done(`Node ${ref.name} is gone.`);
  if (found.kind === 'gone') return refused(`Node ${ref.name} does not exist any more.`);
  if (found.kind === 'other')
    return refused(`Node ${ref.name} is another one now (uid ${found.uid}, not ${ref.uid}).`);
  if (stepOf(context, found) === word) return done(`Node ${ref.name} was ${word}.`);
  if ((found.node.spec?.unschedulable === true) === cordon)
    return done(`Node ${ref.name} was ${word} already.`);
  if (!mayAct(context)) return overOutcome(context, 'nothing was changed.');
  const answer = await patchNode(context, ref, { step: word, unschedulable: cordon, own: cordon });
  if (answer.code === 409 || answer.code === 404)
    return refused(`Node ${ref.name} was replaced: ${statusMessage(answer)}`);
  if (answer.code !== 200) return failed(`Node ${ref.name} could not be ${word}: ${statusMessage(answer)}`);
  return done(
    context.record.task.dryRun
      ? `Dry run: node ${ref.name} would be ${word}.`
      : `Node ${ref.name} is ${word}.`,
  );
}
