import { Checkbox, Select, SimpleGrid, TextInput, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import type { ArchiveOrder } from '../../../connection/archive-uploads.ts';

const PRODUCTS = ['Linux/UNIX', 'Red Hat Enterprise Linux', 'SUSE Linux', 'Windows'];

/** How the next files are to be read, where they do not tell it themselves. */
export function ImportOptions(props: {
  readonly order: ArchiveOrder;
  readonly onChange: (order: ArchiveOrder) => void;
}) {
  const { order, onChange } = props;
  const [isOpen, setOpen] = useState(false);
  const set = (next: Partial<ArchiveOrder>) => onChange({ ...order, ...next });
  const count = Object.values(order).filter(
    value => value !== undefined && value !== '' && value !== false,
  ).length;
  return (
    <div style={{ marginTop: 12 }}>
      <UnstyledButton
        className="co-link"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        style={{ display: 'inline-flex', alignItems: 'center', gap: 4, fontSize: '0.8125rem' }}
      >
        {isOpen ? <IconChevronDown size={15} aria-hidden /> : <IconChevronRight size={15} aria-hidden />}
        How to read them{count > 0 ? `: ${count} set` : ''}
      </UnstyledButton>
      {isOpen ? (
        <SimpleGrid cols={{ base: 1, md: 3 }} mt={10} spacing="md">
          <TextInput
            label="Region"
            description="Of zones that do not tell theirs"
            placeholder="eu-west-1"
            value={order.region ?? ''}
            onChange={event => set({ region: event.currentTarget.value.trim() })}
          />
          <Select
            label="Product"
            description="Of rows that name none"
            clearable
            data={PRODUCTS}
            value={order.product ?? null}
            onChange={product => set({ product: product ?? '' })}
          />
          <TextInput
            label="Zone names"
            description="Of zone ids, in your account"
            placeholder="eu-west-1a=euw1-az1,eu-west-1b=euw1-az2"
            value={order.zones ?? ''}
            onChange={event => set({ zones: event.currentTarget.value.trim() })}
          />
          <Checkbox
            label="They hold every instance type of their regions"
            description="Then they vouch for all types, which a model for all types needs"
            checked={order.allTypes ?? false}
            onChange={event => set({ allTypes: event.currentTarget.checked })}
          />
          <Checkbox
            label="Take what comes before a damage"
            description="Else a damaged file changes nothing"
            checked={order.upToDamage ?? false}
            onChange={event => set({ upToDamage: event.currentTarget.checked })}
          />
        </SimpleGrid>
      ) : null}
    </div>
  );
}
