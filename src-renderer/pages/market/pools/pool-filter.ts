import type { PoolRow } from './pool-rows.ts';

/** Which pools are looked at; an empty text or `null` asks for nothing. Each name is also the one in the address. */
export interface PoolFilter {
  readonly region: string;
  readonly zone: string;
  readonly product: string;
  readonly family: string;
  readonly type: string;
  readonly arch: string;
  /** Upper end of the band, in percent. */
  readonly band: number | null;
  readonly vcpu: number | null;
  readonly gib: number | null;
}

const TEXTS = ['region', 'zone', 'product', 'family', 'type', 'arch'] as const;
const NUMBERS = ['band', 'vcpu', 'gib'] as const;

/** The filter that an address names. */
export function filterFromSearch(search: URLSearchParams): PoolFilter {
  const number = (name: string) => {
    const value = Number(search.get(name) ?? Number.NaN);
    return Number.isFinite(value) ? value : null;
  };
  return {
    ...(Object.fromEntries(TEXTS.map(name => [name, search.get(name) ?? ''])) as Record<
      (typeof TEXTS)[number],
      string
    >),
    ...(Object.fromEntries(NUMBERS.map(name => [name, number(name)])) as Record<
      (typeof NUMBERS)[number],
      number | null
    >),
  };
}

/** The address with another filter; what else it says stays. */
export function searchWithFilter(search: URLSearchParams, filter: Partial<PoolFilter>): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(filter)) {
    if (value === '' || value === null) next.delete(name);
    else next.set(name, String(value));
  }
  return next;
}

/** Whether anything is asked for. */
export function isFiltering(filter: PoolFilter): boolean {
  return Object.values(filter).some(value => value !== '' && value !== null);
}

/** Whether a pool is among those asked for. What is not known of a pool fits no filter. */
export function fitsFilter(row: PoolRow, filter: PoolFilter): boolean {
  const { region, zone, product, family, type, arch, band, vcpu, gib } = filter;
  return (
    (region === '' || row.region === region) &&
    (zone === '' || row.zone === zone) &&
    (product === '' || row.product === product) &&
    (family === '' || row.family === family) &&
    (type === '' || row.instanceType === type) &&
    (arch === '' || row.arch === arch) &&
    (band === null || (row.band !== null && row.band.maxPercent <= band)) &&
    (vcpu === null || (row.vcpu !== null && row.vcpu >= vcpu)) &&
    (gib === null || (row.memoryGib !== null && row.memoryGib >= gib))
  );
}
