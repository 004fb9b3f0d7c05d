import { Group, SegmentedControl, Select, Text } from '@mantine/core';
import { useViewportSize } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { useSearchParams } from 'wouter';
import type { FillProgress } from '../../../../common/contracts/index.ts';
import { MS_PER_DAY } from '../../../../common/units/index.ts';
import { Card } from '../../../components/card.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { useNow } from '../../../components/now.ts';
import { counted } from '../../../components/number-text.ts';
import { useLive } from '../../../connection/use-live.ts';
import { fillColumns } from '../fill/fill-columns.tsx';
import type { FillDraft } from '../fill/fill-draft.ts';
import { NoPrices } from '../no-prices.tsx';
import type { PoolRow } from '../pools/pool-rows.ts';
import { usePoolRows } from '../pools/use-pool-rows.ts';
import { CellDrawer } from './cell-drawer.tsx';
import { CoverageFigures } from './coverage-figures.tsx';
import { HeatLegend } from './heat-legend.tsx';
import { Heatmap } from './heatmap.tsx';
import { type HeatMap, type HeatRow, heatRows, LEVELS, type Level, mappedPools } from './map-rows.ts';
import { useCoverageMaps } from './use-coverage-maps.ts';

const DAYS = 90;
const MOST_DAYS = 730;
const ALL = 'All products';
const LEVEL_NAMES: Readonly<Record<Level, string>> = { family: 'Families', type: 'Types', pool: 'Pools' };

/** Which days of which pool are on disk; what is missing is filled or imported from here. */
export function CoverageTab({ onFill }: { readonly onFill: (draft: Partial<FillDraft>) => void }) {
  const { table, rows } = usePoolRows();
  if (table.error && !rows)
    return (
      <div className="co-card" style={{ padding: 16 }}>
        <ErrorState error={table.error} onRetry={() => void table.refetch()} />
      </div>
    );
  if (rows === undefined)
    return (
      <div className="co-card">
        <LoadingRows rows={10} />
      </div>
    );
  return (
    <>
      {rows.length === 0 ? (
        <NoPrices onFill={() => onFill({})} />
      ) : (
        <CoverageView rows={rows} onFill={onFill} />
      )}
      <Fills />
    </>
  );
}

function CoverageView(props: {
  readonly rows: readonly PoolRow[];
  readonly onFill: (draft: Partial<FillDraft>) => void;
}) {
  const { rows, onFill } = props;
  const [search, setSearch] = useSearchParams();
  const nowMs = useNow(300_000);
  const viewport = useViewportSize();
  const [opened, setOpened] = useState<{ row: HeatRow; day: number }>();
  const regions = useMemo(() => [...new Set(rows.map(row => row.region))].sort(), [rows]);
  const region = regions.find(each => each === search.get('region')) ?? regions[0] ?? '';
  const products = useMemo(
    () => [...new Set(rows.filter(row => row.region === region).map(row => row.product))].sort(),
    [rows, region],
  );
  const product =
    search.get('product') === 'all'
      ? ALL
      : (products.find(each => each === search.get('product')) ?? products[0] ?? '');
  const level = LEVELS.find(each => each === search.get('rows')) ?? 'type';
  const newestMs = rows.reduce(
    (newest, row) => (row.region === region ? Math.max(newest, row.lastAtMs) : newest),
    0,
  );
  const windows = windowsOf(newestMs, nowMs);
  const chosen = windows.find(({ id }) => id === search.get('days')) ?? windows[0];
  const { fromMs, toMs } = chosen ?? { fromMs: nowMs - DAYS * MS_PER_DAY, toMs: nowMs };
  const asked = product === ALL ? products : [product];
  const maps = useCoverageMaps(region, asked, { fromMs, toMs });
  const map = useMemo((): HeatMap | undefined => {
    const [first] = maps.maps;
    if (!first || !maps.isWhole) return undefined;
    const pools = maps.maps.flatMap(mappedPools);
    const { fromMs: firstMs, days, nowMs: atMs, reachMs } = first;
    return {
      fromMs: firstMs,
      days,
      nowMs: atMs,
      reachMs,
      rows: heatRows(pools, level, maps.maps.length > 1),
    };
  }, [maps.maps, maps.isWhole, level]);
  const set = (name: string, value: string) =>
    setSearch(
      before => {
        const next = new URLSearchParams(before);
        next.set(name, value);
        return next;
      },
      { replace: true },
    );
  return (
    <>
      <CoverageFigures map={map} onFill={onFill} region={region} products={asked} />
      <Card
        title="Coverage"
        padded={false}
        aside={
          <Text size="sm" c="dimmed">
            {map
              ? `${counted(map.rows.length, 'row')} by ${counted(map.days, 'day')} of UTC. Click a day, or walk by arrows and press Enter.`
              : ''}
          </Text>
        }
      >
        <Group px="md" py={10} gap="sm" align="flex-end">
          <Select
            size="xs"
            w={140}
            label="Region"
            allowDeselect={false}
            data={regions}
            value={region}
            onChange={value => value !== null && set('region', value)}
          />
          <Select
            size="xs"
            w={190}
            label="Product"
            allowDeselect={false}
            data={products.length > 1 ? [...products, ALL] : products}
            value={product}
            onChange={value => value !== null && set('product', value === ALL ? 'all' : value)}
          />
          <SegmentedControl
            size="xs"
            aria-label="Rows"
            value={level}
            onChange={value => set('rows', value)}
            data={LEVELS.map(value => ({ value, label: LEVEL_NAMES[value] }))}
          />
          <SegmentedControl
            size="xs"
            aria-label="Days shown"
            value={chosen?.id ?? ''}
            onChange={value => set('days', value)}
            data={windows.map(({ id, label }) => ({ value: id, label }))}
          />
        </Group>
        {maps.error ? (
          <div style={{ padding: 16 }}>
            <ErrorState error={maps.error} onRetry={maps.refetch} />
          </div>
        ) : map === undefined ? (
          <LoadingRows rows={12} />
        ) : (
          <Heatmap
            map={map}
            height={Math.max(330, viewport.height - 480)}
            label={`Coverage of ${region}, ${product}, ${LEVEL_NAMES[level].toLowerCase()} by days`}
            onOpen={(row, day) => setOpened({ row, day })}
          />
        )}
        <HeatLegend />
      </Card>
      {map ? (
        <CellDrawer
          map={map}
          opened={opened}
          onClose={() => setOpened(undefined)}
          onFill={draft => {
            setOpened(undefined);
            onFill(draft);
          }}
        />
      ) : null}
    </>
  );
}

interface MapWindow {
  readonly id: string;
  readonly label: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Up to now; where the newest price is older than that, first the days before it. */
function windowsOf(newestMs: number, nowMs: number): MapWindow[] {
  const recent = { id: 'recent', label: 'Last 90 days', fromMs: nowMs - DAYS * MS_PER_DAY, toMs: nowMs };
  const year = { id: 'year', label: 'Last year', fromMs: nowMs - 365 * MS_PER_DAY, toMs: nowMs };
  const endMs = Math.min(nowMs, newestMs + MS_PER_DAY);
  const latest = { id: 'latest', label: 'Last days on disk', fromMs: endMs - DAYS * MS_PER_DAY, toMs: endMs };
  const before = {
    id: 'before',
    label: 'Two years before',
    fromMs: endMs - MOST_DAYS * MS_PER_DAY,
    toMs: endMs,
  };
  return newestMs < recent.fromMs ? [latest, before, recent] : [recent, year];
}

function Fills() {
  const { values } = useLive('fills');
  const fills = useMemo(() => [...(values?.values() ?? [])], [values]);
  if (fills.length === 0) return null;
  return (
    <Card title="Fills" padded={false}>
      <DataTable<FillProgress>
        label="Fills"
        rows={fills}
        rowKey={({ jobId }) => jobId}
        columns={fillColumns}
        initialSort={{ id: 'started', desc: true }}
        maxHeight={320}
        tools={fills.length > 8}
      />
    </Card>
  );
}
