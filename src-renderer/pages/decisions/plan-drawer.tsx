import { Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Link } from 'wouter';
import type { Plan } from '../../../common/contracts/index.ts';
import { DetailDrawer } from '../../components/detail-drawer.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { counted, formatCount } from '../../components/number-text.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { pagePart } from '../../connection/api-path.ts';
import { InstanceNotes } from './instance-notes.tsx';
import { PlanActions } from './plan-actions.tsx';
import { PlanCost } from './plan-cost.tsx';
import { PlanReasons } from './plan-reasons.tsx';
import { PlanStateBadge } from './plan-state-badge.tsx';
import { usePlan } from './use-plan.ts';

const ResizeChanges = lazy(() => import('./resize-changes.tsx').then(m => ({ default: m.ResizeChanges })));
const PlanSteps = lazy(() => import('./plan-steps.tsx').then(m => ({ default: m.PlanSteps })));

/** The whole plan, one click away, has a table for all. */
const MOST_PODS = 100;

/** A plan in full: why, every dollar, what moves, the steps, and what can be done with it. */
export function PlanDrawer({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const { plan, isMissing, problem } = usePlan(id);
  return (
    <DetailDrawer
      isOpen
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
      <InstanceNotes plan={plan} />
      <Link href={`/decisions/${pagePart(plan.id)}/plan`} className="co-link">
        {plan.resize
          ? 'Open the whole plan: every change, and as a file for Git'
          : 'Open the whole plan: the map before and after, every move'}
      </Link>
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
        <Suspense fallback={<LoadingRows />}>
          <PlanSteps plan={plan} />
        </Suspense>
      </section>
      {plan.resize ? (
        <Suspense fallback={<LoadingRows />}>
          <ResizeChanges resize={plan.resize} />
        </Suspense>
      ) : null}
      <section aria-label="Pods of the plan">
        <Heading text={`${counted(plan.pods.length, 'pod')} to ${plan.resize ? 'resize' : 'move'}`} />
        <ul style={{ margin: 0, paddingLeft: 20, fontSize: '0.8125rem' }}>
          {plan.pods.slice(0, MOST_PODS).map(pod => (
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
        {plan.pods.length <= MOST_PODS ? null : (
          <Text size="sm" c="dimmed" mt={6}>
            and {formatCount(plan.pods.length - MOST_PODS)} more, which the whole plan lists
          </Text>
        )}
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
