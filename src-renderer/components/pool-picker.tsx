import { Select } from '@mantine/core';
import type { PoolSummary } from '../../common/contracts/index.ts';
import { moneyText } from './money-text.tsx';

/** Chooses a pool by typing parts of its instance type and zone. */
export function PoolPicker({
  pools,
  value,
  onChange,
}: {
  readonly pools: readonly PoolSummary[];
  readonly value: string;
  readonly onChange: (pool: string) => void;
}) {
  return (
    <Select
      label="Pool"
      w={420}
      searchable
      allowDeselect={false}
      limit={60}
      value={value}
      onChange={next => next !== null && onChange(next)}
      nothingFoundMessage="No pool on disk matches."
      data={pools.map(pool => ({
        value: pool.pool,
        label: `${pool.instanceType} in ${pool.availabilityZone}, ${moneyText(pool.lastPriceMicroUsdPerHour, 'hour')}`,
      }))}
    />
  );
}
