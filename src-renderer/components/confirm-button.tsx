import { Button, type ButtonProps, Group, Modal, Stack } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Role } from '../../common/contracts/index.ts';
import { ErrorState } from './error-state.tsx';
import { RoleButton } from './role-button.tsx';

/** A button that first says what will change and how to undo it, then does it. A refusal is shown in the dialog. */
export function ConfirmButton({
  needs,
  label,
  why,
  title,
  children,
  confirmLabel,
  isBusy,
  error,
  onConfirm,
  onOpen,
  ...button
}: Omit<ButtonProps, 'children' | 'disabled'> & {
  readonly needs: Role;
  readonly label: string;
  /** Why it cannot be used now. */
  readonly why?: string | undefined;
  readonly title: string;
  /** What changes, and how to undo it. */
  readonly children: ReactNode;
  /** Says what happens: `Delete this version`. */
  readonly confirmLabel: string;
  readonly isBusy: boolean;
  readonly error: unknown;
  /** `close` puts the dialog away once it has worked. */
  readonly onConfirm: (close: () => void) => void;
  /** Forgets a refusal of the last time. */
  readonly onOpen: () => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <RoleButton
        {...button}
        needs={needs}
        label={label}
        why={why}
        onClick={() => {
          onOpen();
          setOpen(true);
        }}
      />
      <Modal opened={isOpen} onClose={close} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
        <Stack>
          {children}
          {error ? <ErrorState error={error} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              Not now
            </Button>
            <Button loading={isBusy} onClick={() => onConfirm(close)}>
              {confirmLabel}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
