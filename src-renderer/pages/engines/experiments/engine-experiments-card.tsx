import { lazy, Suspense } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import type { Engine } from '../../../../common/contracts/index.ts';
import { Card } from '../../../components/card.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { EmptyState } from '../../../components/empty-state.tsx';
import { LiveProblem } from '../../../components/live-problem.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { RoleButton } from '../../../components/role-button.tsx';
import { pagePart } from '../../../connection/api-path.ts';
import { useLive } from '../../../connection/use-live.ts';
import { engineExperimentColumns } from './engine-experiment-columns.tsx';

const StartEngineExperiment = lazy(() =>
  import('./start-engine-experiment.tsx').then(m => ({ default: m.StartEngineExperiment })),
);

/** Experiments between engines: the one that runs first, then how the others ended. */
export function EngineExperimentsCard(props: {
  readonly engines: readonly Engine[];
  /** Ids of engines that clusters use. */
  readonly used: readonly string[];
}) {
  const { engines, used } = props;
  const { values, problem } = useLive('engine-experiments');
  const [search] = useSearchParams();
  const [, go] = useLocation();
  const experiments = [...(values?.values() ?? [])].toSorted(
    (a, b) => Number(b.endedAt === null) - Number(a.endedAt === null) || b.startedAt - a.startedAt,
  );
  const why =
    values === undefined
      ? 'Experiments are still being loaded.'
      : used.length === 0
        ? 'No cluster is connected, so there is no engine to compare with.'
        : experiments[0]?.endedAt === null
          ? 'An experiment runs already; one runs at a time.'
          : undefined;
  const start = (
    <RoleButton
      needs="operator"
      label="Start experiment…"
      size="xs"
      variant="default"
      why={why}
      onClick={() => go('/engines?experiment=new')}
    />
  );
  return (
    <Card title="Experiments" padded={false} aside={start}>
      <LiveProblem problem={problem} />
      {values === undefined ? (
        <LoadingRows rows={1} />
      ) : experiments.length === 0 ? (
        <EmptyState
          title="No experiment yet"
          text="An experiment holds another engine against the one that clusters use: in shadow, where it is asked about the same state after each run and plans nothing, or planning for a share of the clusters."
        />
      ) : (
        <DataTable
          label="Experiments"
          tools={experiments.length > 8}
          rows={experiments}
          rowKey={experiment => experiment.id}
          columns={engineExperimentColumns}
          onOpen={experiment => go(`/engines/experiments/${pagePart(experiment.id)}`)}
          maxHeight={320}
        />
      )}
      <Suspense fallback={null}>
        {search.get('experiment') === 'new' && why === undefined ? (
          <StartEngineExperiment engines={engines} used={used} onClose={() => go('/engines')} />
        ) : null}
      </Suspense>
    </Card>
  );
}
