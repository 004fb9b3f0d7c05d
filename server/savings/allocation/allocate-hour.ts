import { apportion } from '../apportion.ts';
import { toMicroUsd } from '../booked-interval.ts';
import { type CostShares, noShare, noShares, type WorkloadShare } from './cost-shares.ts';
import type { MeasuredHour, MeasuredNode, NodeCapacity } from './measured-hour.ts';

/**
 * What a node's price is paid for, in what proportion: prices of a core-hour, a GiB-hour and a GPU-hour, micro-USD. Source: OpenCost
 * `configs/aws.json` (CPU 0.031611, RAM 0.004237, GPU 0.95). Only their ratio counts: it is scaled to the price of the node.
 */
const CORE_HOUR = 31_611n;
const GIB_HOUR = 4_237n;
const GPU_HOUR = 950_000n;

/**
 * Shares out what each node of a cluster cost in an hour (OpenCost specification): the cost is split into CPU, memory and GPU by the
 * default ratio; CPU and memory go to workloads by what they held, and what nobody held is idle. Where more was held than the node
 * has (usage above requests), the whole goes to the holders in proportion. Agents do not tell who holds GPUs: their part
 * stands alone. The parts of each node add up to its cost to the micro-USD.
 */
export function allocateHour(hour: MeasuredHour): CostShares {
  const shares = noShares();
  shares.observedMs = hour.observedMs;
  for (const node of hour.nodes.values()) allocateNode(node, shares, hour);
  return shares;
}

function allocateNode(node: MeasuredNode, shares: CostShares, hour: MeasuredHour): void {
  const { pricedMs, unpricedMs, capacity, holdings } = node;
  const costMicroUsd = toMicroUsd(node.priceMs);
  const [cpu = 0n, memory = 0n, gpu = 0n] = apportion(BigInt(costMicroUsd), weightsOf(capacity));
  const held = [...holdings];
  const cpuParts = shareOut(
    cpu,
    capacity.cpuMilli * pricedMs,
    held.map(([, holding]) => holding.cpuMilliMs),
  );
  const memoryParts = shareOut(
    memory,
    capacity.memoryKib * pricedMs,
    held.map(([, holding]) => holding.memoryKibMs),
  );
  for (const [index, [workload, holding]] of held.entries()) {
    const share = shareOf(shares, workload, hour);
    share.cpuMicroUsd += cpuParts[index] ?? 0;
    share.memoryMicroUsd += memoryParts[index] ?? 0;
    share.cpuMilliMs += holding.cpuMilliMs;
    share.memoryKibMs += holding.memoryKibMs;
    share.podMs += holding.podMs;
    share.requestOnlyMs += holding.requestOnlyMs;
    share.unpricedMs += holding.unpricedMs;
  }
  shares.costMicroUsd += costMicroUsd;
  shares.idleCpuMicroUsd += cpuParts[held.length] ?? 0;
  shares.idleMemoryMicroUsd += memoryParts[held.length] ?? 0;
  shares.gpuMicroUsd += Number(gpu);
  shares.nodeMs += pricedMs;
  if (capacity.from === 'allocatable') shares.allocatableOnlyMs += pricedMs;
  if (unpricedMs > 0) {
    const reason = node.unknownReason ?? 'The price was unknown.';
    shares.unpricedMs.set(reason, (shares.unpricedMs.get(reason) ?? 0) + unpricedMs);
  }
}

/** Weights of CPU, memory and GPU in one unit: micro-USD per hour × 1000 × 2^20. */
function weightsOf({ cpuMilli, memoryKib, gpus }: NodeCapacity): bigint[] {
  const KIB_PER_GIB = 1n << 20n;
  // A node that says nothing of itself has no GPU for certain.
  if (cpuMilli === 0 && memoryKib === 0 && gpus === 0) return [1n, 1n, 0n];
  return [
    BigInt(cpuMilli) * CORE_HOUR * KIB_PER_GIB,
    BigInt(memoryKib) * GIB_HOUR * 1000n,
    BigInt(gpus) * GPU_HOUR * 1000n * KIB_PER_GIB,
  ];
}

/** Parts of the holders in order, the idle part last. */
function shareOut(amount: bigint, capacity: number, held: readonly number[]): number[] {
  const sum = held.reduce((total, one) => total + one, 0);
  const idle = Math.max(sum === 0 ? 1 : 0, capacity - sum);
  return apportion(
    amount,
    [...held, idle].map(one => BigInt(Math.round(one))),
  ).map(Number);
}

function shareOf(shares: CostShares, workload: string, hour: MeasuredHour): WorkloadShare {
  const share = shares.workloads.get(workload) ?? noShare(hour.labels.get(workload));
  shares.workloads.set(workload, share);
  return share;
}
