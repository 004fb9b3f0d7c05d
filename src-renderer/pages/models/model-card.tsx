import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import { api, type FillProgress, type Model } from '../../../common/contracts/index.ts';
import { formatBytes } from '../../../common/units/index.ts';
import { formatShare, threeDigits } from '../../components/number-text.ts';
import { FillProgressPanel } from '../../components/progress-panel.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RoleButton } from '../../components/role-button.tsx';
import { UnknownText } from '../../components/unknown-text.tsx';
import { pagePart } from '../../connection/api-path.ts';
import { useAct } from '../../connection/use-call.ts';
import { FillGapDialog } from './fill-gap-dialog.tsx';
import { gapText, ModelStateBadge } from './model-state.tsx';

/** A model version with its gap, what was reported of it, its fill, and what can be done. */
export function ModelCard({
  model,
  fill,
  onOpen,
}: {
  readonly model: Model;
  readonly fill: FillProgress | undefined;
  readonly onOpen: () => void;
}) {
  const { manifest } = model;
  const name = `${manifest.name} ${manifest.version}`;
  return (
    <article className="co-card" style={{ padding: 18, display: 'grid', gap: 14 }} aria-label={name}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div style={{ display: 'grid', gap: 5, minWidth: 0 }}>
          <Group gap="sm">
            <Link
              href={`/models/${pagePart(model.id)}`}
              data-row
              style={{ fontWeight: 640, fontSize: '1rem' }}
            >
              {name}
            </Link>
            <ModelStateBadge model={model} />
          </Group>
          <Text>{capitalised(gapText(model))}</Text>
          <Text size="sm" c="dimmed">
            {manifest.task}, {threeDigits(manifest.horizonHours)} h ahead, {manifest.scope.regions.join(', ')}{' '}
            · {model.format}, {formatBytes(model.bytes)} · uploaded <RelativeTime at={model.uploadedAt} />
          </Text>
        </div>
        <Group gap="xs" wrap="nowrap">
          <ModelActions model={model} isFilling={fill?.state === 'running' || fill?.state === 'queued'} />
          <Button variant="subtle" onClick={onOpen} aria-label={`Details of ${name}`}>
            Details
          </Button>
        </Group>
      </Group>
      {model.reasons.length > 0 && ['rejected', 'faulty'].includes(model.state) ? (
        <Text c="var(--co-risk-text)">{model.reasons.join(' ')}</Text>
      ) : null}
      <Reported model={model} />
      {fill ? <FillProgressPanel fill={fill} /> : null}
    </article>
  );
}

function Reported({ model }: { readonly model: Model }) {
  const { reported } = model.manifest;
  return (
    <div className="co-legend">
      <span>
        Reported error:{' '}
        {reported ? (
          <b>${threeDigits(reported.mae)}/h</b>
        ) : (
          <UnknownText reason="The manifest names no figure of the training. Forecasts shows what this engine measures itself." />
        )}
      </span>
      {reported ? (
        <span>
          Persistence on the same points: <b>${threeDigits(reported.baselineMae)}/h</b>
        </span>
      ) : null}
      <span>
        Prices for today on disk: <b>{formatShare(model.coveredShare)}</b>
      </span>
    </div>
  );
}

/** Fill the gap and activate; each says why it cannot be used now. */
function ModelActions({ model, isFilling }: { readonly model: Model; readonly isFilling: boolean }) {
  const [isAnalysing, setAnalysing] = useState(false);
  const activate = useAct(api.models.activateModel);
  const isUsable = !['rejected', 'faulty'].includes(model.state);
  const isChampion = model.aliases.includes('champion');
  const whyNot = isChampion
    ? 'It is the active model already.'
    : model.state === 'ready' || model.state === 'active' || model.state === 'retired'
      ? undefined
      : isUsable
        ? 'Fill its gap first: it needs prices up to today.'
        : model.reasons.join(' ') || 'It was rejected.';
  return (
    <>
      <RoleButton
        needs="operator"
        label="Fill gap"
        variant={model.state === 'gap-open' ? 'filled' : 'default'}
        why={isFilling ? 'It is being filled.' : isUsable ? undefined : 'A rejected model is not filled.'}
        onClick={() => setAnalysing(true)}
      />
      <RoleButton
        needs="operator"
        label="Activate"
        variant={model.state === 'ready' ? 'filled' : 'default'}
        loading={activate.isPending}
        why={whyNot}
        onClick={() => activate.mutate({ body: { modelId: model.id } })}
      />
      <FillGapDialog model={model} isOpen={isAnalysing} onClose={() => setAnalysing(false)} />
    </>
  );
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
