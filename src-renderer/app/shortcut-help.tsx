import { Kbd, Modal, Table } from '@mantine/core';
import { pages } from './pages.ts';

const SHORTCUTS: readonly (readonly [string, string])[] = [
  ['Ctrl K', 'Go to anything, run any action'],
  ['/', 'Search the table'],
  ['j', 'Next row'],
  ['k', 'Row before'],
  ['Enter', 'Open the row'],
  ['Esc', 'Close'],
  ['?', 'This list'],
];

/** All keyboard shortcuts. */
export function ShortcutHelp({
  isOpen,
  onClose,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  const rows = [
    ...SHORTCUTS,
    ...pages.map(({ letter, label }) => [`g ${letter}`, `Go to ${label}`] as const),
  ];
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title="Keyboard shortcuts"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Table>
        <Table.Tbody>
          {rows.map(([keys, effect]) => (
            <Table.Tr key={keys}>
              <Table.Td w={110}>
                {keys.split(' ').map(key => (
                  <Kbd key={key} mr={4}>
                    {key}
                  </Kbd>
                ))}
              </Table.Td>
              <Table.Td>{effect}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
