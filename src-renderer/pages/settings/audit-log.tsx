import { Group } from '@mantine/core';
import { type AuditEntry, api, auditFilePath } from '../../../common/contracts/index.ts';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { ExportMenu } from '../../components/export-menu.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { ToneBadge } from '../../components/tone-badge.tsx';
import { apiPath } from '../../connection/api-path.ts';
import { useRead } from '../../connection/use-call.ts';

const columns: readonly TableColumn<AuditEntry>[] = [
  { id: 'at', header: 'When', value: entry => entry.at, cell: entry => <RelativeTime at={entry.at} /> },
  { id: 'actor', header: 'Who', value: entry => entry.actor },
  { id: 'action', header: 'What', value: entry => entry.action },
  { id: 'subject', header: 'On', value: entry => entry.subject },
  { id: 'detail', header: 'Detail', value: entry => JSON.stringify(entry.detail) },
  { id: 'seq', header: 'Number', align: 'right', value: entry => entry.seq },
  { id: 'hash', header: 'Hash', value: entry => entry.hash, hidden: true },
];

const FILES = [
  { label: 'Every entry with its hashes (JSON lines)', name: 'audit.jsonl' },
  { label: 'Every entry with its hashes (CSV)', name: 'audit.csv' },
].map(({ label, name }) => ({ label, name, path: apiPath(auditFilePath, { kind: name }, {}) }));

/** Who changed what, in a chain of hashes that shows when somebody altered it. */
export function AuditLog() {
  const audit = useRead(api.access.listAudit, { query: { limit: 1000 } }, { refetchMs: 30_000 });
  return (
    <Card
      title="Audit log"
      padded={false}
      aside={
        audit.data ? (
          <Group gap="sm">
            {audit.data.intact ? (
              <ToneBadge tone="good">Chain intact</ToneBadge>
            ) : (
              <ToneBadge tone="risk">Chain broken: an entry was altered or removed</ToneBadge>
            )}
            <ExportMenu choices={FILES} size="xs" />
          </Group>
        ) : null
      }
    >
      {audit.error ? (
        <ErrorState error={audit.error} onRetry={() => void audit.refetch()} />
      ) : audit.data ? (
        <DataTable
          label="Audit log"
          rows={audit.data.entries}
          rowKey={({ seq }) => String(seq)}
          columns={columns}
          initialSort={{ id: 'seq', desc: true }}
        />
      ) : (
        <LoadingRows />
      )}
    </Card>
  );
}
