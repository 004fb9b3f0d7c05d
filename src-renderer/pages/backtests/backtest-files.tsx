import { Button, Group } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { backtestFileKinds, backtestFilePath } from '../../../common/contracts/index.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { apiPath } from '../../connection/api-path.ts';
import { useConnection } from '../../connection/connection-context.ts';
import { saveFile } from '../../connection/save-file.ts';

const LABELS: Readonly<Record<(typeof backtestFileKinds)[number], string>> = {
  'report.html': 'Report',
  'pools.csv': 'Pools (CSV)',
  'report.json': 'JSON',
};

/** What a backtest found out, to take away. */
export function BacktestFiles({ jobId }: { readonly jobId: string }) {
  const { client } = useConnection();
  const save = useMutation({
    mutationFn: (kind: (typeof backtestFileKinds)[number]) =>
      saveFile(client.address, apiPath(backtestFilePath, { job: jobId, kind }), `${jobId}-${kind}`),
  });
  return (
    <div>
      <Group gap="xs">
        {backtestFileKinds.map(kind => (
          <Button
            key={kind}
            variant="default"
            leftSection={<IconDownload size={15} aria-hidden />}
            loading={save.isPending && save.variables === kind}
            onClick={() => save.mutate(kind)}
          >
            {LABELS[kind]}
          </Button>
        ))}
      </Group>
      {save.error ? <ErrorState error={save.error} /> : null}
    </div>
  );
}
