import { Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { api, type CatalogPart, catalogParts } from '../../../../common/contracts/index.ts';
import { ErrorState } from '../../../components/error-state.tsx';
import { useAct } from '../../../connection/use-call.ts';
import { NamesInput } from '../names-input.tsx';
import { usePoolRows } from '../pools/use-pool-rows.ts';

const PARTS: Readonly<Record<CatalogPart, { readonly label: string; readonly description: string }>> = {
  types: { label: 'Sizes of types', description: 'From EC2; needs credentials' },
  'on-demand': {
    label: 'List prices',
    description: 'The public price list, hundreds of megabytes for each region; needs no credentials',
  },
  advisor: { label: 'Spot advisor', description: 'The public feed; needs no credentials' },
};

/** Says what to fetch anew, and starts it. */
export function RefreshDialog(props: {
  readonly isOpen: boolean;
  readonly regions: readonly string[];
  readonly onClose: () => void;
}) {
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.onClose}
      title="Refresh the catalog"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {props.isOpen ? <Form regions={props.regions} onClose={props.onClose} /> : null}
    </Modal>
  );
}

function Form({
  regions: known,
  onClose,
}: {
  readonly regions: readonly string[];
  readonly onClose: () => void;
}) {
  const onDisk = usePoolRows().table.data?.regions ?? [];
  const [regions, setRegions] = useState<readonly string[]>(onDisk.length > 0 ? onDisk : ['us-east-1']);
  const [parts, setParts] = useState<readonly string[]>([...catalogParts]);
  const refresh = useAct(api.market.refreshCatalog, { onDone: onClose, quiet: true });
  const isEmpty = regions.length === 0 || parts.length === 0;
  return (
    <Stack>
      <Checkbox.Group label="What" value={[...parts]} onChange={setParts}>
        <Stack gap={8} mt={6}>
          {catalogParts.map(part => (
            <Checkbox key={part} value={part} {...PARTS[part]} />
          ))}
        </Stack>
      </Checkbox.Group>
      <NamesInput
        label="Regions"
        description="Of list prices; Enter adds one"
        offers={known}
        values={regions}
        onChange={setRegions}
      />
      <Text size="sm" c="dimmed">
        What fails stays as it was, and says why; the other parts go on.
      </Text>
      {refresh.error ? <ErrorState error={refresh.error} /> : null}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Not now
        </Button>
        <Button
          disabled={isEmpty}
          loading={refresh.isPending}
          onClick={() => refresh.mutate({ body: { parts: parts as CatalogPart[], regions: [...regions] } })}
        >
          Start to refresh
        </Button>
      </Group>
    </Stack>
  );
}
