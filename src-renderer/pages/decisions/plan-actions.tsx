import { Text } from '@mantine/core';
import { api, type Plan } from '../../../common/contracts/index.ts';
import { formatDuration } from '../../../common/units/index.ts';
import { counted } from '../../components/number-text.ts';
import { RoleButton } from '../../components/role-button.tsx';
import { useAct, useRead } from '../../connection/use-call.ts';

function nodesInWords({ remove }: Plan): string {
  const [only] = remove;
  return remove.length === 1 && only ? only.name : counted(remove.length, 'node');
}

/** What a stop does not take back. */
function endsWords({ steps }: Plan): string {
  const isEnding = steps.some(({ kind }) => kind === 'end-instance');
  return isEnding ? ', but no instance that was ended' : '';
}

/** What can be done with a plan now, and what that changes. */
export function PlanActions({ plan }: { readonly plan: Plan }) {
  const approve = useAct(api.decisions.approvePlan);
  const reject = useAct(api.decisions.rejectPlan);
  const stop = useAct(api.decisions.stopPlan);
  const owners = useRead(
    api.owners.getOwnerChanges,
    { params: { id: plan.id } },
    { enabled: plan.state === 'proposed' && !plan.resize },
  ).data;
  // The server would refuse it with the same sentence.
  const notOurs = owners?.nodes.find(({ problem }) => problem !== null)?.problem ?? undefined;
  const input = { params: { id: plan.id }, body: {} };
  if (plan.state === 'proposed')
    return (
      <>
        <RoleButton
          needs="operator"
          label="Approve and start"
          loading={approve.isPending}
          why={notOurs}
          onClick={() => approve.mutate(input)}
        />
        <RoleButton
          needs="operator"
          label="Reject"
          variant="default"
          loading={reject.isPending}
          onClick={() => reject.mutate(input)}
        />
        <Text size="sm" c="dimmed" ml="auto" maw={420}>
          {plan.resize
            ? 'Approving gives one pod the new sizes and watches it, then the others; Stop takes them back.'
            : `Approving cordons ${nodesInWords(plan)} and moves ${plan.remove.length === 1 ? 'its' : 'their'} pods; Stop gives back what still stands${endsWords(plan)}.`}
        </Text>
      </>
    );
  if (plan.state === 'running' || plan.state === 'approved')
    return (
      <>
        <RoleButton
          needs="operator"
          label="Stop"
          color="red.9"
          loading={stop.isPending}
          onClick={() => stop.mutate(input)}
        />
        <Text size="sm" c="dimmed">
          {plan.resize
            ? 'Takes the new sizes back.'
            : `Stops after the safe step; nodes that still stand take pods again${endsWords(plan)}.`}
        </Text>
      </>
    );
  return (
    <Text size="sm" c="dimmed">
      {plan.state === 'stopping'
        ? 'It stops after the safe step.'
        : `Nothing is left to decide; it took ${formatDuration(plan.changedAt - plan.createdAt)} from proposal to end.`}
    </Text>
  );
}
