import { agentTask } from '../../common/agent-protocol/index.ts';
import type { LinkEvents } from './server-link.ts';

/** Takes an offered task; one of a kind that this version does not know is refused by its id. */
export function readTask(offered: unknown, events: Pick<LinkEvents, 'onTask' | 'onUnreadableTask'>): void {
  const parsed = agentTask.safeParse(offered);
  if (parsed.success) {
    events.onTask(parsed.data);
    return;
  }
  const { taskId, epoch } = (offered ?? {}) as { taskId?: unknown; epoch?: unknown };
  if (typeof taskId === 'string' && typeof epoch === 'number') events.onUnreadableTask(taskId, epoch);
}
