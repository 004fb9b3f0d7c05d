import { Tabs } from '@mantine/core';
import { IconCloudDownload, IconFileImport } from '@tabler/icons-react';
import { useState } from 'react';
import { useLocation, useParams } from 'wouter';
import { api } from '../../../common/contracts/index.ts';
import { formatBytes } from '../../../common/units/index.ts';
import { counted, formatCount } from '../../components/number-text.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { RoleButton } from '../../components/role-button.tsx';
import { useConnection } from '../../connection/connection-context.ts';
import { pickFiles } from '../../connection/pick-files.ts';
import { archiveUploads } from '../../connection/use-archive-uploads.ts';
import { useRead } from '../../connection/use-call.ts';
import { CatalogTab } from './catalog/catalog-tab.tsx';
import { CollectionsTab } from './collections/collections-tab.tsx';
import { CoverageTab } from './coverage-map/coverage-tab.tsx';
import { FillDialog } from './fill/fill-dialog.tsx';
import type { FillDraft } from './fill/fill-draft.ts';
import { HistoryTab } from './history/history-tab.tsx';
import { ARCHIVE_ENDINGS } from './imports/archive-endings.ts';
import { ImportTab } from './imports/import-tab.tsx';
import type { PoolRow } from './pools/pool-rows.ts';
import { PoolsTab } from './pools/pools-tab.tsx';
import { usePoolRows } from './pools/use-pool-rows.ts';
import { RunningFillsCard } from './running-fills-card.tsx';
import { useRefreshAfterJobs } from './use-refresh-after-jobs.ts';

const NO_POOLS: ReadonlySet<string> = new Set();

/** Spot prices: pools, their history, which time is on disk, how more comes in, and the instance catalog. */
export function MarketPage() {
  const { view = 'pools' } = useParams<{ view?: string }>();
  const [, go] = useLocation();
  const { client } = useConnection();
  const [chosen, setChosen] = useState(NO_POOLS);
  const [fill, setFill] = useState<Partial<FillDraft>>();
  const { rows } = usePoolRows();
  useRefreshAfterJobs();
  const importFiles = () =>
    pickFiles(ARCHIVE_ENDINGS, files => {
      go('/market/import');
      void archiveUploads.offer(client.address, files, {});
    });
  return (
    <>
      <PageHeader
        title="Market"
        sentence={<Sentence />}
        actions={
          <>
            <RoleButton
              needs="operator"
              variant="default"
              label="Import archives"
              leftSection={<IconFileImport size={17} aria-hidden />}
              onClick={importFiles}
            />
            <RoleButton
              needs="operator"
              label="Fill from EC2"
              leftSection={<IconCloudDownload size={17} aria-hidden />}
              onClick={() => setFill(startOf(rows))}
            />
          </>
        }
      />
      <RunningFillsCard />
      <Tabs
        value={view}
        onChange={next => go(next === 'pools' || next === null ? '/market' : `/market/${next}`)}
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value="pools">Pools</Tabs.Tab>
          <Tabs.Tab value="history">History</Tabs.Tab>
          <Tabs.Tab value="coverage">Coverage</Tabs.Tab>
          <Tabs.Tab value="import">Import</Tabs.Tab>
          <Tabs.Tab value="collections">Collections</Tabs.Tab>
          <Tabs.Tab value="catalog">Catalog</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="pools" className="co-panel">
          <PoolsTab chosen={chosen} onChoose={setChosen} onFill={() => setFill({})} />
        </Tabs.Panel>
        <Tabs.Panel value="history" className="co-panel">
          <HistoryTab onFill={() => setFill({})} />
        </Tabs.Panel>
        <Tabs.Panel value="coverage" className="co-panel">
          <CoverageTab onFill={setFill} />
        </Tabs.Panel>
        <Tabs.Panel value="import" className="co-panel">
          <ImportTab />
        </Tabs.Panel>
        <Tabs.Panel value="collections" className="co-panel">
          <CollectionsTab />
        </Tabs.Panel>
        <Tabs.Panel value="catalog" className="co-panel">
          <CatalogTab />
        </Tabs.Panel>
      </Tabs>
      <FillDialog draft={fill} onClose={() => setFill(undefined)} />
    </>
  );
}

/** Where prices are held already, more are wanted as a rule; many regions are named one by one. */
function startOf(rows: readonly PoolRow[] | undefined): Partial<FillDraft> {
  const regions = [...new Set(rows?.map(({ region }) => region))];
  return regions.length <= 3 ? { regions } : {};
}

function Sentence() {
  const { rows } = usePoolRows();
  const coverage = useRead(api.market.coverage, {}, { refetchMs: 30_000 });
  if (rows === undefined || coverage.data === undefined) return 'Asking…';
  const { totalRecords, bytesOnDisk } = coverage.data;
  if (totalRecords === 0) return 'No prices are on disk yet.';
  const regions = new Set(rows.map(({ region }) => region)).size;
  const old = rows.filter(({ state }) => state === 'not-newer').length;
  const size = bytesOnDisk > 0 ? `, ${formatBytes(bytesOnDisk)}` : '';
  const state =
    old === 0
      ? 'Their prices are up to date'
      : old === rows.length
        ? 'None of their prices is of today'
        : `${formatCount(old)} of them have no price of today`;
  return `${counted(rows.length, 'pool')} in ${counted(regions, 'region')}, ${formatCount(totalRecords)} records${size}. ${state}.`;
}
