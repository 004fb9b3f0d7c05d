import { Tabs } from '@mantine/core';
import { IconCloudDownload, IconFileImport } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useLocation, useParams } from 'wouter';
import { api } from '../../../common/contracts/index.ts';
import { formatBytes } from '../../../common/units/index.ts';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { counted, formatCount } from '../../components/number-text.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { RoleButton } from '../../components/role-button.tsx';
import { useConnection } from '../../connection/connection-context.ts';
import { pickFiles } from '../../connection/pick-files.ts';
import { archiveUploads } from '../../connection/use-archive-uploads.ts';
import { useRead } from '../../connection/use-call.ts';
import type { FillDraft } from './fill/fill-draft.ts';
import { ARCHIVE_ENDINGS } from './imports/archive-endings.ts';
import type { PoolRow } from './pools/pool-rows.ts';
import { PoolsTab } from './pools/pools-tab.tsx';
import { usePoolRows } from './pools/use-pool-rows.ts';
import { RunningFillsCard } from './running-fills-card.tsx';
import { useRefreshAfterJobs } from './use-refresh-after-jobs.ts';

// Each is loaded when it is first opened: the table of pools is shown without their weight.
const HistoryTab = lazy(() => import('./history/history-tab.tsx').then(m => ({ default: m.HistoryTab })));
const CoverageTab = lazy(() =>
  import('./coverage-map/coverage-tab.tsx').then(m => ({ default: m.CoverageTab })),
);
const ImportTab = lazy(() => import('./imports/import-tab.tsx').then(m => ({ default: m.ImportTab })));
const CollectionsTab = lazy(() =>
  import('./collections/collections-tab.tsx').then(m => ({ default: m.CollectionsTab })),
);
const CatalogTab = lazy(() => import('./catalog/catalog-tab.tsx').then(m => ({ default: m.CatalogTab })));
const FillDialog = lazy(() => import('./fill/fill-dialog.tsx').then(m => ({ default: m.FillDialog })));

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
        <Tabs.Panel value={view} className="co-panel">
          <Suspense fallback={<TabSkeleton />}>
            <Tab view={view} chosen={chosen} onChoose={setChosen} onFill={setFill} />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
      <Suspense fallback={null}>
        {fill ? <FillDialog draft={fill} onClose={() => setFill(undefined)} /> : null}
      </Suspense>
    </>
  );
}

interface TabProps {
  readonly view: string;
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (chosen: ReadonlySet<string>) => void;
  readonly onFill: (draft: Partial<FillDraft>) => void;
}

function Tab({ view, chosen, onChoose, onFill }: TabProps) {
  switch (view) {
    case 'history':
      return <HistoryTab onFill={() => onFill({})} />;
    case 'coverage':
      return <CoverageTab onFill={onFill} />;
    case 'import':
      return <ImportTab />;
    case 'collections':
      return <CollectionsTab />;
    case 'catalog':
      return <CatalogTab />;
    default:
      return <PoolsTab chosen={chosen} onChoose={onChoose} onFill={() => onFill({})} />;
  }
}

function TabSkeleton() {
  return (
    <div className="co-card">
      <LoadingRows rows={10} />
    </div>
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
