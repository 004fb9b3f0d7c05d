import { Button, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type SavingsFileKind, savingsFilePath } from '../../../common/contracts/index.ts';
import { toApiError } from '../../connection/api-error.ts';
import { apiPath } from '../../connection/api-path.ts';
import { useConnection } from '../../connection/connection-context.ts';
import { saveFile } from '../../connection/save-file.ts';
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
  const { client } = useConnection();
  const save = useMutation({
    mutationFn: ({ kind, step }: Choice) =>
      saveFile(
        client.address,
        apiPath(savingsFilePath, { kind }, { ...range.query, step }),
        `savings-${kind}`,
      ),
    onError: error => {
      const { message, hint } = toApiError(error);
      notifications.show({ color: 'red', title: message, message: hint, autoClose: 12_000 });
    },
  });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          loading={save.isPending}
          leftSection={<IconDownload size={15} aria-hidden />}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {CHOICES.map(choice => (
          <Menu.Item key={choice.label} onClick={() => save.mutate(choice)}>
            {choice.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
