import type { Container, Pod } from './kubernetes-objects.ts';
import type { Amount } from './pod-facts.ts';
import { amountOf } from './pod-facts.ts';
import { hashText } from './random.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** On a pod: bytes that each of its containers uses instead, for tests of what happens then. */
export const MEMORY_ANNOTATION = 'pretend.cloudoptim.io/memory-bytes';
/** On a pod: CPU and memory that each of its containers was made to ask for. Its load does not change with its requests. */
export const LOAD_ANNOTATION = 'pretend.cloudoptim.io/load';
const UNREQUESTED: Amount = { cpuMilli: 20, memoryBytes: 48 * 2 ** 20 };

/**
 * What a container uses at a moment: a smooth, deterministic function of time between about 30 and 60 % of what it was made to request,
 * with a daily wave and faster ripples; memory moves less than CPU.
 */
export function containerUsage(pod: Pod, container: Container, atMs: number): Amount {
  const requested = loadOf(pod) ?? amountOf(container.resources?.requests);
  const told = Number(pod.metadata.annotations?.[MEMORY_ANNOTATION]);
  const hash = hashText(`${pod.metadata.namespace}/${pod.metadata.name}/${container.name}`);
  const phase = (hash % 1000) / 1000;
  const level = 0.4 + ((hash >>> 10) % 100) / 1000;
  const day = wave(atMs, DAY_MS, 0.6);
  const slow = wave(atMs, 37 * MINUTE_MS, phase);
  const fast = wave(atMs, 7 * MINUTE_MS, phase * 3);
  const cpuShare = level + 0.07 * day + 0.03 * slow + 0.02 * fast;
  const memoryShare = level + 0.05 + 0.03 * day + 0.01 * slow;
  return {
    cpuMilli: (requested.cpuMilli || UNREQUESTED.cpuMilli) * cpuShare,
    memoryBytes:
      told > 0 ? told : Math.round((requested.memoryBytes || UNREQUESTED.memoryBytes) * memoryShare),
  };
}

function loadOf({ metadata }: Pod): Amount | undefined {
  const [cpu, memory] = metadata.annotations?.[LOAD_ANNOTATION]?.split(' ') ?? [];
  return cpu === undefined || memory === undefined ? undefined : amountOf({ cpu, memory });
}

/** What all containers of a pod use together. */
function podUsage(pod: Pod, atMs: number): Amount {
  return total(pod.spec.containers.map(container => containerUsage(pod, container, atMs)));
}

/** What a node uses: its running pods, and a little for the system itself. */
export function nodeUsage(pods: readonly Pod[], atMs: number): Amount {
  const system = { cpuMilli: 40 + 5 * wave(atMs, 11 * MINUTE_MS, 0), memoryBytes: 320 * 2 ** 20 };
  const running = pods.filter(pod => pod.status?.phase === 'Running');
  return total([system, ...running.map(pod => podUsage(pod, atMs))]);
}

function wave(atMs: number, periodMs: number, phase: number): number {
  return Math.sin(2 * Math.PI * (atMs / periodMs + phase));
}

function total(amounts: readonly Amount[]): Amount {
  return {
    cpuMilli: amounts.reduce((sum, one) => sum + one.cpuMilli, 0),
    memoryBytes: amounts.reduce((sum, one) => sum + one.memoryBytes, 0),
  };
}
