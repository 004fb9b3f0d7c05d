import type { RiskBacktestPoolRow } from '../../../common/contracts/index.ts';
import { formatShare, threeDigits } from '../../components/number-text.ts';
import type { TableColumn } from '../../components/table-columns.ts';

const skill = (value: number | null) => (value === null ? 'unknown' : threeDigits(value));

/** How probabilities did on each pool. */
export const RISK_POOL_COLUMNS: readonly TableColumn<RiskBacktestPoolRow>[] = [
  { id: 'pool', header: 'Pool', grows: true, value: row => row.pool },
  { id: 'points', header: 'Points', align: 'right', value: row => row.points },
  {
    id: 'interruptions',
    header: 'Interruptions',
    hint: 'Times that capacity went away within the horizon of some point',
    align: 'right',
    value: row => row.interruptions,
  },
  {
    id: 'predicted',
    header: 'Predicted',
    csvHeader: 'predicted_share',
    hint: 'Mean probability',
    align: 'right',
    value: row => row.predicted,
    cell: row => formatShare(row.predicted),
  },
  {
    id: 'observed',
    header: 'Happened',
    csvHeader: 'observed_share',
    align: 'right',
    value: row => row.observed,
    cell: row => formatShare(row.observed),
  },
  {
    id: 'brier',
    header: 'Brier score',
    align: 'right',
    value: row => row.brier,
    cell: row => threeDigits(row.brier),
  },
  {
    id: 'skillBase',
    header: 'Skill: base rate',
    csvHeader: 'skill_against_base_rate',
    hint: '1 is perfect, 0 no better, below 0 worse',
    align: 'right',
    value: row => row.skillAgainstBaseRate,
    cell: row => skill(row.skillAgainstBaseRate),
  },
  {
    id: 'skillPersistence',
    header: 'Skill: persistence',
    csvHeader: 'skill_against_persistence',
    hint: 'Against: what is away now, stays away',
    align: 'right',
    value: row => row.skillAgainstPersistence,
    cell: row => skill(row.skillAgainstPersistence),
  },
];
