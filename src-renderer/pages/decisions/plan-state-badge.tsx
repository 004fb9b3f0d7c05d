import type { Plan, PlanState } from '../../../common/contracts/index.ts';
import { type Tone, ToneBadge } from '../../components/tone-badge.tsx';

const STATES: Record<PlanState, { tone: Tone; text: string }> = {
  proposed: { tone: 'busy', text: 'Waits for you' },
  approved: { tone: 'busy', text: 'Approved' },
  running: { tone: 'busy', text: 'Running' },
  stopping: { tone: 'risk', text: 'Stopping' },
  succeeded: { tone: 'good', text: 'Succeeded' },
  failed: { tone: 'risk', text: 'Failed' },
  rejected: { tone: 'neutral', text: 'Rejected' },
  stopped: { tone: 'neutral', text: 'Stopped' },
  stale: { tone: 'neutral', text: 'Stale' },
};

/** State of a plan as it is shown. */
export function planStateText(state: PlanState): string {
  return STATES[state].text;
}

/** State of a plan in a word; running ones with the steps that are done. */
export function PlanStateBadge({ plan }: { readonly plan: Pick<Plan, 'state' | 'steps' | 'more'> }) {
  const { tone, text } = STATES[plan.state];
  const isRunning = plan.state === 'running' || plan.state === 'stopping';
  const listed = plan.steps.filter(({ state }) => state === 'done' || state === 'skipped').length;
  const finished = listed + (plan.more?.stepsEnded ?? 0);
  return (
    <ToneBadge tone={tone}>
      {isRunning ? `${text}, ${finished} of ${plan.steps.length + (plan.more?.steps ?? 0)} steps` : text}
    </ToneBadge>
  );
}
