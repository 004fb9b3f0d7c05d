import type { SizingState } from './sizing-state.ts';

/** Price of a milli-core and of a byte for an hour, in micro-USD. */
export interface UnitPrices {
  readonly cpuMilli: number;
  readonly memoryByte: number;
}

/**
 * How OpenCost weighs a core against a GiB where a node has one price: its default on-demand prices of AWS in USD an hour
 * (opencost `configs/aws.json`: CPU 0.031611, RAM 0.004237).
 */
const CORE_WEIGHT = 0.031611;
const GIB_WEIGHT = 0.004237;
const GIB = 2 ** 30;

/**
 * The price of each node split over its allocatable CPU and memory by OpenCost's rule: default prices, scaled so that they add up
 * to the node's. A node of unknown price is absent.
 */
export function unitPrices(nodes: SizingState['nodes']): ReadonlyMap<string, UnitPrices> {
  const prices = new Map<string, UnitPrices>();
  for (const { name, allocatable, priceMicroUsdPerHour } of nodes) {
    if (priceMicroUsdPerHour === null) continue;
    const weight = (allocatable.cpuMilli / 1000) * CORE_WEIGHT + (allocatable.memoryBytes / GIB) * GIB_WEIGHT;
    if (weight <= 0) continue;
    const scale = priceMicroUsdPerHour / weight;
    prices.set(name, { cpuMilli: (scale * CORE_WEIGHT) / 1000, memoryByte: (scale * GIB_WEIGHT) / GIB });
  }
  return prices;
}

/** What one pod is charged for: the larger of what it asks for and what it uses on average (OpenCost specification). */
export function allocated(requested: number | null, usedOnAverage: number): number {
  return Math.max(requested ?? 0, usedOnAverage);
}
