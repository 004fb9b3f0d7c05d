import { Text } from '@mantine/core';
import { api, type Plan } from '../../../common/contracts/index.ts';
import { formatDuration } from '../../../common/units/index.ts';
import { DetailDrawer } from '../../components/detail-drawer.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { counted } from '../../components/number-text.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RoleButton } from '../../components/role-button.tsx';
import { useAct } from '../../connection/use-call.ts';
import { useLive } from '../../connection/use-live.ts';
import { PlanCost } from './plan-cost.tsx';
import { PlanStateBadge } from './plan-state-badge.tsx';
import { PlanSteps } from './plan-steps.tsx';

/** A plan in full: why, every dollar, what moves, the steps, and what can be done with it. */
export function PlanDrawer({
  id,
  onClose,
}: {
  readonly id: string | undefined;
  readonly onClose: () => void;
}) {
  const { values, problem } = useLive(id === undefined ? undefined : `plan/${id}`);
  const plan = values?.get('plan');
  const isMissing = problem !== undefined || (values !== undefined && plan === undefined);
  return (
    <DetailDrawer
      isOpen={id !== undefined}
      onClose={onClose}
      title={plan?.title ?? 'Plan'}
      actions={plan ? <PlanActions plan={plan} /> : undefined}
    >
      {plan ? (
        <PlanBody plan={plan} />
      ) : isMissing ? (
        <EmptyState
          title="This plan is not known"
          text={problem ?? 'It may be older than what the engine keeps.'}
        />
      ) : (
        <LoadingRows />
      )}
    </DetailDrawer>
  );
}

function PlanBody({ plan }: { readonly plan: Plan }) {
  return (
    <>
      <Text component="div" c="dimmed">
        <PlanStateBadge plan={plan} /> {plan.clusterName}, by the {plan.engine} engine,{' '}
        <RelativeTime at={plan.createdAt} />
        {plan.approval === null ? null : (
          <>
            , approved by {plan.approval.by} <RelativeTime at={plan.approval.at} />
          </>
        )}
      </Text>
      {plan.outcome === null ? null : <Text>{plan.outcome}</Text>}
      <section aria-label="Reasons">
        <Heading text="Why" />
        <ul style={{ margin: 0, paddingLeft: 20, display: 'grid', gap: 4 }}>
          {plan.reasons.map(({ code, text }) => (
            <li key={code + text}>{text}</li>
          ))}
        </ul>
      </section>
      <section aria-label="Cost">
        <Heading text="Every dollar" />
        <PlanCost plan={plan} />
      </section>
      <section aria-label="Steps">
        <Heading text="Steps" />
        <PlanSteps plan={plan} />
      </section>
      <section aria-label="Pods to move">
        <Heading text={`${counted(plan.pods.length, 'pod')} to move`} />
        <ul style={{ margin: 0, paddingLeft: 20, fontSize: '0.8125rem' }}>
          {plan.pods.map(pod => (
            <li key={pod.uid}>
              {pod.namespace}/{pod.name}
              {pod.owner === null ? null : (
                <Text span c="dimmed" inherit>
                  {' '}
                  of {pod.owner}
                </Text>
              )}
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

function Heading({ text }: { readonly text: string }) {
  return (
    <Text component="h3" fw={620} m={0} mb={6}>
      {text}
    </Text>
  );
}

function nodesInWords({ remove }: Plan): string {
  const [only] = remove;
  return remove.length === 1 && only ? only.name : counted(remove.length, 'node');
}

function PlanActions({ plan }: { readonly plan: Plan }) {
  const approve = useAct(api.decisions.approvePlan);
  const reject = useAct(api.decisions.rejectPlan);
  const stop = useAct(api.decisions.stopPlan);
  const input = { params: { id: plan.id }, body: {} };
  if (plan.state === 'proposed')
    return (
      <>
        <RoleButton
          needs="operator"
          label="Approve and start"
          loading={approve.isPending}
          onClick={() => approve.mutate(input)}
        />
        <RoleButton
          needs="operator"
          label="Reject"
          variant="default"
          loading={reject.isPending}
          onClick={() => reject.mutate(input)}
        />
        <Text size="sm" c="dimmed" ml="auto" maw={270}>
          Approving cordons {nodesInWords(plan)} and moves {plan.remove.length === 1 ? 'its' : 'their'} pods;
          Stop gives back what still stands.
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
          Stops after the safe step; nodes that still stand take pods again.
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
