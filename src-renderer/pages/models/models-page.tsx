import { Alert, Button, FileButton, Progress, Text } from '@mantine/core';
import { IconBox, IconUpload } from '@tabler/icons-react';
import { useLocation, useParams } from 'wouter';
import { api, type FillProgress, type Model } from '../../../common/contracts/index.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LiveProblem } from '../../components/live-problem.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { counted, formatPercent } from '../../components/number-text.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { RoleButton } from '../../components/role-button.tsx';
import { pagePart } from '../../connection/api-path.ts';
import { useConnection, useMay } from '../../connection/connection-context.ts';
import { dismissUpload, offerModelFile, useModelUpload } from '../../connection/model-upload.ts';
import { useAct } from '../../connection/use-call.ts';
import { useLive } from '../../connection/use-live.ts';
import { ModelCard } from './model-card.tsx';
import { ModelDrawer } from './model-drawer.tsx';

/** Model versions: upload, bring up to date, activate. */
export function ModelsPage() {
  const { id } = useParams<{ id?: string }>();
  const [, go] = useLocation();
  const { values, problem } = useLive('models');
  const fills = useLive('fills').values;
  const models =
    values && [...values.values()].toSorted((a, b) => rank(a) - rank(b) || b.uploadedAt - a.uploadedAt);
  const rollback = useAct(api.models.rollbackModel);
  return (
    <>
      <PageHeader
        title="Models"
        sentence={models === undefined ? 'Asking…' : sentenceOf(models)}
        actions={
          <>
            <RoleButton
              needs="operator"
              variant="default"
              label="Roll back"
              loading={rollback.isPending}
              why={
                models?.some(({ aliases }) => aliases.includes('champion'))
                  ? undefined
                  : 'No model is champion, so there is none to go back from.'
              }
              onClick={() => rollback.mutate({ body: { task: 'spot-price' } })}
            />
            <UploadButton />
          </>
        }
      />
      <LiveProblem problem={problem} />
      <UploadOutcome />
      {models === undefined ? (
        <div className="co-card">
          <LoadingRows />
        </div>
      ) : models.length === 0 ? (
        <div className="co-card">
          <EmptyState
            icon={<IconBox size={34} stroke={1.4} />}
            title="No model yet"
            text="Upload a pre-trained model (.onnx, or .pkl and .joblib, read without running them) by the button, or drop it anywhere on this window, with its .json manifest if it has one."
            action={<UploadButton />}
          />
        </div>
      ) : (
        models.map(model => (
          <ModelCard
            key={model.id}
            model={model}
            fill={lastFill(fills, model.id)}
            onOpen={() => go(`/models/${pagePart(model.id)}`)}
          />
        ))
      )}
      <ModelDrawer id={id === undefined ? undefined : decodeURIComponent(id)} onClose={() => go('/models')} />
    </>
  );
}

function sentenceOf(models: readonly Model[]): string {
  const champion = models.find(({ aliases }) => aliases.includes('champion'));
  const open = models.filter(({ state }) => state === 'gap-open').length;
  const serves = champion
    ? `${champion.manifest.name} is the active model`
    : 'No model is active; the last price stands for the future';
  return `${serves}; ${open === 0 ? 'no gap is open' : `${counted(open, 'model')} with an open gap`}.`;
}

function rank(model: Model): number {
  if (model.aliases.includes('champion')) return 0;
  return ['rejected', 'faulty', 'retired'].includes(model.state) ? 2 : 1;
}

function lastFill(
  fills: ReadonlyMap<string, FillProgress> | undefined,
  modelId: string,
): FillProgress | undefined {
  return [...(fills?.values() ?? [])]
    .filter(fill => fill.modelId === modelId)
    .reduce<FillProgress | undefined>(
      (newest, fill) =>
        newest && (newest.startedAt ?? Infinity) > (fill.startedAt ?? Infinity) ? newest : fill,
      undefined,
    );
}

function UploadButton() {
  const { client } = useConnection();
  const mayUpload = useMay('operator');
  const isSending = useModelUpload().phase === 'sending';
  if (!mayUpload) return <RoleButton needs="operator" label="Upload a model" onClick={() => undefined} />;
  return (
    <FileButton
      multiple
      inputProps={{ 'aria-label': 'Model file' }}
      onChange={files => void offerModelFile(client.address, files)}
      accept=".onnx,.pkl,.pickle,.joblib,.json"
    >
      {props => (
        <Button {...props} leftSection={<IconUpload size={17} aria-hidden />} loading={isSending}>
          Upload a model
        </Button>
      )}
    </FileButton>
  );
}

function UploadOutcome() {
  const upload = useModelUpload();
  if (upload.phase === 'none') return null;
  if (upload.phase === 'failed') return <ErrorState error={upload.error} onRetry={undefined} />;
  if (upload.phase === 'sending')
    return (
      <div className="co-card" style={{ padding: 16 }}>
        <Text mb={8}>
          {upload.share < 1
            ? `Uploading ${upload.fileName}, ${formatPercent(Math.round(upload.share * 100))}`
            : `Inspecting ${upload.fileName}…`}
        </Text>
        <Progress.Root>
          <Progress.Section
            value={upload.share * 100}
            aria-label="Upload progress"
            animated={upload.share === 1}
          />
        </Progress.Root>
      </div>
    );
  const { manifest, verdict, reasons } = upload.model;
  return (
    <Alert
      color={verdict === 'accepted' ? 'teal' : 'orange'}
      variant="light"
      withCloseButton
      closeButtonLabel="Dismiss"
      onClose={dismissUpload}
      title={`${manifest.name} ${manifest.version} was ${verdict}`}
      styles={{ title: { color: 'var(--mantine-color-text)' } }}
    >
      {reasons.length === 0 ? 'Next: fill its gap, then activate it.' : reasons.join(' ')}
    </Alert>
  );
}
