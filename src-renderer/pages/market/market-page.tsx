import { Tabs } from '@mantine/core';
import { useLocation, useParams } from 'wouter';
import { api } from '../../../common/contracts/index.ts';
import { counted, formatCount } from '../../components/number-text.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { useRead } from '../../connection/use-call.ts';
import { Catalog } from './catalog.tsx';
import { Coverage } from './coverage.tsx';
import { Pools } from './pools.tsx';

/** Spot prices on disk: pools, their history, coverage, and the instance catalog. */
export function MarketPage() {
  const { view = 'pools' } = useParams<{ view?: string }>();
  const [, go] = useLocation();
  const coverage = useRead(api.market.coverage, {}, { refetchMs: 15_000 });
  const pools = coverage.data?.coverage.reduce((sum, each) => sum + each.pools, 0) ?? 0;
  return (
    <>
      <PageHeader
        title="Market"
        sentence={
          coverage.data === undefined
            ? 'Asking…'
            : coverage.data.totalRecords === 0
              ? 'No prices are on disk yet.'
              : `${formatCount(coverage.data.totalRecords)} price records of ${counted(pools, 'pool')} are on disk.`
        }
      />
      <Tabs
        value={view}
        onChange={next => go(next === 'pools' || next === null ? '/market' : `/market/${next}`)}
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          <Tabs.Tab value="pools">Pools</Tabs.Tab>
          <Tabs.Tab value="coverage">Coverage</Tabs.Tab>
          <Tabs.Tab value="catalog">Catalog</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="pools">
          <Pools />
        </Tabs.Panel>
        <Tabs.Panel value="coverage">
          <Coverage coverage={coverage} />
        </Tabs.Panel>
        <Tabs.Panel value="catalog">
          <Catalog />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
