import { Select } from '@mantine/core';
import { useSearchParams } from 'wouter';
import { api } from '../../../../common/contracts/index.ts';
import { Card } from '../../../components/card.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { useRead } from '../../../connection/use-call.ts';
import { CatalogSources } from './catalog-sources.tsx';
import { CommitmentsCard } from './commitments-card.tsx';
import { typeColumns } from './type-columns.tsx';

/** What instance types are and cost: sources with their age, commitments, and every type of a region. */
export function CatalogTab() {
  const [search, setSearch] = useSearchParams();
  const asked = search.get('region') ?? undefined;
  const catalog = useRead(
    api.market.catalog,
    { query: asked === undefined ? {} : { region: asked } },
    { keepLast: true },
  );
  if (catalog.error)
    return (
      <div className="co-card" style={{ padding: 16 }}>
        <ErrorState error={catalog.error} onRetry={() => void catalog.refetch()} />
      </div>
    );
  const { data } = catalog;
  const regions = data ? [...new Set([data.region, ...data.regions])].sort() : [];
  return (
    <>
      <CatalogSources layers={data?.layers} regions={regions} />
      <CommitmentsCard regions={regions} />
      <Card
        title="Instance types"
        padded={false}
        aside={
          data ? (
            <Select
              size="xs"
              w={170}
              aria-label="Region of prices and advice"
              allowDeselect={false}
              searchable
              data={regions}
              value={data.region}
              onChange={region => region !== null && setSearch({ region }, { replace: true })}
            />
          ) : null
        }
      >
        {data ? (
          <DataTable
            label="Instance types"
            rows={data.types}
            rowKey={({ instanceType }) => instanceType}
            columns={typeColumns(data.layers)}
            initialSort={{ id: 'type', desc: false }}
            maxHeight={560}
          />
        ) : (
          <LoadingRows rows={8} />
        )}
      </Card>
    </>
  );
}
