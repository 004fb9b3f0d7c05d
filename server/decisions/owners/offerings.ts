import type { MachineCatalog } from '../snapshot/machine-market.ts';
import type { Offering } from './karpenter-requirements.ts';
import type { ComingNode } from './owner-input.ts';

/** The Spot price in micro-USD per hour; `undefined` where it is unknown. */
export type SpotPriceOf = (place: {
  region: string;
  zone: string;
  instanceType: string;
}) => number | undefined;

const BYTES_PER_MIB = 2 ** 20;

/**
 * What Karpenter may buy in these zones, as far as prices are known. Bare metal and types with GPUs are left out unless the plan wants some:
 * Karpenter takes them only where nothing else fits (aws `pkg/providers/instance`).
 * @param zones region by zone
 */
export function offeringsIn(
  zones: ReadonlyMap<string, string>,
  catalog: MachineCatalog,
  spotPriceOf: SpotPriceOf,
  coming: readonly ComingNode[],
): Offering[] {
  const wanted = new Set(coming.map(({ instanceType }) => instanceType));
  const types = catalog
    .all()
    .filter(
      ({ instanceType, gpuCount }) =>
        wanted.has(instanceType) || (gpuCount === 0 && catalog.typeOf(instanceType)?.bareMetal === false),
    );
  return [...zones].flatMap(([zone, region]) =>
    types.flatMap(type => {
      const { instanceType, arch, vcpu, memoryMib, gpuCount, pods } = type;
      const allocatable = {
        cpuMilli: type.allocatableCpuMilli,
        memoryBytes: type.allocatableMemoryMib * BYTES_PER_MIB,
      };
      const machine = { instanceType, zone, region, arch, vcpu, memoryMib, gpuCount, pods, allocatable };
      const prices = {
        'on-demand': catalog.onDemandMicroUsdPerHour(region, instanceType),
        spot: spotPriceOf({ region, zone, instanceType }),
      };
      return (['on-demand', 'spot'] as const).flatMap(capacityType => {
        const priceMicroUsdPerHour = prices[capacityType];
        return priceMicroUsdPerHour === undefined ? [] : [{ ...machine, capacityType, priceMicroUsdPerHour }];
      });
    }),
  );
}
