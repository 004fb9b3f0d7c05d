import { Alert, Checkbox, Group, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { api, type KeptRecording } from '../../../common/contracts/index.ts';
import { counted } from '../../components/number-text.ts';
import { RoleButton } from '../../components/role-button.tsx';
import { formatDay } from '../../components/time-text.ts';
import { useConnection } from '../../connection/connection-context.ts';
import { pickFiles } from '../../connection/pick-files.ts';
import { readTextFile } from '../../connection/read-text-file.ts';

/** Takes in the recording that interruptions are held against. */
export function RecordingField({
  onlyAvailable,
  onKept,
  onOnlyAvailable,
}: {
  readonly onlyAvailable: boolean;
  onKept(recording: KeptRecording): void;
  onOnlyAvailable(only: boolean): void;
}) {
  const { client } = useConnection();
  const keep = useMutation({
    mutationFn: async (file: File) =>
      client.call(api.backtests.keepRecording, {
        body: { name: file.name, text: await readTextFile(file) },
      }),
    onSuccess: onKept,
  });
  const kept = keep.data;
  return (
    <>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Text size="sm" fw={500}>
            Recording of what could be had
          </Text>
          <Text size="xs" c="dimmed">
            CSV, also gzipped, with zone and start_date: run lengths, counts or events
          </Text>
          {kept ? (
            <Text size="sm" mt={4}>
              {kept.name}: {counted(kept.pools, 'pool')}, {formatDay(kept.fromMs)} to {formatDay(kept.toMs)},{' '}
              {counted(kept.interruptions, 'interruption')}
            </Text>
          ) : null}
        </div>
        <RoleButton
          needs="operator"
          variant="default"
          size="xs"
          label={kept ? 'Another file' : 'Choose a file'}
          loading={keep.isPending}
          onClick={() => pickFiles('.csv,.gz', ([file]) => file && keep.mutate(file), { several: false })}
        />
      </Group>
      {keep.error ? (
        <Alert color="red" title="It cannot be taken">
          {keep.error.message}
        </Alert>
      ) : null}
      <Checkbox
        label="Ask only about pools that could be had when predicted"
        description="As it is live, where a node runs; else also about those that were away"
        checked={onlyAvailable}
        onChange={event => onOnlyAvailable(event.currentTarget.checked)}
      />
    </>
  );
}
