import { Button, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { toApiError } from '../connection/api-error.ts';
import { useConnection } from '../connection/connection-context.ts';
import { saveFile } from '../connection/save-file.ts';

/** A file of the server that can be saved. */
export interface ExportChoice {
  readonly label: string;
  readonly path: string;
  /** How the file is called. */
  readonly name: string;
}

/** A button with files to choose from. */
export function ExportMenu({
  choices,
  size = 'sm',
}: {
  readonly choices: readonly ExportChoice[];
  readonly size?: 'xs' | 'sm';
}) {
  const { client } = useConnection();
  const save = useMutation({
    mutationFn: ({ path, name }: ExportChoice) => saveFile(client.address, path, name),
    onError: error => {
      const { message, hint } = toApiError(error);
      notifications.show({ color: 'red', title: message, message: hint, autoClose: 12_000 });
    },
  });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          size={size}
          loading={save.isPending}
          leftSection={<IconDownload size={15} aria-hidden />}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map(choice => (
          <Menu.Item key={choice.label} onClick={() => save.mutate(choice)}>
            {choice.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
