import type { TaskView } from '../../../../common/contracts/index.ts';
import type { Tone } from '../../../components/tone-badge.tsx';
import { objectText } from './object-text.ts';

const KINDS: Readonly<Record<string, string>> = {
  cordon: 'Cordon',
  uncordon: 'Uncordon',
  evict: 'Evict',
  drain: 'Drain',
  'delete-node': 'Delete',
  'resize-pod': 'Resize',
  'resize-workload': 'Resize',
  label: 'Label',
  taint: 'Taint',
  'change-nodepool': 'Change',
};

/** `Drain Node ip-10-0-0-1`, `Try: evict Pod shop/web-1`. */
export function taskTitle({ kind, object, dryRun }: Pick<TaskView, 'kind' | 'object' | 'dryRun'>): string {
  const verb = KINDS[kind] ?? kind;
  return `${dryRun ? `Try: ${verb.toLowerCase()}` : verb} ${objectText(object)}`;
}

/** State of a task in words, with what they mean. */
export const taskStateWords: Readonly<Record<TaskView['state'], { tone: Tone; text: string }>> = {
  queued: { tone: 'busy', text: 'Waits for the agent' },
  running: { tone: 'busy', text: 'Under way' },
  done: { tone: 'good', text: 'Done' },
  failed: { tone: 'risk', text: 'Failed' },
  refused: { tone: 'risk', text: 'Refused' },
  cancelled: { tone: 'neutral', text: 'Cancelled' },
};
