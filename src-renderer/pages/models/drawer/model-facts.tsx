import { Badge, Code, Group, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Model } from '../../../../common/contracts/index.ts';
import { formatBytes } from '../../../../common/units/index.ts';
import { counted, formatShare, threeDigits } from '../../../components/number-text.ts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { formatWords, isConverted } from '../format-words.ts';
import { DetailPart } from './detail-part.tsx';

/** What a version is: its file and its manifest. */
export function ModelFacts({ model }: { readonly model: Model }) {
  const { manifest, original } = model;
  const { scope, reported } = manifest;
  const facts: readonly (readonly [string, ReactNode])[] = [
    [
      'File',
      `${original.fileName}, ${formatBytes(original.bytes)}: ${formatWords(model)}${isConverted(model) ? `, converted to ONNX of ${formatBytes(model.bytes)}` : ''}`,
    ],
    [
      'SHA-256',
      <Code key="hash" style={{ wordBreak: 'break-all' }}>
        {original.sha256}
      </Code>,
    ],
    ['Uploaded', <RelativeTime key="uploaded" at={model.uploadedAt} />],
    ['Task', manifest.task],
    ['Target', manifest.target],
    ['Horizon', `${threeDigits(manifest.horizonHours)} h, at ${manifest.resolutionMinutes} min`],
    ['Regions', scope.regions.join(', ')],
    ['Instance types', scope.instanceTypes.length === 0 ? 'all' : scope.instanceTypes.join(', ')],
    ['Products', scope.products.join(', ')],
    ['Prices for today', `${formatShare(model.coveredShare)} on disk`],
    ['Trained on', manifest.trainedOn ?? 'not said'],
    [
      'Reported error',
      reported
        ? `$${threeDigits(reported.mae)}/h; persistence $${threeDigits(reported.baselineMae)}/h on the same ${counted(reported.points, 'point')}`
        : 'not said',
    ],
    ['Operators', model.operators.length === 0 ? 'none listed' : model.operators.join(', ')],
    ['Golden rows', counted(manifest.golden.length, 'row')],
  ];
  return (
    <DetailPart title="What it is">
      {manifest.description === undefined ? null : <Text mb={8}>{manifest.description}</Text>}
      <Table aria-label="Manifest" verticalSpacing={5}>
        <Table.Tbody>
          {facts.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={500} c="dimmed" w={130} style={{ verticalAlign: 'top' }}>
                {name}
              </Table.Th>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </DetailPart>
  );
}

/** The features that a version takes, in order. */
export function ModelFeatures({ names }: { readonly names: readonly string[] }) {
  return (
    <DetailPart title={counted(names.length, 'feature')}>
      <Group gap={6}>
        {names.map(name => (
          <Badge key={name} variant="default" tt="none" fw={500}>
            {name}
          </Badge>
        ))}
      </Group>
    </DetailPart>
  );
}
