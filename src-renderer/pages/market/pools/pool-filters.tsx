import { Button, Group, NumberInput, Select } from '@mantine/core';
import { useMemo } from 'react';
import { useSearchParams } from 'wouter';
import { filterFromSearch, isFiltering, type PoolFilter, searchWithFilter } from './pool-filter.ts';
import type { PoolRow } from './pool-rows.ts';

const ARCHITECTURES = [
  { value: 'amd64', label: 'x86-64' },
  { value: 'arm64', label: 'ARM64' },
];

const NAMES = ['region', 'zone', 'product', 'family', 'type', 'arch', 'band', 'vcpu', 'gib'] as const;

/** Narrows the pools; the choice is part of the address. */
export function PoolFilters({ rows }: { readonly rows: readonly PoolRow[] }) {
  const [search, setSearch] = useSearchParams();
  const filter = filterFromSearch(search);
  const { regions, zones, products, families, bands } = useMemo(() => namesIn(rows), [rows]);
  const change = (next: Partial<PoolFilter>) =>
    setSearch(before => searchWithFilter(before, next), { replace: true });
  const list = (name: keyof PoolFilter, label: string, data: readonly (string | Item)[], width: number) => (
    <Select
      size="xs"
      w={width}
      label={label}
      placeholder="any"
      clearable
      searchable={data.length > 8}
      data={[...data]}
      value={filter[name] === null || filter[name] === '' ? null : String(filter[name])}
      onChange={value => change({ [name]: value ?? '' })}
      comboboxProps={{ width: 'max-content', position: 'bottom-start' }}
    />
  );
  const least = (name: 'vcpu' | 'gib', label: string) => (
    <NumberInput
      size="xs"
      w={84}
      label={label}
      placeholder="any"
      min={0}
      allowNegative={false}
      hideControls
      value={filter[name] ?? ''}
      onChange={value => change({ [name]: typeof value === 'number' ? value : null })}
    />
  );
  return (
    <Group role="group" aria-label="Filter" px="md" pt={10} gap={8} align="flex-end">
      {list('region', 'Region', regions, 118)}
      {list(
        'zone',
        'Zone',
        filter.region === '' ? zones : zones.filter(zone => inRegion(rows, zone, filter.region)),
        118,
      )}
      {list('product', 'Product', products, 128)}
      {list('family', 'Family', families, 96)}
      {list('arch', 'Architecture', ARCHITECTURES, 104)}
      {list('band', 'Interrupted', bands, 116)}
      {least('vcpu', 'vCPU from')}
      {least('gib', 'GiB from')}
      {isFiltering(filter) ? (
        <Button
          size="xs"
          variant="subtle"
          onClick={() =>
            setSearch(
              before => {
                const next = new URLSearchParams(before);
                for (const name of NAMES) next.delete(name);
                return next;
              },
              { replace: true },
            )
          }
        >
          Clear
        </Button>
      ) : null}
    </Group>
  );
}

interface Item {
  readonly value: string;
  readonly label: string;
}

function inRegion(rows: readonly PoolRow[], zone: string, region: string): boolean {
  return rows.find(row => row.zone === zone)?.region === region;
}

function namesIn(rows: readonly PoolRow[]) {
  const sorted = (values: Iterable<string>) =>
    [...new Set(values)].sort(new Intl.Collator('en', { numeric: true }).compare);
  const bands = new Map(rows.flatMap(({ band }) => (band ? [[band.maxPercent, band.label]] : [])));
  return {
    regions: sorted(rows.map(row => row.region)),
    zones: sorted(rows.map(row => row.zone)),
    products: sorted(rows.map(row => row.product)),
    families: sorted(rows.map(row => row.family)),
    bands: [...bands]
      .sort(([a], [b]) => a - b)
      .map(([percent]) => ({
        value: String(percent),
        label: percent >= 100 ? 'known' : `up to ${percent} %`,
      })),
  };
}
