import { Link } from 'wouter';
import type { ContextPlan } from '../../../../common/contracts/index.ts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import type { TableColumn } from '../../../components/table-columns.ts';
import { type Tone, ToneBadge } from '../../../components/tone-badge.tsx';
import { pagePart } from '../../../connection/api-path.ts';

const STATES: Record<ContextPlan['state'], { readonly text: string; readonly tone: Tone }> = {
  'signing-in': { text: 'Signing in', tone: 'busy' },
  reading: { text: 'Reading', tone: 'busy' },
  planning: { text: 'Planning', tone: 'busy' },
  done: { text: 'Planned', tone: 'good' },
  failed: { text: 'Failed', tone: 'risk' },
  stopped: { text: 'Stopped', tone: 'neutral' },
};

/** State of a plan for a context in a word. */
export function ContextPlanBadge({ state }: Pick<ContextPlan, 'state'>) {
  return <ToneBadge tone={STATES[state].tone}>{STATES[state].text}</ToneBadge>;
}

/** Columns of plans from kubeconfigs. */
export const contextPlanColumns: readonly TableColumn<ContextPlan>[] = [
  {
    id: 'context',
    header: 'Context',
    grows: true,
    value: ({ context }) => context,
    cell: ({ id, context }) => (
      <Link href={`/clusters/kubeconfig/${pagePart(id)}`} style={{ fontWeight: 600 }}>
        {context}
      </Link>
    ),
  },
  {
    id: 'state',
    header: 'State',
    value: ({ state }) => STATES[state].text,
    cell: ({ state }) => <ContextPlanBadge state={state} />,
  },
  { id: 'server', header: 'Server', grows: true, value: ({ server }) => server },
  {
    id: 'started',
    header: 'Asked for',
    value: ({ startedAt }) => startedAt,
    cell: ({ startedAt }) => <RelativeTime at={startedAt} />,
  },
];
