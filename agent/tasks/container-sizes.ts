import type { ContainerChange, ContainerResources } from '../../common/agent-protocol/index.ts';
import type { ContainerSpec, PodSpec } from '../../common/kubernetes/index.ts';
import {
  bytesFromQuantity,
  cpuMilliFromQuantity,
  cpuQuantity,
  formatBytes,
  formatCpu,
  memoryQuantity,
} from '../../common/units/index.ts';

type Sized = Pick<PodSpec, 'containers' | 'initContainers'>;
type Quantities = Record<string, string | null>;

/** How containers stand against a change: as they were, as they are to be, or otherwise, in words. */
export type SizesFound =
  | { readonly kind: 'now' | 'after' }
  | { readonly kind: 'other'; readonly difference: string };

/** Holds the containers of a pod or of a template against a change of their sizes. */
export function findSizes(spec: Sized, changes: readonly ContainerChange[]): SizesFound {
  const found = new Map(sizedContainers(spec).map(one => [one.name, sizesOf(one)]));
  const missing = changes.find(({ name }) => !found.has(name));
  if (missing) return { kind: 'other', difference: `It has no container ${missing.name}.` };
  if (changes.every(({ name, after }) => isSame(found.get(name), after))) return { kind: 'after' };
  const changed = changes.find(({ name, now }) => !isSame(found.get(name), now));
  if (!changed) return { kind: 'now' };
  const is = found.get(changed.name);
  const difference = `Container ${changed.name} asks for ${wordsOf(is)}, not for ${wordsOf(changed.now)}.`;
  return { kind: 'other', difference };
}

/** Strategic merge patch of a pod spec that gives containers their new sizes; what is not to be stated any more is removed. */
export function sizePatch(spec: Sized, changes: readonly ContainerChange[]): object {
  const parts = (containers: readonly ContainerSpec[] = []) =>
    changes
      .filter(({ name }) => containers.some(one => one.name === name))
      .map(({ name, now, after }) => ({ name, resources: resourcesPatch(now, after) }));
  const [containers, sidecars] = [parts(spec.containers), parts(spec.initContainers)];
  return {
    ...(containers.length > 0 ? { containers } : {}),
    ...(sidecars.length > 0 ? { initContainers: sidecars } : {}),
  };
}

/** Whether each of these containers runs with its new sizes, as its node tells. */
export function runsWith(
  statuses: readonly Pick<ContainerSpec, 'name' | 'resources'>[],
  changes: readonly ContainerChange[],
): boolean {
  return changes.every(({ name, after }) => {
    const status = statuses.find(one => one.name === name);
    return status !== undefined && isSame(sizesOf(status), after);
  });
}

function sizedContainers({ containers = [], initContainers = [] }: Sized): ContainerSpec[] {
  return [...containers, ...initContainers.filter(one => one.restartPolicy === 'Always')];
}

function sizesOf({ resources }: Pick<ContainerSpec, 'resources'>): ContainerResources {
  const cpu = (text: string | undefined) =>
    text === undefined ? null : (cpuMilliFromQuantity(text) ?? null);
  const bytes = (text: string | undefined) => (text === undefined ? null : (bytesFromQuantity(text) ?? null));
  return {
    cpuRequestMilli: cpu(resources?.requests?.cpu),
    memoryRequestBytes: bytes(resources?.requests?.memory),
    cpuLimitMilli: cpu(resources?.limits?.cpu),
    memoryLimitBytes: bytes(resources?.limits?.memory),
  };
}

function isSame(a: ContainerResources | undefined, b: ContainerResources): boolean {
  return (
    a?.cpuRequestMilli === b.cpuRequestMilli &&
    a.memoryRequestBytes === b.memoryRequestBytes &&
    a.cpuLimitMilli === b.cpuLimitMilli &&
    a.memoryLimitBytes === b.memoryLimitBytes
  );
}

function resourcesPatch(now: ContainerResources, after: ContainerResources): Record<string, Quantities> {
  const requests = {
    ...quantity('cpu', now.cpuRequestMilli, after.cpuRequestMilli),
    ...quantity('memory', now.memoryRequestBytes, after.memoryRequestBytes),
  };
  const limits = {
    ...quantity('cpu', now.cpuLimitMilli, after.cpuLimitMilli),
    ...quantity('memory', now.memoryLimitBytes, after.memoryLimitBytes),
  };
  return {
    ...(Object.keys(requests).length > 0 ? { requests } : {}),
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
  };
}

function quantity(resource: 'cpu' | 'memory', now: number | null, after: number | null): Quantities {
  if (now === after) return {};
  if (after === null) return { [resource]: null };
  return { [resource]: resource === 'cpu' ? cpuQuantity(after) : memoryQuantity(after) };
}

function wordsOf(sizes: ContainerResources | undefined): string {
  const cpu = (milli: number | null | undefined) => (milli == null ? 'none' : formatCpu(milli));
  const bytes = (count: number | null | undefined) => (count == null ? 'none' : formatBytes(count));
  return `CPU ${cpu(sizes?.cpuRequestMilli)} (limit ${cpu(sizes?.cpuLimitMilli)}) and memory ${bytes(sizes?.memoryRequestBytes)} (limit ${bytes(sizes?.memoryLimitBytes)})`;
}
