import { bytesFromQuantity, cpuMilliFromQuantity } from '../units/index.ts';
import type { ContainerSpec, PodSpec } from './kubernetes-objects.ts';

/** CPU and memory that the scheduler reserves. */
export interface Amounts {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

/** Amounts by resource name: CPU in milli-cores, all else in bytes or pieces. */
export type ResourceAmounts = Readonly<Record<string, number>>;

/** CPU and memory of `podResources`. */
export function podRequests(spec: PodSpec): Amounts {
  const { cpu = 0, memory = 0 } = podResources(spec);
  return { cpuMilli: cpu, memoryBytes: memory };
}

/**
 * What the scheduler reserves for a pod: the larger of (containers + sidecars) and of each init container with the
 * sidecars started before it, or the pod's own requests where it states them, plus overhead.
 * Source: kubernetes `component-helpers/resource` PodRequests and AggregateContainerRequests.
 */
export function podResources(spec: PodSpec): ResourceAmounts {
  let sidecars: ResourceAmounts = {};
  let peak: ResourceAmounts = {};
  for (const container of spec.initContainers ?? []) {
    const own = requestsOf(container);
    if (container.restartPolicy === 'Always') {
      sidecars = sum(sidecars, own);
      peak = larger(peak, sidecars);
    } else peak = larger(peak, sum(sidecars, own));
  }
  const running = (spec.containers ?? []).map(requestsOf).reduce(sum, sidecars);
  const stated = resourceAmounts(spec.resources?.requests);
  return sum({ ...larger(running, peak), ...stated }, resourceAmounts(spec.overhead));
}

/** Quantities as amounts; an unreadable one counts as nothing, as a missing request does. */
export function resourceAmounts(quantities: Readonly<Record<string, string>> | undefined): ResourceAmounts {
  return Object.fromEntries(
    Object.entries(quantities ?? {}).map(([name, text]) => [
      name,
      (name === 'cpu' ? cpuMilliFromQuantity(text) : bytesFromQuantity(text)) ?? 0,
    ]),
  );
}

/** CPU and memory of quantities. */
export function amounts(quantities: Readonly<Record<string, string>> | undefined): Amounts {
  const { cpu = 0, memory = 0 } = resourceAmounts(quantities);
  return { cpuMilli: cpu, memoryBytes: memory };
}

/** Sum of two amounts. */
export function add(a: Amounts, b: Amounts): Amounts {
  return { cpuMilli: a.cpuMilli + b.cpuMilli, memoryBytes: a.memoryBytes + b.memoryBytes };
}

function requestsOf(container: ContainerSpec): ResourceAmounts {
  return resourceAmounts(container.resources?.requests);
}

function sum(a: ResourceAmounts, b: ResourceAmounts): ResourceAmounts {
  return merged(a, b, (one, other) => one + other);
}

function larger(a: ResourceAmounts, b: ResourceAmounts): ResourceAmounts {
  return merged(a, b, Math.max);
}

function merged(
  a: ResourceAmounts,
  b: ResourceAmounts,
  combine: (one: number, other: number) => number,
): ResourceAmounts {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map(name => [name, combine(a[name] ?? 0, b[name] ?? 0)]));
}
