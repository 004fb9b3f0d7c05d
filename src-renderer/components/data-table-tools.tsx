import {
  ActionIcon,
  Checkbox,
  CloseButton,
  Group,
  Popover,
  Stack,
  Text,
  TextInput,
  Tooltip,
} from '@mantine/core';
import { IconColumns3, IconDownload, IconSearch } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { type CellValue, saveTextFile, toCsv } from './csv.ts';
import { formatCount } from './number-text.ts';
import type { TableColumn } from './table-columns.ts';

/** Search, choice of columns and export above a table. */
export function DataTableTools<Row>(props: {
  readonly label: string;
  readonly before: ReactNode;
  readonly search: string;
  readonly onSearch: (text: string) => void;
  readonly columns: readonly TableColumn<Row>[];
  readonly visibility: Readonly<Record<string, boolean>>;
  readonly onVisibility: (visibility: Record<string, boolean>) => void;
  readonly count: number;
  readonly total: number;
  readonly headersForExport: readonly string[];
  readonly rowsForExport: () => CellValue[][];
}) {
  const { label, search, onSearch, columns, visibility, onVisibility, count, total } = props;
  const name = label.toLowerCase();
  return (
    <Group px="md" py={10} gap="sm" style={{ borderBottom: '1px solid var(--co-line)' }}>
      {props.before}
      <TextInput
        size="xs"
        w={240}
        data-search
        leftSection={<IconSearch size={15} aria-hidden />}
        placeholder={`Search ${name}  ( / )`}
        aria-label={`Search ${name}`}
        value={search}
        onChange={event => onSearch(event.currentTarget.value)}
        rightSection={
          search === '' ? null : (
            <CloseButton size="xs" aria-label="Clear the search" onClick={() => onSearch('')} />
          )
        }
      />
      <Text size="sm" c="dimmed" aria-live="polite">
        {count === total ? formatCount(total) : `${formatCount(count)} of ${formatCount(total)}`}
      </Text>
      <Group gap={4} ml="auto">
        <Popover position="bottom-end" withArrow trapFocus>
          <Popover.Target>
            <Tooltip label="Choose columns">
              <ActionIcon variant="subtle" color="gray" aria-label={`Choose columns of ${name}`}>
                <IconColumns3 size={18} />
              </ActionIcon>
            </Tooltip>
          </Popover.Target>
          <Popover.Dropdown>
            <Stack gap="xs">
              {columns.map(column => (
                <Checkbox
                  key={column.id}
                  size="xs"
                  label={column.header}
                  checked={visibility[column.id] !== false}
                  onChange={event =>
                    onVisibility({ ...visibility, [column.id]: event.currentTarget.checked })
                  }
                />
              ))}
            </Stack>
          </Popover.Dropdown>
        </Popover>
        <Tooltip label="Save what is shown as CSV">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Save ${name} as CSV`}
            onClick={() =>
              saveTextFile(
                `${name.replaceAll(' ', '-')}.csv`,
                'text/csv',
                toCsv(props.headersForExport, props.rowsForExport()),
              )
            }
          >
            <IconDownload size={18} />
          </ActionIcon>
        </Tooltip>
      </Group>
    </Group>
  );
}
