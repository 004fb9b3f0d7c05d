import { Badge, Code, Group, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { type ActivationEntry, api, type Model } from '../../../common/contracts/index.ts';
import { DetailDrawer } from '../../components/detail-drawer.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { counted } from '../../components/number-text.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { useRead } from '../../connection/use-call.ts';
import { useLive } from '../../connection/use-live.ts';
import { gapText, ModelStateBadge } from './model-state.tsx';

/** A model version in full: verdict, manifest, features, and when it was active. */
export function ModelDrawer({
  id,
  onClose,
}: {
  readonly id: string | undefined;
  readonly onClose: () => void;
}) {
  const live = useLive('models').values;
  const read = useRead(api.models.getModel, { params: { id: id ?? '' } }, { enabled: id !== undefined });
  const model = (id === undefined ? undefined : live?.get(id)) ?? read.data?.model;
  const title = model ? `${model.manifest.name} ${model.manifest.version}` : 'Model';
  return (
    <DetailDrawer isOpen={id !== undefined} onClose={onClose} title={title}>
      {read.error ? <ErrorState error={read.error} onRetry={() => void read.refetch()} /> : null}
      {model ? (
        <ModelBody model={model} activations={read.data?.activations ?? []} />
      ) : read.error ? null : (
        <LoadingRows />
      )}
    </DetailDrawer>
  );
}

function ModelBody({
  model,
  activations,
}: {
  readonly model: Model;
  readonly activations: readonly ActivationEntry[];
}) {
  const { manifest } = model;
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['File', `${model.fileName} (${model.format})`],
    [
      'SHA-256',
      <Code key="hash" style={{ wordBreak: 'break-all' }}>
        {model.sha256}
      </Code>,
    ],
    ['Task', manifest.task],
    ['Target', manifest.target],
    ['Horizon', `${manifest.horizonHours} h, at ${manifest.resolutionMinutes} min`],
    ['Regions', manifest.scope.regions.join(', ')],
    [
      'Instance types',
      manifest.scope.instanceTypes.length === 0 ? 'all' : manifest.scope.instanceTypes.join(', '),
    ],
    ['Products', manifest.scope.products.join(', ')],
    ['Trained on', manifest.trainedOn ?? 'not said'],
    ['Operators', model.operators.length === 0 ? 'none listed' : model.operators.join(', ')],
    ['Golden rows', counted(manifest.golden.length, 'row')],
  ];
  return (
    <>
      <Group gap="sm">
        <ModelStateBadge model={model} />
        <Text c="dimmed">{gapText(model)}</Text>
      </Group>
      {manifest.description === undefined ? null : <Text>{manifest.description}</Text>}
      <Part title={`Verdict: ${model.verdict}`}>
        {model.reasons.length === 0 ? (
          <Text c="dimmed">Nothing was found against it.</Text>
        ) : (
          <ul style={{ margin: 0, paddingLeft: 20 }}>
            {model.reasons.map(reason => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        )}
      </Part>
      <Part title={counted(manifest.features.length, 'feature')}>
        <Group gap={6}>
          {manifest.features.map(({ name }) => (
            <Badge key={name} variant="default" tt="none" fw={500}>
              {name}
            </Badge>
          ))}
        </Group>
      </Part>
      <Part title="Manifest">
        <Table aria-label="Manifest" verticalSpacing={5}>
          <Table.Tbody>
            {facts.map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" fw={500} c="dimmed" w={130}>
                  {name}
                </Table.Th>
                <Table.Td>{value}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Part>
      <Part title="When it was active">
        {activations.length === 0 ? (
          <Text c="dimmed">It has never been active.</Text>
        ) : (
          <ul style={{ margin: 0, paddingLeft: 20, display: 'grid', gap: 4 }}>
            {activations.map(entry => (
              <li key={entry.seq}>
                {entry.kind} as {entry.alias} by {entry.actor} <RelativeTime at={entry.at} />
              </li>
            ))}
          </ul>
        )}
      </Part>
    </>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Text component="h3" fw={620} m={0} mb={6}>
        {title}
      </Text>
      {children}
    </section>
  );
}
