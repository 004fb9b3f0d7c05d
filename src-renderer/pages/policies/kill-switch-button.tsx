import { Text, TextInput } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import { useState } from 'react';
import { api, type KillSwitch } from '../../../common/contracts/index.ts';
import { ConfirmButton } from '../../components/confirm-button.tsx';
import { useAct } from '../../connection/use-call.ts';

/** Throws the kill switch of a scope, or takes it back; always with a reason. */
export function KillSwitchButton({
  scope,
  name,
  killSwitch,
}: {
  readonly scope: string;
  readonly name: string;
  readonly killSwitch: KillSwitch | undefined;
}) {
  const [reason, setReason] = useState('');
  const set = useAct(api.policies.setKillSwitch, { quiet: true });
  const isOn = killSwitch?.on === true;
  return (
    <ConfirmButton
      needs="operator"
      color={isOn ? 'gray' : 'red.9'}
      variant={isOn ? 'default' : 'filled'}
      leftSection={<IconPlayerStop size={17} aria-hidden />}
      label={isOn ? 'Switch the kill switch off' : `Stop everything in ${name}`}
      title={isOn ? `Let plans start again in ${name}?` : `Stop everything in ${name}?`}
      confirmLabel={isOn ? 'Switch it off' : 'Switch it on'}
      isBusy={set.isPending}
      error={set.error}
      onOpen={() => {
        set.reset();
        setReason('');
      }}
      onConfirm={close =>
        set.mutate(
          {
            params: { scope },
            body: { on: !isOn, reason: reason.trim() === '' ? 'no reason given' : reason },
          },
          { onSuccess: close },
        )
      }
    >
      <Text size="sm">
        {isOn
          ? 'Plans may be approved and started again as the policies say. Those that the switch stopped stay stopped.'
          : 'Plans that wait are stopped. A plan that runs ends after its safe step and gives its nodes back. Nothing starts, and nothing can be approved, until the switch is off again.'}
      </Text>
      <TextInput
        label="Reason"
        description="Shown to everybody, and kept in the audit log."
        maxLength={300}
        value={reason}
        onChange={event => setReason(event.currentTarget.value)}
      />
    </ConfirmButton>
  );
}
