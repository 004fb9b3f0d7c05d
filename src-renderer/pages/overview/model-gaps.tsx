import { Group, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { Model } from '../../../common/contracts/index.ts';
import { Card } from '../../components/card.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { formatShare } from '../../components/number-text.ts';
import { pagePart } from '../../connection/api-path.ts';
import { gapText, ModelStateBadge } from '../models/model-state.tsx';

/** Models with the time between what they were trained on and now. */
export function ModelGaps({ models }: { readonly models: readonly Model[] }) {
  return (
    <Card title="Models" aside={<Link href="/models">All models</Link>}>
      {models.length === 0 ? (
        <EmptyState
          title="No model yet"
          text="Without a model, the last price stands for the future. Upload one, or drop it on this window."
          action={<Link href="/models">Upload a model</Link>}
        />
      ) : (
        <div style={{ display: 'grid', gap: 12 }}>
          {models.map(model => (
            <Group key={model.id} gap="md">
              <Link href={`/models/${pagePart(model.id)}`} style={{ fontWeight: 600 }}>
                {model.manifest.name} {model.manifest.version}
              </Link>
              <ModelStateBadge model={model} />
              <Text c="dimmed" size="sm">
                {gapText(model)}; {formatShare(model.coveredShare)} of the prices for today are on disk
              </Text>
            </Group>
          ))}
        </div>
      )}
    </Card>
  );
}
