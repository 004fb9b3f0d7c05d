import { type SavingsFileKind, savingsFilePath } from '../../../common/contracts/index.ts';
import { ExportMenu } from '../../components/export-menu.tsx';
import { apiPath } from '../../connection/api-path.ts';
import type { SavingsRange } from './savings-range.ts';

interface Choice {
  readonly label: string;
  readonly kind: SavingsFileKind;
  readonly step?: 'hour' | 'day';
}

const CHOICES: readonly Choice[] = [
  { label: 'Ledger, every booked interval (CSV)', kind: 'ledger.csv' },
  { label: 'Ledger, every booked interval (JSON)', kind: 'ledger.json' },
  { label: 'Cost by workload and day (CSV)', kind: 'allocation.csv', step: 'day' },
  { label: 'Cost by workload and hour (CSV)', kind: 'allocation.csv', step: 'hour' },
  { label: 'Cost by workload and day (JSON)', kind: 'allocation.json', step: 'day' },
];

/** Files of the time and the clusters that are shown. */
export function SavingsExport({ range }: { readonly range: SavingsRange }) {
  return (
    <ExportMenu
      choices={CHOICES.map(({ label, kind, step }) => ({
        label,
        path: apiPath(savingsFilePath, { kind }, { ...range.query, step }),
        name: `savings-${kind}`,
      }))}
    />
  );
}
