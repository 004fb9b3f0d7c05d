import { Text } from '@mantine/core';
import type { FactOrigin, Plan } from '../../../common/contracts/index.ts';
import { DetailDrawer } from '../../components/detail-drawer.tsx';
import { counted } from '../../components/number-text.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { PlanCost } from './plan-cost.tsx';
import { PlanReasons } from './plan-reasons.tsx';
import { PlanStateBadge } from './plan-state-badge.tsx';
import { PlanSteps } from './plan-steps.tsx';

/** A plan of another engine as it last told it: to be read, and decided where it is. */
export function ElsewhereDrawer({
  plan,
  origin,
  onClose,
}: {
  readonly plan: Plan;
  readonly origin: FactOrigin;
  readonly onClose: () => void;
}) {
  const more = plan.more ? plan.more.pods + plan.more.steps + plan.more.reasons : 0;
  return (
    <DetailDrawer isOpen onClose={onClose} title={plan.title}>
      <Text component="div" c="dimmed">
        <PlanStateBadge plan={plan} /> {plan.clusterName}, by the {plan.engine} engine,{' '}
        <RelativeTime at={plan.createdAt} />
        {plan.approval === null ? null : (
          <>
            , approved by {plan.approval.by} <RelativeTime at={plan.approval.at} />
          </>
        )}
      </Text>
      <Text>
        It is a plan of the engine “{origin.name}”, as that told it with the last sync. It is approved,
        rejected and stopped there.
      </Text>
      {plan.outcome === null ? null : <Text>{plan.outcome}</Text>}
      <section aria-label="Reasons">
        <Heading text="Why" />
        <PlanReasons reasons={plan.reasons} />
      </section>
      <section aria-label="Cost">
        <Heading text="Every dollar" />
        <PlanCost plan={plan} />
      </section>
      <section aria-label="Steps">
        <Heading text="Steps" />
        <PlanSteps plan={plan} />
      </section>
      {more === 0 ? null : (
        <Text size="sm" c="dimmed">
          And {counted(more, 'part')} more, which “{origin.name}” lists.
        </Text>
      )}
    </DetailDrawer>
  );
}

function Heading({ text }: { readonly text: string }) {
  return (
    <Text component="h3" fw={620} m={0} mb={6}>
      {text}
    </Text>
  );
}
