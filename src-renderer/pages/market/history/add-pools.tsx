import { Button, CloseButton, Group, Select, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useSearchParams } from 'wouter';
import { moneyText } from '../../../components/money-text.tsx';
import { counted } from '../../../components/number-text.ts';
import { type PoolRow, poolName } from '../pools/pool-rows.ts';
import { type HistoryChoice, withChoice } from './history-address.ts';

/** Pills that fit in a line or two; of more pools the number is told. */
const PILLS_SHOWN = 6;
const OFFERED = 40;

/** Chooses whose history is shown: single pools, all zones of a type, a family. */
export function AddPools(props: {
  readonly rows: readonly PoolRow[];
  readonly choice: HistoryChoice;
  readonly chosen: readonly PoolRow[];
}) {
  const { rows, choice, chosen } = props;
  const [, setSearch] = useSearchParams();
  const [typed, setTyped] = useState('');
  const offers = useMemo(() => offersFor(rows, typed), [rows, typed]);
  const choose = (next: HistoryChoice) => setSearch(before => withChoice(before, next), { replace: true });
  const { pools = [], ...group } = choice;
  const isGroup = group.type !== undefined || group.family !== undefined;
  const single = chosen.filter(({ key }) => pools.includes(key));
  const add = (value: string) => {
    setTyped('');
    const [kind, ...rest] = value.split(' ');
    const name = rest.join(' ');
    if (kind === 'pool') choose({ ...group, pools: [...new Set([...pools, name])] });
    else {
      const [groupName = '', region = '', ...product] = rest;
      choose({ pools, [kind === 'type' ? 'type' : 'family']: groupName, region, product: product.join(' ') });
    }
  };
  return (
    <Group px="md" py={10} gap={8} style={{ borderBottom: '1px solid var(--co-line)' }}>
      <Select
        size="xs"
        w={280}
        data-search
        aria-label="Add pools"
        placeholder="Add a pool, type or family  ( / )"
        searchable
        value={null}
        searchValue={typed}
        onSearchChange={setTyped}
        onChange={value => value !== null && add(value)}
        data={offers}
        filter={({ options }) => options}
        nothingFoundMessage="Nothing on disk matches."
        comboboxProps={{ width: 380, position: 'bottom-start' }}
        maxDropdownHeight={320}
      />
      {isGroup ? (
        <Pill
          text={`${group.type === undefined ? `family ${group.family}` : `all zones of ${group.type}`}${group.region === undefined ? '' : ` in ${group.region}`}${group.product === undefined || group.product === 'Linux/UNIX' ? '' : `, ${group.product}`}`}
          onRemove={() => choose({ pools })}
        />
      ) : null}
      {single.length <= PILLS_SHOWN ? (
        single.map(row => (
          <Pill
            key={row.key}
            text={poolName(row)}
            onRemove={() => choose({ ...group, pools: pools.filter(key => key !== row.key) })}
          />
        ))
      ) : (
        <Pill text={counted(single.length, 'chosen pool')} onRemove={() => choose(group)} />
      )}
      {single.length + (isGroup ? 1 : 0) > 1 ? (
        <Button size="xs" variant="subtle" onClick={() => choose({})}>
          Remove all
        </Button>
      ) : null}
    </Group>
  );
}

function Pill({ text, onRemove }: { readonly text: string; readonly onRemove: () => void }) {
  return (
    <span className="co-pill">
      <Text span size="xs">
        {text}
      </Text>
      <CloseButton size="xs" aria-label={`Remove ${text}`} onClick={onRemove} />
    </span>
  );
}

interface Offer {
  readonly value: string;
  readonly label: string;
}

/** What fits the words typed: families and types first, because they are more at once. */
function offersFor(rows: readonly PoolRow[], typed: string): { group: string; items: Offer[] }[] {
  const words = typed.trim().toLowerCase().split(/\s+/);
  const fits = (text: string) => words.every(word => text.toLowerCase().includes(word));
  const families = new Map<string, Offer>();
  const types = new Map<string, Offer>();
  const pools: Offer[] = [];
  for (const row of rows) {
    const { region, product, family, instanceType, key } = row;
    const where = `${region}${product === 'Linux/UNIX' ? '' : `, ${product}`}`;
    const of = (kind: string, name: string) => `${kind} ${name} ${region} ${product}`;
    if (families.size < OFFERED && fits(`${family} ${where}`))
      families.set(of('family', family), {
        value: of('family', family),
        label: `Family ${family} in ${where}`,
      });
    if (types.size < OFFERED && fits(`${instanceType} ${where}`))
      types.set(of('type', instanceType), {
        value: of('type', instanceType),
        label: `All zones of ${instanceType} in ${where}`,
      });
    if (pools.length < OFFERED && fits(`${poolName(row)} ${region}`)) {
      const price = row.price === null ? 'price unknown' : moneyText(row.price, 'hour');
      pools.push({ value: `pool ${key}`, label: `${poolName(row)}, ${price}` });
    }
  }
  return [
    { group: 'Pools', items: pools.slice(0, words[0] === '' ? 5 : OFFERED) },
    { group: 'All zones of a type', items: [...types.values()].slice(0, 12) },
    { group: 'Families', items: [...families.values()].slice(0, 12) },
  ].filter(({ items }) => items.length > 0);
}
