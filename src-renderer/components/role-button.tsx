import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import type { Role } from '../../common/contracts/index.ts';
import { useConnection, useMay } from '../connection/connection-context.ts';

/** A button for what asks for a role. For others it stays visible, does nothing and says which role it needs. */
export function RoleButton({
  needs,
  onClick,
  label,
  why,
  ...button
}: Omit<ButtonProps, 'children' | 'disabled'> & {
  readonly needs: Role;
  readonly onClick: () => void;
  readonly label: string;
  /** Why it cannot be used now, beside the role; absent when it can. */
  readonly why?: string | undefined;
}) {
  const { actor } = useConnection();
  const may = useMay(needs);
  const refusal = may
    ? why
    : `This needs the role "${needs}"; you are "${actor.role}". Ask an administrator.`;
  if (refusal === undefined)
    return (
      <Button miw="max-content" {...button} onClick={onClick}>
        {label}
      </Button>
    );
  return (
    <Tooltip label={refusal}>
      <Button
        miw="max-content"
        {...button}
        aria-disabled
        data-disabled
        onClick={event => event.preventDefault()}
        aria-description={refusal}
      >
        {label}
      </Button>
    </Tooltip>
  );
}
