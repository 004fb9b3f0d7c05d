import { Button, Group } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import { api, type ContextPlan } from '../../../../common/contracts/index.ts';
import { saveTextFile } from '../../../components/csv.ts';
import { EmptyState } from '../../../components/empty-state.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { counted } from '../../../components/number-text.ts';
import { PageHeader } from '../../../components/page-header.tsx';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { RoleButton } from '../../../components/role-button.tsx';
import { ApiError } from '../../../connection/api-error.ts';
import { useConnection } from '../../../connection/connection-context.ts';
import { useAct, useRead } from '../../../connection/use-call.ts';
import { useLive } from '../../../connection/use-live.ts';
import { ContextPlanBadge } from './context-plan-columns.tsx';
import { ReadingPanel } from './reading-panel.tsx';

const PlanParts = lazy(() => import('./plan-parts.tsx').then(m => ({ default: m.PlanParts })));
const MIME = { markdown: 'text/markdown', json: 'application/json' } as const;

/** One plan for a context: how far it is, or what it says. */
export function ContextPlanPage() {
  const { plan: id = '' } = useParams<{ plan: string }>();
  const planId = decodeURIComponent(id);
  const { values, problem } = useLive('context-plans');
  const progress = values?.get(planId);
  const isDone = progress?.state === 'done';
  const made = useRead(api.contextPlans.getContextPlan, { params: { id: planId } }, { enabled: isDone });
  if (progress === undefined) {
    if (values === undefined && problem === undefined)
      return (
        <>
          <PageHeader title="Plan" sentence="Asking…" />
          <LoadingRows rows={8} />
        </>
      );
    return (
      <EmptyState
        title="This plan is gone"
        text={
          problem ??
          'Plans from kubeconfigs are kept until the engine ends, the last ten of them. Make a new one.'
        }
        action={<Link href="/clusters/kubeconfig">Choose a context</Link>}
      />
    );
  }
  return (
    <>
      <PageHeader
        title={`Plan for ${progress.context}`}
        sentence={<Sentence progress={progress} />}
        actions={<Actions progress={progress} />}
      />
      {progress.problem === null ? null : <ErrorState error={problemOf(progress.problem)} />}
      {progress.endedAt === null ? <ReadingPanel progress={progress} /> : null}
      {made.error ? <ErrorState error={made.error} onRetry={() => void made.refetch()} /> : null}
      {progress.state === 'stopped' ? (
        <EmptyState
          title="Stopped before there was a plan"
          text="Nothing was changed in the cluster, and nothing of it is kept."
          action={<Link href="/clusters/kubeconfig">Choose a context</Link>}
        />
      ) : null}
      {isDone ? (
        <Suspense fallback={<LoadingRows rows={8} />}>
          {made.data?.plan ? <PlanParts plan={made.data.plan} /> : <LoadingRows rows={8} />}
        </Suspense>
      ) : null}
    </>
  );
}

/** What the engine said of a reading that failed, as if it had refused a call. */
function problemOf(problem: NonNullable<ContextPlan['problem']>): ApiError {
  return new ApiError({ ...problem, code: 'kubeconfig.unusable', kind: 'operational', status: 0 });
}

function Sentence({ progress }: { readonly progress: ContextPlan }) {
  const { state, server, nodes, pods, readAt } = progress;
  return (
    <Group gap={8}>
      <ContextPlanBadge state={state} />
      <span>
        {server}
        {readAt === null ? (
          ', read by GET alone'
        ) : (
          <>
            : {counted(nodes, 'node')} and {counted(pods, 'pod')}, read <RelativeTime at={readAt} />
          </>
        )}
        . Nothing was installed, nothing is changed.{' '}
        <Link href="/clusters/kubeconfig" className="co-link">
          All contexts
        </Link>
      </span>
    </Group>
  );
}

function Actions({ progress }: { readonly progress: ContextPlan }) {
  const { client } = useConnection();
  const [, go] = useLocation();
  const stop = useAct(api.contextPlans.stopContextPlan);
  const again = useAct(api.contextPlans.startContextPlan, {
    onDone: ({ id }) => go(`/clusters/kubeconfig/${id}`),
  });
  const save = useExport(client, progress.id);
  if (progress.endedAt === null)
    return (
      <RoleButton
        needs="operator"
        variant="default"
        label={progress.state === 'planning' ? 'Take the best so far' : 'Stop reading'}
        loading={stop.isPending}
        onClick={() => stop.mutate({ params: { id: progress.id } })}
      />
    );
  return (
    <>
      {progress.state === 'done' ? (
        <>
          <Button variant="default" onClick={() => save('markdown')}>
            Save as Markdown
          </Button>
          <Button variant="default" onClick={() => save('json')}>
            Save as JSON
          </Button>
        </>
      ) : null}
      <RoleButton
        needs="operator"
        label="Read and plan again"
        loading={again.isPending}
        onClick={() => again.mutate({ body: { context: progress.context, file: progress.file } })}
      />
    </>
  );
}

function useExport(client: ReturnType<typeof useConnection>['client'], id: string) {
  return async (format: 'markdown' | 'json') => {
    const { fileName, text } = await client.call(api.contextPlans.exportContextPlan, {
      params: { id },
      query: { format },
    });
    saveTextFile(fileName, MIME[format], text);
  };
}
