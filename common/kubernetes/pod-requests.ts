import { bytesFromQuantity, cpuMilliFromQuantity } from '../units/index.ts';
import type { ContainerSpec, PodObject } from './kubernetes-objects.ts';

/** CPU and memory that the scheduler reserves. */
export interface Amounts {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

/**
 * What the scheduler reserves for a pod: the larger of (containers + sidecars) and of each init container with the
 * sidecars started before it, or the pod's own requests where it states them, plus overhead.
 * Source: kubernetes `component-helpers/resource` PodRequests and AggregateContainerRequests.
 */
export function podRequests(spec: NonNullable<PodObject['spec']>): Amounts {
  let sidecars = nothing;
  let peak = nothing;
  for (const container of spec.initContainers ?? []) {
    const own = requestsOf(container);
    if (container.restartPolicy === 'Always') {
      sidecars = add(sidecars, own);
      peak = larger(peak, sidecars);
    } else peak = larger(peak, add(sidecars, own));
  }
  const running = (spec.containers ?? []).map(requestsOf).reduce(add, sidecars);
  const containers = larger(running, peak);
  const stated = spec.resources?.requests;
  const whole = {
    cpuMilli: stated?.cpu === undefined ? containers.cpuMilli : amounts(stated).cpuMilli,
    memoryBytes: stated?.memory === undefined ? containers.memoryBytes : amounts(stated).memoryBytes,
  };
  return add(whole, amounts(spec.overhead));
}

const nothing: Amounts = { cpuMilli: 0, memoryBytes: 0 };

function requestsOf(container: ContainerSpec): Amounts {
  return amounts(container.resources?.requests);
}

/** Quantities as amounts; a missing or unreadable one counts as nothing, as a missing request does. */
export function amounts(quantities: Readonly<Record<string, string>> | undefined): Amounts {
  return {
    cpuMilli: cpuMilliFromQuantity(quantities?.cpu ?? '0') ?? 0,
    memoryBytes: bytesFromQuantity(quantities?.memory ?? '0') ?? 0,
  };
}

/** Sum of two amounts. */
export function add(a: Amounts, b: Amounts): Amounts {
  return { cpuMilli: a.cpuMilli + b.cpuMilli, memoryBytes: a.memoryBytes + b.memoryBytes };
}

function larger(a: Amounts, b: Amounts): Amounts {
  return {
    cpuMilli: Math.max(a.cpuMilli, b.cpuMilli),
    memoryBytes: Math.max(a.memoryBytes, b.memoryBytes),
  };
}
