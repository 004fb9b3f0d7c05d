import { Button, CloseButton, Group, Progress, Text } from '@mantine/core';
import { ErrorState } from '../../../components/error-state.tsx';
import { formatPercent } from '../../../components/number-text.ts';
import type { UploadState } from '../../../connection/use-upload.ts';

/** One file on its way, or what came of it. */
export function UploadOutcome<Answer>(props: {
  readonly state: UploadState<Answer>;
  readonly onCancel: () => void;
  readonly onForget: () => void;
  readonly words: (answer: Answer) => string;
}) {
  const { state, onCancel, onForget, words } = props;
  if (state.phase === 'idle') return null;
  if (state.phase === 'sending' || state.phase === 'reading') {
    const percent = state.phase === 'sending' ? state.percent : 100;
    return (
      <div style={{ display: 'grid', gap: 6 }}>
        <Group justify="space-between">
          <Text role="status">
            {state.phase === 'sending'
              ? `Sending ${state.fileName} ${formatPercent(Math.floor(percent))}`
              : `Reading ${state.fileName}`}
          </Text>
          <Button size="compact-sm" variant="default" onClick={onCancel}>
            Cancel
          </Button>
        </Group>
        <Progress.Root size="md">
          <Progress.Section value={percent} aria-label={`Upload of ${state.fileName}`} />
        </Progress.Root>
      </div>
    );
  }
  return (
    <Group wrap="nowrap" align="flex-start">
      <div style={{ flex: 1 }}>
        {state.phase === 'failed' ? (
          <ErrorState error={state.error} />
        ) : (
          <Text role="status">
            {state.fileName}: {words(state.answer)}
          </Text>
        )}
      </div>
      <CloseButton aria-label={`Put ${state.fileName} away`} onClick={onForget} />
    </Group>
  );
}
