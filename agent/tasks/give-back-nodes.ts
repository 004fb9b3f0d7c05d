import type { AgentMessageBody } from '../../common/agent-protocol/index.ts';
import type { NodeObject, ObjectList } from '../../common/kubernetes/index.ts';
import { type KubernetesApi, statusMessage } from '../kubernetes/kubernetes-api.ts';
import { errorText, type Log } from '../log.ts';
import { pause } from '../pause.ts';
import { giveBackPatch, type NodeNote, nodePath, noteOf } from './node-steps.ts';
import type { TaskLog } from './task-records.ts';
import type { TaskRunner } from './task-runner.ts';

/** What giving nodes back needs. */
export interface GiveBackOptions {
  readonly api: KubernetesApi;
  readonly taskLog: Pick<TaskLog, 'highestEpoch' | 'find'>;
  readonly tasks: Pick<TaskRunner, 'endOverdue' | 'isRunning'>;
  readonly isConnected: () => boolean;
  readonly send: (body: AgentMessageBody) => void;
  readonly log: Log;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

const lookEveryMs = 5_000;
/** CloudOptim is away: longer than it takes to start again. */
const awayAfterMs = 15_000;
/** How long nothing is looked for when no cordon was found that could become due. */
const quietMs = 60_000;

/**
 * Makes nodes schedulable again that CloudOptim cordoned and that nobody would give back any more, told by what the nodes
 * themselves remember:
 *
 * - once after a start, those of tasks that this agent knows nothing of, because its disk is new;
 * - while CloudOptim is away, those whose task is past its deadline: tasks under way end there, and who would take back the
 *   cordon of a plan does not come.
 *
 * A cordon that somebody else made is never touched.
 */
export async function giveNodesBack(options: GiveBackOptions): Promise<void> {
  const { taskLog, tasks, isConnected, log, now, signal } = options;
  const knownEpoch = taskLog.highestEpoch;
  let isFresh = true;
  let awaySince = now();
  let lookAt = 0;
  while (!signal.aborted) {
    tasks.endOverdue();
    if (isConnected()) awaySince = Number.POSITIVE_INFINITY;
    else awaySince = Math.min(awaySince, now());
    const isAway = now() - awaySince >= awayAfterMs;
    try {
      if (isFresh) {
        // A drained node may be about to be removed, which goes on without its task.
        await giveBack(
          options,
          note => isLost(note) && note.step !== 'drained',
          'its task is not known any more',
        );
        isFresh = false;
      }
      if (isAway && now() >= lookAt) {
        const isDue = (note: NodeNote) => note.until !== undefined && note.until <= now();
        const left = await giveBack(options, isDue, 'CloudOptim was away past the deadline of its task');
        lookAt = Math.min(now() + quietMs, ...left.map(({ until = Infinity }) => until));
      }
    } catch (error) {
      log.warn('Cordoned nodes cannot be looked for; trying again', { reason: errorText(error) });
    }
    await pause(lookEveryMs, signal);
  }

  function isLost(note: NodeNote): boolean {
    return note.epoch > knownEpoch && taskLog.find(note.taskId) === undefined;
  }
}

/** Gives back the nodes that are due; answers with the notes of the others that CloudOptim has cordoned. */
async function giveBack(
  { api, tasks, send, log, signal }: GiveBackOptions,
  isDue: (note: NodeNote) => boolean,
  why: string,
): Promise<NodeNote[]> {
  const left: NodeNote[] = [];
  for (const node of await cordonedNodes(api)) {
    const note = noteOf(node);
    const name = node.metadata?.name ?? '';
    if (note?.own !== true) continue;
    if (signal.aborted || !isDue(note) || tasks.isRunning(note.taskId)) {
      left.push(note);
      continue;
    }
    const answer = await api.call({
      method: 'PATCH',
      path: nodePath(name),
      contentType: 'application/merge-patch+json',
      body: giveBackPatch(node, note),
    });
    if (answer.code === 200) {
      const message = `Node ${name} is schedulable again: CloudOptim had cordoned it, and ${why}.`;
      log.info(message, { taskId: note.taskId });
      send({ kind: 'event', reason: 'NodeGivenBack', object: `Node//${name}`, message, severity: 'warning' });
    } else {
      // Changed meanwhile, gone, or not allowed: the next look tells.
      log.warn(`Node ${name} could not be given back`, { reason: statusMessage(answer) });
      left.push(note);
    }
  }
  return left;
}

async function cordonedNodes(api: KubernetesApi): Promise<NodeObject[]> {
  const nodes: NodeObject[] = [];
  let next: string | undefined;
  do {
    // Few at a time: whole nodes are large.
    const query = { limit: 50, continue: next };
    const answer = await api.call({ method: 'GET', path: '/api/v1/nodes', query });
    if (answer.code !== 200) throw new Error(statusMessage(answer));
    const page = answer.body as ObjectList<NodeObject>;
    nodes.push(...(page.items ?? []).filter(node => node.spec?.unschedulable === true));
    next = page.metadata?.continue || undefined;
  } while (next !== undefined);
  return nodes;
}
