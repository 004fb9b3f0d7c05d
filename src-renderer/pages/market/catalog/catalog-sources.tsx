import { Table, Text } from '@mantine/core';
import { useState } from 'react';
import {
  api,
  type CatalogImport,
  type CatalogLayerView,
  catalogImportPath,
} from '../../../../common/contracts/index.ts';
import { formatDuration, MS_PER_DAY } from '../../../../common/units/index.ts';
import { Card } from '../../../components/card.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { RoleButton } from '../../../components/role-button.tsx';
import { formatExact } from '../../../components/time-text.ts';
import { pickFiles } from '../../../connection/pick-files.ts';
import { useLive } from '../../../connection/use-live.ts';
import { useUpload } from '../../../connection/use-upload.ts';
import { RefreshDialog } from './refresh-dialog.tsx';
import { RefreshProgress } from './refresh-progress.tsx';
import { UploadOutcome } from './upload-outcome.tsx';

/** After this a figure is worth a refresh: prices and advice change a few times a year. */
const OLD_MS = 90 * MS_PER_DAY;

const KINDS: Readonly<Record<CatalogLayerView['kind'], string>> = {
  types: 'Sizes of types',
  allocatable: 'What a node leaves to pods',
  zones: 'Zones in which types are offered',
  'on-demand': 'List prices',
  advisor: 'Spot advisor: interruptions and savings',
  commitments: 'Commitments',
};

/** Where the figures come from, how old they are, and ways to bring them up to date. */
export function CatalogSources(props: {
  readonly layers: readonly CatalogLayerView[] | undefined;
  readonly regions: readonly string[];
}) {
  const { layers, regions } = props;
  const [isRefreshing, setRefreshing] = useState(false);
  const upload = useUpload<CatalogImport>(catalogImportPath, [
    api.market.catalog,
    api.market.poolTable,
    api.market.effectivePrices,
  ]);
  const refreshes = [...(useLive('catalog-refreshes').values?.values() ?? [])];
  return (
    <Card
      title="Sources"
      aside={
        <>
          <RoleButton
            needs="operator"
            size="xs"
            variant="default"
            label="Import a file"
            onClick={() => pickFiles('.json,.gz', ([file]) => file && upload.send(file), { several: false })}
          />
          <RoleButton needs="operator" size="xs" label="Refresh" onClick={() => setRefreshing(true)} />
        </>
      }
    >
      <div style={{ display: 'grid', gap: 12 }}>
        <RefreshProgress refreshes={refreshes} />
        <UploadOutcome
          state={upload.state}
          onCancel={upload.cancel}
          onForget={upload.forget}
          words={({ message }) => message}
        />
        {layers === undefined ? (
          <LoadingRows rows={4} />
        ) : (
          <Table aria-label="Sources of the catalog" verticalSpacing={5}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Figures</Table.Th>
                <Table.Th>Region</Table.Th>
                <Table.Th>Source</Table.Th>
                <Table.Th ta="right">Age</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {layers.map(({ kind, region, source, asOf, ageMs }) => (
                <Table.Tr key={`${kind}${region}${source}${asOf}`}>
                  <Table.Td>{KINDS[kind]}</Table.Td>
                  <Table.Td style={{ whiteSpace: 'nowrap' }}>{region ?? 'all'}</Table.Td>
                  <Table.Td>{source}</Table.Td>
                  <Table.Td ta="right" title={formatExact(asOf)} style={{ whiteSpace: 'nowrap' }}>
                    <Text span inherit {...(ageMs > OLD_MS ? { c: 'var(--co-risk-text)' } : {})}>
                      {formatDuration(ageMs)}
                      {ageMs > OLD_MS ? ', old' : ''}
                    </Text>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
        <Text size="sm" c="dimmed">
          A file is a price list of EC2 (index.json of a region, hundreds of megabytes, read as a stream), the
          Spot advisor feed, or what aws ec2 describe-instance-types prints; gzip too. Of two sources of the
          same kind the newer one decides.
        </Text>
      </div>
      <RefreshDialog isOpen={isRefreshing} regions={regions} onClose={() => setRefreshing(false)} />
    </Card>
  );
}
