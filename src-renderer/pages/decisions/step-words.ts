import type { PlanStep } from '../../../common/contracts/index.ts';

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

/** What a step does, in words. */
export function stepWords({ kind, undoes, instanceId, group }: PlanStep): string {
  if (kind.startsWith('resize-') && undoes !== undefined) return 'Give the old sizes back';
  if (kind !== 'end-instance') return WORDS[kind];
  const shrinks = group ? `: Auto Scaling group ${group.name} shrinks from ${group.from} to ${group.to}` : '';
  return `End instance ${instanceId}${shrinks}; nothing brings it back`;
}
