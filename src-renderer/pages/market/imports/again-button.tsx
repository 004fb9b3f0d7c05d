import { Group } from '@mantine/core';
import { RoleButton } from '../../../components/role-button.tsx';

/** A way to import the same file otherwise; a window that no longer holds it says to choose it again. */
export function AgainButton(props: { readonly label: string; readonly onAgain: (() => void) | undefined }) {
  return (
    <Group gap="sm">
      <RoleButton
        needs="operator"
        size="xs"
        label={props.label}
        why={
          props.onAgain
            ? undefined
            : 'This window no longer holds the file: choose it again, with the option under “How to read them”.'
        }
        onClick={() => props.onAgain?.()}
      />
    </Group>
  );
}
