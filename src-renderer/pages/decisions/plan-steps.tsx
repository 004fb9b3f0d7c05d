import { Loader, Text } from '@mantine/core';
import { IconCircle, IconCircleCheckFilled, IconCircleMinus, IconCircleXFilled } from '@tabler/icons-react';
import type { Plan, PlanStep } from '../../../common/contracts/index.ts';
import { formatDuration } from '../../../common/units/index.ts';

const WORDS: Record<PlanStep['kind'], string> = {
  check: 'Look at the cluster again',
  'add-node': 'Order a node from EC2',
  'wait-ready': 'Wait until the new node is ready',
  cordon: 'Cordon: the node takes no new pods',
  evict: 'Evict one pod, within its disruption budget: the node stays',
  settle: 'Wait until these pods run again, and look where the scheduler put them',
  release: 'Uncordon: the node takes pods again',
  drain: 'Drain: its pods move, within their disruption budgets',
  'end-instance': 'End its instance',
  'delete-node': 'Delete the node',
  uncordon: 'Uncordon: the node takes pods again',
  terminate: 'Terminate the instance that nobody needs',
  'resize-pod': 'Resize one pod in place, without a restart',
  'resize-workload': 'Change the template; its controller replaces the pods',
  watch: 'Watch for kills, crashes and throttling',
};

/** The steps of a plan with where each stands. */
export function PlanSteps({ plan: { steps, remove } }: { readonly plan: Plan }) {
  return (
    <ol style={{ margin: 0, padding: 0, listStyle: 'none', display: 'grid', gap: 10 }}>
      {steps.map(step => (
        <li key={step.index} style={{ display: 'flex', gap: 10 }}>
          <span style={{ lineHeight: 0, paddingTop: 2, width: 20 }}>
            <StepMark state={step.state} />
          </span>
          <div>
            <Text>
              {remove.length > 1 && step.node ? `${step.node.name} · ` : ''}
              {step.pod ? `${step.pod.name} · ` : ''}
              {stepWords(step)}
            </Text>
            <Text size="sm" c={step.state === 'failed' ? 'var(--co-risk-text)' : 'dimmed'}>
              {step.state}
              {step.startedAt !== null && step.endedAt !== null
                ? ` in ${formatDuration(step.endedAt - step.startedAt)}`
                : ''}
              {step.detail === null ? '' : `: ${step.detail}`}
            </Text>
          </div>
        </li>
      ))}
    </ol>
  );
}

function stepWords({ kind, undoes, instanceId, group }: PlanStep): string {
  if (kind.startsWith('resize-') && undoes !== undefined) return 'Give the old sizes back';
  if (kind !== 'end-instance') return WORDS[kind];
  const shrinks = group ? `: Auto Scaling group ${group.name} shrinks from ${group.from} to ${group.to}` : '';
  return `End instance ${instanceId}${shrinks}; nothing brings it back`;
}

function StepMark({ state }: { readonly state: PlanStep['state'] }) {
  if (state === 'running') return <Loader size={18} aria-hidden />;
  if (state === 'done') return <IconCircleCheckFilled size={20} color="var(--co-saving)" aria-hidden />;
  if (state === 'failed') return <IconCircleXFilled size={20} color="var(--co-risk)" aria-hidden />;
  if (state === 'skipped') return <IconCircleMinus size={20} color="var(--co-unknown)" aria-hidden />;
  return <IconCircle size={20} color="var(--co-unknown)" aria-hidden />;
}
