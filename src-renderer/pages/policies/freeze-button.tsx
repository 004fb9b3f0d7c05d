import { Group, SegmentedControl, Text, TextInput } from '@mantine/core';
import { IconSnowflake } from '@tabler/icons-react';
import { useState } from 'react';
import { api, type PolicyRevision } from '../../../common/contracts/index.ts';
import { ConfirmButton } from '../../components/confirm-button.tsx';
import { formatExact } from '../../components/time-text.ts';
import { useAct } from '../../connection/use-call.ts';

const HOUR = 3_600_000;
const SPANS: Record<string, number> = {
  '4 h': 4 * HOUR,
  '24 h': 24 * HOUR,
  '3 days': 72 * HOUR,
  '7 days': 168 * HOUR,
};

/** Freezes a scope for a while, or ends its freeze: a save of the policy with this one field changed. */
export function FreezeButton({
  saved,
  shown,
  name,
}: {
  readonly saved: PolicyRevision;
  readonly shown: PolicyRevision;
  readonly name: string;
}) {
  const [span, setSpan] = useState('24 h');
  const [reason, setReason] = useState('');
  const save = useAct(api.policies.savePolicy, { quiet: true });
  const freeze = saved.document?.freeze;
  const isFrozen = freeze != null && Date.parse(freeze.until) > Date.now();
  const untilMs = Date.now() + (SPANS[span] ?? 24 * HOUR);
  const next = isFrozen
    ? null
    : { until: new Date(untilMs).toISOString(), reason: reason.trim() === '' ? 'no reason given' : reason };
  return (
    <ConfirmButton
      needs="operator"
      variant="default"
      leftSection={<IconSnowflake size={17} aria-hidden />}
      label={isFrozen ? 'End the freeze' : 'Freeze'}
      title={isFrozen ? `End the freeze of ${name}?` : `Freeze ${name}?`}
      confirmLabel={isFrozen ? 'End the freeze' : `Freeze for ${span}`}
      isBusy={save.isPending}
      error={save.error}
      onOpen={() => {
        save.reset();
        setReason('');
      }}
      onConfirm={close =>
        save.mutate(
          {
            params: { scope: saved.scope },
            body: {
              document: { ...shown.document, freeze: next },
              baseRevision: saved.revision,
              note: next === null ? 'freeze ended' : `frozen: ${next.reason}`,
            },
          },
          { onSuccess: close },
        )
      }
    >
      {isFrozen ? (
        <Text size="sm">
          Frozen until {formatExact(Date.parse(freeze.until))}: {freeze.reason}. Approved plans that wait
          start as the windows and budgets let them.
        </Text>
      ) : (
        <>
          <Text size="sm">
            Nothing starts until {formatExact(untilMs)}; what runs goes on to its end. It is saved as revision{' '}
            {saved.revision + 1}; end it here at any time.
          </Text>
          <Group>
            <SegmentedControl
              aria-label="For how long"
              data={Object.keys(SPANS)}
              value={span}
              onChange={setSpan}
            />
          </Group>
          <TextInput
            label="Reason"
            description="Shown with every plan that waits."
            maxLength={300}
            value={reason}
            onChange={event => setReason(event.currentTarget.value)}
          />
        </>
      )}
    </ConfirmButton>
  );
}
