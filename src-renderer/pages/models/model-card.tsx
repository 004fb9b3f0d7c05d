import { Button, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { FillProgress, ForecastSummary, Model } from '../../../common/contracts/index.ts';
import { formatShare } from '../../components/number-text.ts';
import { FillProgressPanel } from '../../components/progress-panel.tsx';
import { pagePart } from '../../connection/api-path.ts';
import { ActivateButton } from './actions/activate-button.tsx';
import { FillGapButton } from './actions/fill-gap-button.tsx';
import { ErrorText } from './error-text.tsx';
import { versionName } from './model-order.ts';
import { gapText, ModelStateBadge } from './model-state.tsx';

/** A version that wants attention: its gap, its error, its fill, and the next step with it. */
export function ModelCard(props: {
  readonly model: Model;
  readonly fill: FillProgress | undefined;
  readonly summary: ForecastSummary | undefined;
  /** What can be done with the champion instead of activating it. */
  readonly championAction: ReactNode;
}) {
  const { model, fill, summary, championAction } = props;
  const name = versionName(model);
  return (
    <article className="co-card" style={{ padding: 18, display: 'grid', gap: 12 }} aria-label={name}>
      <Group justify="space-between" align="flex-start" gap="md">
        <div style={{ display: 'grid', gap: 5, minWidth: 0, flex: '1 1 380px' }}>
          <Group gap="sm">
            <Link
              href={`/models/${pagePart(model.id)}`}
              style={{ fontWeight: 640, fontSize: '1rem', overflowWrap: 'anywhere' }}
            >
              {name}
            </Link>
            <ModelStateBadge model={model} />
          </Group>
          <Text>{capitalised(gapText(model))}</Text>
          <div className="co-legend">
            <span>
              Error against persistence:{' '}
              <b>
                <ErrorText summary={summary} />
              </b>
            </span>
            <span>
              Prices for today on disk: <b>{formatShare(model.coveredShare)}</b>
            </span>
          </div>
        </div>
        <Group gap="xs">
          <FillGapButton model={model} fill={fill} />
          {model.aliases.includes('champion') ? championAction : <ActivateButton model={model} />}
          <Button
            component={Link}
            href={`/models/${pagePart(model.id)}`}
            variant="subtle"
            aria-label={`Details of ${name}`}
          >
            Details
          </Button>
        </Group>
      </Group>
      {model.reasons.length > 0 ? <Text c="var(--co-risk-text)">{model.reasons.join(' ')}</Text> : null}
      {fill ? <FillProgressPanel fill={fill} /> : null}
    </article>
  );
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
