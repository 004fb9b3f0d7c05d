import { Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { ConfirmButton } from '../confirm-button.tsx';

/** A call that ends an experiment, as `useAct` has it. */
interface Ending {
  readonly isPending: boolean;
  readonly error: Error | null;
  reset(): void;
}

/** The two ways to end a running experiment: the champion stays, or the challenger takes its place. */
export function ExperimentEnding({
  stop,
  promote,
}: {
  /** `text` says what becomes of the champion. */
  readonly stop: Ending & { readonly text: string; run(body: { reason?: string }, close: () => void): void };
  readonly promote: Ending & {
    readonly title: string;
    readonly text: string;
    /** What is not known yet; absent once it is decided for the challenger. */
    readonly warning: string | undefined;
    run(close: () => void): void;
  };
}) {
  const [reason, setReason] = useState('');
  return (
    <>
      <ConfirmButton
        needs="operator"
        label="Stop experiment"
        variant="default"
        title="Stop the experiment?"
        confirmLabel="Stop the experiment"
        isBusy={stop.isPending}
        error={stop.error}
        onOpen={() => stop.reset()}
        onConfirm={close => stop.run(reason.trim() === '' ? {} : { reason: reason.trim() }, close)}
      >
        <Text>
          {stop.text} What was compared stays here to read; the experiment itself cannot be resumed, but a new
          one can be started.
        </Text>
        <Textarea
          label="Why (optional)"
          maxLength={500}
          autosize
          value={reason}
          onChange={event => setReason(event.currentTarget.value)}
        />
      </ConfirmButton>
      <ConfirmButton
        needs="operator"
        label="Promote challenger"
        variant={promote.warning === undefined ? 'filled' : 'default'}
        title={promote.title}
        confirmLabel="Promote the challenger"
        isBusy={promote.isPending}
        error={promote.error}
        onOpen={() => promote.reset()}
        onConfirm={close => promote.run(close)}
      >
        {promote.warning === undefined ? null : <Text c="var(--co-risk-text)">⚠ {promote.warning}</Text>}
        <Text>{promote.text}</Text>
      </ConfirmButton>
    </>
  );
}
