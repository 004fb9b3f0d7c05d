import { Button, Group, Modal, Stack, Table, Text } from '@mantine/core';
import { api, type GapAnalysis, type Model } from '../../../common/contracts/index.ts';
import { formatDuration } from '../../../common/units/index.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { formatCount } from '../../components/number-text.ts';
import { formatDay } from '../../components/time-text.ts';
import { useAct, useRead } from '../../connection/use-call.ts';

/** Shows what a fill would fetch, and starts it. */
export function FillGapDialog({
  model,
  isOpen,
  onClose,
}: {
  readonly model: Model;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  const analysis = useRead(api.market.analyzeGap, { body: { modelId: model.id } }, { enabled: isOpen });
  const fill = useAct(api.market.fillGap, { onDone: onClose, quiet: true });
  const gap = analysis.data;
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={`Fill the gap of ${model.manifest.name}`}
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        {analysis.error ? (
          <ErrorState error={analysis.error} onRetry={() => void analysis.refetch()} />
        ) : gap === undefined ? (
          <LoadingRows rows={5} />
        ) : (
          <Analysis gap={gap} />
        )}
        {fill.error ? <ErrorState error={fill.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Not now
          </Button>
          <Button
            disabled={gap === undefined}
            loading={fill.isPending}
            onClick={() => fill.mutate({ body: { modelId: model.id } })}
          >
            Start filling
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Analysis({ gap }: { readonly gap: GapAnalysis }) {
  const lines: readonly (readonly [string, string])[] = [
    [
      'Prices needed',
      `${formatDay(gap.neededFromMs)} to ${formatDay(gap.nowMs)}, in ${gap.scope.regions.join(', ')}`,
    ],
    ['Missing', gap.fillableMs === 0 ? 'nothing that EC2 still has' : formatDuration(gap.fillableMs)],
    ['Rows, about', formatCount(gap.estimatedRows)],
    ['Requests to EC2, about', formatCount(gap.estimatedRequests)],
    ['Takes about', formatDuration(gap.estimatedSeconds * 1000)],
  ];
  return (
    <>
      <Text>
        {gap.fillableMs === 0
          ? 'Everything that can be fetched is on disk already; a fill adds what appeared since.'
          : 'This is what lies between the prices on disk and what the model needs for today.'}
      </Text>
      <Table aria-label="What the fill will fetch" verticalSpacing={6}>
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
      {gap.archiveMs > 0 ? (
        <Text size="sm" c="var(--co-risk-text)">
          ⚠ {formatDuration(gap.archiveMs)} lie before the 90 days that EC2 keeps. They need an archive
          (`cloudoptim market import FILE`); the rest can be filled without it.
        </Text>
      ) : null}
    </>
  );
}
