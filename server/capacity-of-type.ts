import type { Market } from './market/index.ts';
import type { NodeCapacity } from './savings/index.ts';

/** What an instance type has, by the catalog; `undefined` where it does not know the type. */
export function capacityOfType(market: Market, instanceType: string): NodeCapacity | undefined {
  const facts = market.catalog.typeOf(instanceType);
  if (facts === undefined) return undefined;
  const { vcpu, memoryMib, gpuCount } = facts;
  return { cpuMilli: vcpu * 1000, memoryKib: memoryMib * 1024, gpus: gpuCount, from: 'catalog' };
}
