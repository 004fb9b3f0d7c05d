import { Button, Group, Table, Text } from '@mantine/core';
import { Link } from 'wouter';
import { api } from '../../../../common/contracts/index.ts';
import { MS_PER_DAY } from '../../../../common/units/index.ts';
import { PriceChart } from '../../../components/charts/price-chart.tsx';
import { DetailDrawer } from '../../../components/detail-drawer.tsx';
import { ErrorState } from '../../../components/error-state.tsx';
import { LoadingRows } from '../../../components/loading-rows.tsx';
import { MoneyText } from '../../../components/money-text.tsx';
import { useNow } from '../../../components/now.ts';
import { formatCount, formatShare, threeDigits } from '../../../components/number-text.ts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { UnknownText } from '../../../components/unknown-text.tsx';
import { useRead } from '../../../connection/use-call.ts';
import { historyPath } from '../history/history-address.ts';
import { Change, silentWords } from './pool-columns.tsx';
import { type PoolRow, poolName } from './pool-rows.ts';

const DAYS = 14;

/** A pool: its figures, its last fortnight, and the way to compare it with its neighbours. */
export function PoolDrawer(props: {
  readonly row: PoolRow | undefined;
  readonly wanted: string;
  readonly onClose: () => void;
}) {
  const { row, wanted, onClose } = props;
  return (
    <DetailDrawer isOpen onClose={onClose} title={row ? poolName(row) : 'Pool'}>
      {row ? (
        <>
          <Group gap="xs">
            <Button component={Link} size="xs" href={historyPath({ pools: [row.key] })}>
              Open its history
            </Button>
            <Button
              component={Link}
              size="xs"
              variant="default"
              href={historyPath({ type: row.instanceType, region: row.region, product: row.product })}
            >
              All zones of {row.instanceType}
            </Button>
            <Button
              component={Link}
              size="xs"
              variant="default"
              href={historyPath({ family: row.family, region: row.region, product: row.product })}
            >
              Family {row.family}
            </Button>
          </Group>
          <Facts row={row} />
          <LastDays row={row} />
        </>
      ) : (
        <Text>No price of this pool is on disk: {wanted}.</Text>
      )}
    </DetailDrawer>
  );
}

function Facts({ row }: { readonly row: PoolRow }) {
  const lines: readonly (readonly [string, React.ReactNode])[] = [
    ['Spot price', <MoneyText key="p" value={row.price} per="hour" unknown={silentWords(row)} />],
    ['As of', <RelativeTime key="a" at={row.lastAtMs} />],
    ['On-demand', <MoneyText key="o" value={row.onDemand} per="hour" unknown="Not in the catalog." />],
    [
      'After commitments',
      <MoneyText key="e" value={row.effective} per="hour" unknown="Not in the catalog." />,
    ],
    [
      'Saving',
      row.saving === null ? <UnknownText key="s" reason="A price is unknown." /> : formatShare(row.saving),
    ],
    ['Change over 24 h', <Change key="d" share={row.change24h} row={row} />],
    ['Change over 7 days', <Change key="w" share={row.change7d} row={row} />],
    [
      'Interrupted in 30 days',
      row.band?.label.replace('%', ' %') ?? <UnknownText key="b" reason="The Spot advisor does not tell." />,
    ],
    [
      'Size',
      row.vcpu === null || row.memoryGib === null ? (
        <UnknownText key="z" reason="Not in the catalog." />
      ) : (
        `${row.vcpu} vCPU, ${threeDigits(row.memoryGib)} GiB, ${row.arch === 'arm64' ? 'ARM64' : 'x86-64'}`
      ),
    ],
    ['Records on disk', formatCount(row.records)],
  ];
  return (
    <Table aria-label="Figures of the pool" verticalSpacing={5}>
      <Table.Tbody>
        {lines.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" fw={500} c="dimmed">
              {name}
            </Table.Th>
            <Table.Td ta="right">{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** Up to now, or up to its last record where newer time is not on disk. */
function LastDays({ row }: { readonly row: PoolRow }) {
  const nowMs = useNow(300_000);
  const toMs = row.state === 'in-force' ? nowMs : Math.min(nowMs, row.lastAtMs + MS_PER_DAY);
  const query = { pool: row.key, fromMs: toMs - DAYS * MS_PER_DAY, toMs };
  const history = useRead(api.market.priceHistory, { query }, { keepLast: true });
  if (history.error) return <ErrorState error={history.error} onRetry={() => void history.refetch()} />;
  if (history.data === undefined) return <LoadingRows rows={6} />;
  const { points, holes } = history.data;
  return (
    <PriceChart
      label={`Spot price of ${poolName(row)} over ${DAYS} days`}
      points={points}
      holes={holes}
      toMs={toMs}
      height={240}
    />
  );
}
