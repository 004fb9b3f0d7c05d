import { type PoolState, type PoolTable, poolStates } from '../../../../common/contracts/index.ts';
import { type PoolKey, poolKey } from '../../../../common/units/index.ts';

/** A pool as the table shows it. `null` is unknown. Money in micro-USD per hour, shares as 0…1. */
export interface PoolRow {
  readonly key: PoolKey;
  readonly region: string;
  readonly zone: string;
  readonly instanceType: string;
  readonly family: string;
  readonly product: string;
  readonly vcpu: number | null;
  readonly memoryGib: number | null;
  readonly arch: 'amd64' | 'arm64' | null;
  readonly state: PoolState;
  /** The price that stands; unknown of a pool that is silent in time on disk. */
  readonly price: number | null;
  readonly lastPrice: number;
  readonly lastAtMs: number;
  readonly onDemand: number | null;
  readonly effective: number | null;
  readonly saving: number | null;
  readonly perVcpu: number | null;
  readonly band: { readonly label: string; readonly maxPercent: number } | null;
  readonly change24h: number | null;
  readonly change7d: number | null;
  readonly records: number;
}

/** The columns of the server as rows. */
export function poolRows(table: PoolTable): PoolRow[] {
  return table.region.map((region, index): PoolRow => {
    const type = table.types[table.type[index] ?? -1];
    const { instanceType = '', vcpu = null, memoryMib = null, arch = null } = type ?? {};
    const pool = {
      region: table.regions[region] ?? '',
      availabilityZone: table.zones[table.zone[index] ?? -1] ?? '',
      instanceType,
      product: table.products[table.product[index] ?? -1] ?? '',
    };
    const lastPrice = table.lastPrice[index] ?? 0;
    const state = poolStates[table.state[index] ?? -1] ?? 'silent';
    const price = state === 'silent' ? null : lastPrice;
    const effective = table.effective[index] ?? null;
    const change = (before: number | null | undefined) =>
      price === null || !before ? null : price / before - 1;
    return {
      key: poolKey(pool),
      region: pool.region,
      zone: pool.availabilityZone,
      product: pool.product,
      instanceType,
      family: instanceType.slice(0, instanceType.indexOf('.')),
      vcpu,
      memoryGib: memoryMib === null ? null : memoryMib / 1024,
      arch,
      state,
      price,
      lastPrice,
      lastAtMs: table.lastAtMs[index] ?? 0,
      onDemand: table.onDemand[index] ?? null,
      effective,
      saving: price === null || !effective ? null : 1 - price / effective,
      perVcpu: price === null || !vcpu ? null : price / vcpu,
      band: table.bands[table.band[index] ?? -1] ?? null,
      change24h: change(table.dayAgo[index]),
      change7d: change(table.weekAgo[index]),
      records: table.records[index] ?? 0,
    };
  });
}

const SHORT_PRODUCTS: Readonly<Record<string, string>> = {
  'Linux/UNIX': 'Linux',
  'Red Hat Enterprise Linux': 'RHEL',
  'SUSE Linux': 'SUSE',
};

/** What people call a product. */
export function shortProduct(product: string): string {
  return SHORT_PRODUCTS[product] ?? product;
}

/** `m5.large, us-east-1a`, with the product where it is not the usual one. */
export function poolName(row: Pick<PoolRow, 'instanceType' | 'zone' | 'product'>): string {
  const product = row.product === 'Linux/UNIX' ? '' : `, ${shortProduct(row.product)}`;
  return `${row.instanceType}, ${row.zone}${product}`;
}
