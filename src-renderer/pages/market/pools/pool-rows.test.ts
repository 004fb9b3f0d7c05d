import { describe, expect, it } from 'vitest';
import type { PoolTable } from '../../../../common/contracts/index.ts';
import { filterFromSearch, fitsFilter, searchWithFilter } from './pool-filter.ts';
import { poolName, poolRows } from './pool-rows.ts';

const table: PoolTable = {
  nowMs: 1_000,
  regions: ['eu-west-1'],
  zones: ['eu-west-1a', 'eu-west-1b'],
  products: ['Linux/UNIX', 'Windows'],
  types: [
    { instanceType: 'm5.large', vcpu: 2, memoryMib: 8_192, arch: 'amd64' },
    { instanceType: 'x9.odd', vcpu: null, memoryMib: null, arch: null },
  ],
  bands: [{ label: '<5%', maxPercent: 5 }],
  region: [0, 0, 0],
  zone: [0, 1, 0],
  product: [0, 1, 0],
  type: [0, 0, 1],
  state: [0, 2, 1],
  lastPrice: [30_000, 90_000, 10_000],
  lastAtMs: [900, 100, 200],
  records: [3, 2, 1],
  dayAgo: [20_000, null, null],
  weekAgo: [30_000, 90_000, 0],
  onDemand: [100_000, null, 50_000],
  effective: [60_000, null, 50_000],
  band: [0, null, null],
};

describe('rows of pools', () => {
  const [known, silent, odd] = poolRows(table);

  it('tell saving, price per vCPU and changes', () => {
    expect(known).toMatchObject({ price: 30_000, saving: 0.5, perVcpu: 15_000, change24h: 0.5, change7d: 0 });
    expect(known && poolName(known)).toBe('m5.large, eu-west-1a');
  });

  it('leave unknown what is unknown, the price of a silent pool included', () => {
    expect(silent).toMatchObject({ price: null, lastPrice: 90_000, saving: null, perVcpu: null });
    expect(silent).toMatchObject({ change24h: null, change7d: null, band: null });
    expect(silent && poolName(silent)).toBe('m5.large, eu-west-1b, Windows');
    expect(odd).toMatchObject({ price: 10_000, perVcpu: null, change7d: null, saving: 0.8 });
  });

  it('are found by a filter that lives in the address, which nothing unknown fits', () => {
    const search = searchWithFilter(new URLSearchParams('pool=x&zone=a'), { zone: '', vcpu: 2, band: 5 });
    expect(search.toString()).toBe('pool=x&vcpu=2&band=5');
    const filter = filterFromSearch(search);
    expect(poolRows(table).map(row => fitsFilter(row, filter))).toEqual([true, false, false]);
    const wide = filterFromSearch(new URLSearchParams('region=eu-west-1'));
    expect(poolRows(table).map(row => fitsFilter(row, wide))).toEqual([true, true, true]);
  });
});
