import { z } from 'zod';
import type { NodeObject } from '../../common/kubernetes/index.ts';
import { type ApiAnswer, type ApiCall, statusMessage } from '../kubernetes/kubernetes-api.ts';
import { backoffMs, pause } from '../pause.ts';
import type { TaskContext } from './task-outcome.ts';

/** The annotation in which the cluster itself remembers the last step of a task: a `NodeNote`. */
const taskAnnotation = 'cloudoptim.io/task';

/** The step of a cordon that was taken back because nobody was left who would have. */
export const givenBack = 'given back';

const mergePatch = 'application/merge-patch+json';

const nodeNote = z.object({
  taskId: z.string(),
  epoch: z.number(),
  step: z.string(),
  /** The node is cordoned by CloudOptim; nobody else had done it before. */
  own: z.boolean().optional(),
  /** Deadline of the task, in ms. A cordon of our own that outlives it is given back when CloudOptim is away. */
  until: z.number().optional(),
});
/** What a node remembers of the last task about it. */
export type NodeNote = z.output<typeof nodeNote>;

/** The node of a task: found under its uid, gone, or another one under the same name. */
export type FoundNode =
  | { readonly kind: 'found'; readonly node: NodeObject; readonly note: NodeNote | undefined }
  | { readonly kind: 'gone' }
  | { readonly kind: 'other'; readonly uid: string };

/**
 * A call that is tried again while the API gives no answer or is overloaded (429 without a budget, 5xx), until the task
 * is over. Returns the last answer, or throws the last error.
 */
export async function callPatiently(context: TaskContext, call: ApiCall): Promise<ApiAnswer> {
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await context.api.call(call);
      if ((answer.code < 500 && answer.code !== 429) || context.over.aborted) return answer;
    } catch (error) {
      if (context.over.aborted) throw error;
    }
    await pause(backoffMs(attempt, 500, 5_000, context.random), context.over);
  }
}

/** Reads the node and what step of this task it remembers. Throws when the API does not let it be read. */
export async function findNode(context: TaskContext, ref: { name: string; uid: string }): Promise<FoundNode> {
  const answer = await callPatiently(context, { method: 'GET', path: nodePath(ref.name) });
  if (answer.code === 404) return { kind: 'gone' };
  if (answer.code !== 200) throw new Error(`Node ${ref.name} cannot be read: ${statusMessage(answer)}`);
  const node = answer.body as NodeObject;
  const uid = node.metadata?.uid ?? '';
  return uid === ref.uid ? { kind: 'found', node, note: noteOf(node) } : { kind: 'other', uid };
}

/** The step of this very task that a node remembers. */
export function stepOf(
  { record }: TaskContext,
  { note }: { readonly note: NodeNote | undefined },
): string | undefined {
  return note?.taskId === record.task.taskId ? note.step : undefined;
}

/** What a node remembers; `undefined` when that is nothing, or nothing that can be read. */
export function noteOf(node: NodeObject): NodeNote | undefined {
  const text = node.metadata?.annotations?.[taskAnnotation];
  if (text === undefined) return undefined;
  try {
    return nodeNote.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Merge patch that gives a node back, on the condition that it is still as it was seen. */
export function giveBackPatch({ metadata = {} }: NodeObject, note: NodeNote): object {
  const { own: _, ...left } = note;
  return {
    metadata: {
      uid: metadata.uid,
      resourceVersion: metadata.resourceVersion,
      annotations: { [taskAnnotation]: JSON.stringify({ ...left, step: givenBack }) },
    },
    spec: { unschedulable: null },
  };
}

/**
 * One merge patch that changes the node and remembers the step in it, so that both happen or none. `unschedulable`
 * undefined only remembers; `own`: the cordon that the node has is CloudOptim's. The uid is a precondition, and so is the version
 * where one is given (409 when the node is another one). A dry run changes nothing.
 */
export async function patchNode(
  context: TaskContext,
  ref: { name: string; uid: string },
  change: {
    readonly step: string;
    readonly unschedulable?: boolean;
    readonly own?: boolean;
    readonly resourceVersion?: string | undefined;
  },
): Promise<ApiAnswer> {
  const { taskId, epoch, deadlineAt, dryRun } = context.record.task;
  const own = change.own === true ? { own: true } : {};
  const note = JSON.stringify({
    taskId,
    epoch,
    step: change.step,
    until: deadlineAt,
    ...own,
  } satisfies NodeNote);
  return callPatiently(context, {
    method: 'PATCH',
    path: nodePath(ref.name),
    contentType: mergePatch,
    ...(dryRun ? { query: { dryRun: 'All' } } : {}),
    body: {
      metadata: {
        uid: ref.uid,
        ...(change.resourceVersion === undefined ? {} : { resourceVersion: change.resourceVersion }),
        annotations: { [taskAnnotation]: note },
      },
      // Absent rather than false, as kubectl and the node controllers leave it.
      ...(change.unschedulable === undefined
        ? {}
        : { spec: { unschedulable: change.unschedulable || null } }),
    },
  });
}

/** Path of a node in the API. */
export function nodePath(name: string): string {
  return `/api/v1/nodes/${encodeURIComponent(name)}`;
}
