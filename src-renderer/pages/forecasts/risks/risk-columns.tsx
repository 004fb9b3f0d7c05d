import type { PoolRiskLine } from '../../../../common/contracts/index.ts';
import { formatCount, formatShare, threeDigits } from '../../../components/number-text.ts';
import type { TableColumn } from '../../../components/table-columns.ts';
import { UnknownText } from '../../../components/unknown-text.tsx';
import { poolColumns } from '../prices/pool-columns.tsx';

const NO_BAND =
  'The Spot Instance Advisor knows no band here, or only that more than 20 % are interrupted in a month.';

/** Columns of the table of pools by risk. */
export function riskColumns(horizonHours: number): TableColumn<PoolRiskLine>[] {
  return [
    ...poolColumns<PoolRiskLine>(),
    {
      id: 'probability',
      header: `Risk in ${horizonHours} h`,
      align: 'right',
      value: line => line.probability,
      cell: line => formatShare(line.probability),
    },
    {
      id: 'advisor',
      header: 'Advisor, at most',
      align: 'right',
      value: line => line.advisorProbability,
      cell: line =>
        line.advisorProbability === null ? (
          <UnknownText reason={NO_BAND} />
        ) : (
          formatShare(line.advisorProbability)
        ),
    },
    {
      id: 'hours',
      header: 'Node hours seen',
      align: 'right',
      value: line => line.nodeHours,
      cell: line => (line.nodeHours < 10 ? threeDigits(line.nodeHours) : formatCount(line.nodeHours)),
    },
    {
      id: 'interruptions',
      header: 'Interruptions seen',
      align: 'right',
      value: line => (line.nodeHours === 0 ? null : line.interruptions),
      cell: line =>
        line.nodeHours === 0 ? (
          <UnknownText reason="No Spot node of this pool was seen in the last 30 days." />
        ) : (
          formatCount(line.interruptions)
        ),
    },
  ];
}
