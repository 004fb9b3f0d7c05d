import { Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import {
  type ActivationEntry,
  api,
  type Experiment,
  type FillProgress,
  type ForecastSummary,
  type Model,
} from '../../../../common/contracts/index.ts';
import { DetailDrawer } from '../../../components/detail-drawer.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { FillProgressPanel } from '../../../components/progress-panel.tsx';
import { useRead } from '../../../connection/use-call.ts';
import { ActivateButton } from '../actions/activate-button.tsx';
import { DeleteModelButton } from '../actions/delete-model-button.tsx';
import { FillGapButton } from '../actions/fill-gap-button.tsx';
import { RollBackButton } from '../actions/roll-back-button.tsx';
import { StartExperimentButton } from '../actions/start-experiment-button.tsx';
import { CompareWith } from '../compare/compare-with.tsx';
import { lastFill, versionName } from '../model-order.ts';
import { gapText, ModelStateBadge } from '../model-state.tsx';
import { DetailPart } from './detail-part.tsx';
import { ModelDownloads } from './model-downloads.tsx';
import { ModelDrift } from './model-drift.tsx';
import { ModelError } from './model-error.tsx';
import { ModelFacts, ModelFeatures } from './model-facts.tsx';
import { ModelLedger } from './model-ledger.tsx';
import { ModelNotes } from './model-notes.tsx';
import { ModelTags } from './model-tags.tsx';

/** Others may activate and roll back, too; the ledger is no live topic. */
const LEDGER_MS = 20_000;

interface Surroundings {
  readonly models: readonly Model[];
  readonly experiments: readonly Experiment[];
  readonly fills: ReadonlyMap<string, FillProgress> | undefined;
  readonly summaries: ReadonlyMap<string, ForecastSummary>;
}

/** A model version in full, and what can be done with it. */
export function ModelDrawer({
  id,
  around,
  onClose,
}: {
  readonly id: string;
  /** What the page knows beside this version. */
  readonly around: Surroundings;
  readonly onClose: () => void;
}) {
  const read = useRead(api.models.getModel, { params: { id } }, { refetchMs: LEDGER_MS });
  const model = around.models.find(each => each.id === id) ?? read.data?.model;
  return (
    <DetailDrawer
      isOpen
      onClose={onClose}
      title={model ? versionName(model) : 'Model'}
      actions={model ? <Actions model={model} around={around} onDeleted={onClose} /> : undefined}
    >
      {read.error ? <ErrorState error={read.error} onRetry={() => void read.refetch()} /> : null}
      {model ? (
        <ModelBody model={model} around={around} activations={read.data?.activations} />
      ) : read.error ? null : (
        <LoadingRows />
      )}
    </DetailDrawer>
  );
}

function ModelBody(props: {
  readonly model: Model;
  readonly around: Surroundings;
  readonly activations: readonly ActivationEntry[] | undefined;
}): ReactNode {
  const { model, around, activations } = props;
  const summary = around.summaries.get(model.id);
  const drift = summary?.drift ?? undefined;
  const fill = lastFill(around.fills, model.id);
  const knownTags = [...new Set(around.models.flatMap(({ tags }) => tags))].sort();
  return (
    <>
      <div style={{ display: 'grid', gap: 6 }}>
        <Group gap="sm">
          <ModelStateBadge model={model} />
          <Text c="dimmed">{gapText(model)}</Text>
        </Group>
        {fill ? <FillProgressPanel fill={fill} /> : null}
      </div>
      <DetailPart title={`Verdict: ${model.verdict}`}>
        {model.reasons.length === 0 ? (
          <Text c="dimmed">Nothing was found against it.</Text>
        ) : (
          <ul style={{ margin: 0, paddingLeft: 20 }}>
            {model.reasons.map(reason => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        )}
      </DetailPart>
      <ModelError model={model} summary={summary} />
      {drift ? <ModelDrift drift={drift} /> : null}
      <ModelNotes key={`notes/${model.id}`} model={model} />
      <ModelTags key={`tags/${model.id}`} model={model} known={knownTags} />
      <ModelDownloads model={model} />
      <ModelFeatures names={model.manifest.features.map(({ name }) => name)} />
      <ModelFacts model={model} />
      {activations === undefined ? <LoadingRows rows={2} /> : <ModelLedger activations={activations} />}
    </>
  );
}

function Actions(props: {
  readonly model: Model;
  readonly around: Surroundings;
  readonly onDeleted: () => void;
}) {
  const { model, onDeleted } = props;
  const { models, experiments, fills } = props.around;
  const isChampion = model.aliases.includes('champion');
  return (
    <Group gap={8} w="100%">
      {isChampion ? (
        <RollBackButton champion={model} models={models} />
      ) : (
        <>
          <ActivateButton model={model} />
          <StartExperimentButton model={model} models={models} experiments={experiments} />
        </>
      )}
      <FillGapButton model={model} fill={lastFill(fills, model.id)} />
      <CompareWith model={model} models={models} />
      <div style={{ marginLeft: 'auto' }}>
        <DeleteModelButton model={model} onDeleted={onDeleted} />
      </div>
    </Group>
  );
}
