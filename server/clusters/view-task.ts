import type { TaskAction } from '../../common/agent-protocol/index.ts';
import type { TaskView } from '../../common/contracts/index.ts';
import type { TaskRecord } from './task-store.ts';

/** A task as a person sees it, with what was reported of it. */
export function viewTask(record: TaskRecord, steps: TaskView['steps']): TaskView {
  const { task, actor, state, result, createdAt, reportedAt, isCancelRequested } = record;
  const { taskId, epoch, dryRun, deadlineAt, action } = task;
  return {
    id: taskId,
    epoch,
    kind: action.kind,
    object: objectOf(action),
    dryRun,
    actor,
    state,
    detail: result?.detail ?? null,
    isCancelRequested,
    createdAt,
    deadlineAt,
    reportedAt,
    steps,
  };
}

/** What a task is about, as `Kind/namespace/name`. */
function objectOf(action: TaskAction): string {
  if ('node' in action) return `Node//${action.node.name}`;
  if ('pod' in action) return `Pod/${action.pod.namespace}/${action.pod.name}`;
  if ('pool' in action) return `NodePool//${action.pool.name}`;
  const { kind, namespace, name } = action.workload;
  return `${kind}/${namespace}/${name}`;
}
