import type { ContainerResources } from '../../../common/contracts/index.ts';
import { allocated, type UnitPrices } from './price-share.ts';
import type { ContainerToSize, WorkloadToSize } from './sizing-state.ts';

/** What all pods of a workload together are charged less for with other requests; `null` when the price of none is known. */
export function savingOf(
  { podNodes }: WorkloadToSize,
  { cpuMilli, memoryBytes }: NonNullable<ContainerToSize['usage']>,
  now: ContainerResources,
  recommended: ContainerResources,
  prices: ReadonlyMap<string, UnitPrices>,
): { readonly microUsdPerHour: number | null; readonly podsWithUnknownPrice: number } {
  const cpu =
    allocated(now.cpuRequestMilli, cpuMilli?.mean ?? 0) -
    allocated(recommended.cpuRequestMilli, cpuMilli?.mean ?? 0);
  const memory =
    allocated(now.memoryRequestBytes, memoryBytes?.mean ?? 0) -
    allocated(recommended.memoryRequestBytes, memoryBytes?.mean ?? 0);
  let saved = 0;
  let priced = 0;
  for (const node of podNodes) {
    const price = node === null ? undefined : prices.get(node);
    if (!price) continue;
    priced++;
    saved += cpu * price.cpuMilli + memory * price.memoryByte;
  }
  return {
    microUsdPerHour: priced === 0 ? null : Math.round(saved),
    podsWithUnknownPrice: podNodes.length - priced,
  };
}
