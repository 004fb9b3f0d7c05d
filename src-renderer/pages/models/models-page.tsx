import { IconBox } from '@tabler/icons-react';
import { lazy, Suspense, useMemo } from 'react';
import { useLocation, useParams, useSearchParams } from 'wouter';
import { EmptyState } from '../../components/empty-state.tsx';
import { Figures } from '../../components/figures.tsx';
import { LiveProblem } from '../../components/live-problem.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { useLive } from '../../connection/use-live.ts';
import { useWaitingDrafts } from '../../connection/use-model-uploads.ts';
import { RollBackButton } from './actions/roll-back-button.tsx';
import { ExperimentsCard } from './experiments/experiments-card.tsx';
import { ModelCard } from './model-card.tsx';
import { byImportance, lastFill, modelsInFocus } from './model-order.ts';
import { modelsFigures, modelsSentence } from './models-summary.ts';
import { UploadButton } from './upload/upload-button.tsx';
import { UploadList } from './upload/upload-list.tsx';
import { WhatCanBeUploaded } from './upload/what-can-be-uploaded.tsx';
import { useForecastSummaries } from './use-forecast-summaries.ts';
import { VersionsCard } from './versions-card.tsx';

const ModelDrawer = lazy(() => import('./drawer/model-drawer.tsx').then(m => ({ default: m.ModelDrawer })));
const ManifestDialog = lazy(() =>
  import('./manifest-form/manifest-dialog.tsx').then(m => ({ default: m.ManifestDialog })),
);
const StartExperiment = lazy(() =>
  import('./experiments/start-experiment.tsx').then(m => ({ default: m.StartExperiment })),
);

/** Model versions: upload, bring up to date, activate, compare, go back. */
export function ModelsPage() {
  const params = useParams<{ id?: string }>();
  const id = params.id === undefined ? undefined : decodeURIComponent(params.id);
  const [search] = useSearchParams();
  const [, go] = useLocation();
  const { values, problem } = useLive('models');
  const fills = useLive('fills').values;
  const experimentValues = useLive('experiments').values;
  const summaries = useForecastSummaries();
  useWaitingDrafts();
  const models = useMemo(() => values && [...values.values()].toSorted(byImportance), [values]);
  const experiments = useMemo(() => [...(experimentValues?.values() ?? [])], [experimentValues]);
  const known = { models: models ?? [], experiments, summaries };
  const draftId = search.get('draft');
  const toList = () => go('/models');
  const rollBack = (
    <RollBackButton
      champion={models?.find(({ aliases }) => aliases.includes('champion'))}
      models={models ?? []}
    />
  );
  return (
    <>
      <PageHeader
        title="Models"
        sentence={models === undefined ? 'Asking…' : modelsSentence(known)}
        actions={<UploadButton />}
      />
      <LiveProblem problem={problem} />
      <UploadList />
      {models === undefined || values === undefined ? (
        <div className="co-card">
          <LoadingRows rows={8} />
        </div>
      ) : models.length === 0 ? (
        <div className="co-card">
          <EmptyState
            icon={<IconBox size={34} stroke={1.4} />}
            title="No model yet"
            text={
              <div style={{ display: 'grid', gap: 10 }}>
                A model predicts Spot prices, and decisions use what it predicts once it is better than “the
                last price stays”. Upload one by the button, or drop it anywhere on this window.
                <div style={{ textAlign: 'left' }}>
                  <WhatCanBeUploaded />
                </div>
              </div>
            }
            action={<UploadButton />}
          />
        </div>
      ) : (
        <>
          <Figures figures={modelsFigures(known)} />
          {modelsInFocus(models, fills).map(model => (
            <ModelCard
              key={model.id}
              model={model}
              fill={lastFill(fills, model.id)}
              summary={summaries.get(model.id)}
              championAction={rollBack}
            />
          ))}
          <VersionsCard models={models} summaries={summaries} currentId={id} />
          <ExperimentsCard models={values} experiments={experiments} />
        </>
      )}
      <Suspense fallback={null}>
        {id === undefined ? null : <ModelDrawer id={id} around={{ ...known, fills }} onClose={toList} />}
        {draftId === null ? null : <ManifestDialog draftId={draftId} onClose={toList} />}
        {search.get('experiment') === 'new' && models ? (
          <StartExperiment
            models={models}
            experiments={experiments}
            challengerId={search.get('challenger')}
            onClose={toList}
          />
        ) : null}
      </Suspense>
    </>
  );
}
