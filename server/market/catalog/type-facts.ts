import type { InstanceTypeInfo } from '@aws-sdk/client-ec2';
import type { CatalogTypeFacts } from '../../../common/contracts/index.ts';

const MBPS_PER_GBPS = 1_000;

/**
 * What `DescribeInstanceTypes` says of a type, whether from the SDK or as `aws ec2 describe-instance-types` prints it.
 * `undefined` for an answer without name, size or a 64-bit architecture: such a type cannot be planned with.
 */
export function typeFactsOf(info: InstanceTypeInfo): CatalogTypeFacts | undefined {
  const vcpu = info.VCpuInfo?.DefaultVCpus;
  const memoryMib = info.MemoryInfo?.SizeInMiB;
  const architectures: readonly string[] = info.ProcessorInfo?.SupportedArchitectures ?? [];
  const arch = architectures.some(name => name.startsWith('arm64'))
    ? 'arm64'
    : architectures.some(name => name.startsWith('x86_64'))
      ? 'amd64'
      : undefined;
  if (info.InstanceType === undefined || !vcpu || !memoryMib || arch === undefined) return undefined;
  const gpus = info.GpuInfo?.Gpus ?? [];
  // Inferentia is told under both names: as a Neuron device and as an inference accelerator.
  const accelerators = info.NeuronInfo?.NeuronDevices ?? info.InferenceAcceleratorInfo?.Accelerators ?? [];
  const cards = info.NetworkInfo?.NetworkCards ?? [];
  return {
    instanceType: info.InstanceType,
    vcpu,
    memoryMib,
    arch,
    cpuVendor: info.ProcessorInfo?.Manufacturer ?? null,
    gpuCount: sumOf(gpus.map(gpu => gpu.Count)) ?? 0,
    gpuManufacturer: gpus[0]?.Manufacturer ?? null,
    gpuModel: gpus[0]?.Name ?? null,
    gpuMemoryMib: info.GpuInfo?.TotalGpuMemoryInMiB ?? null,
    acceleratorCount: sumOf(accelerators.map(chip => chip.Count)) ?? 0,
    acceleratorModel: accelerators[0]?.Name ?? null,
    burstable: info.BurstablePerformanceSupported ?? false,
    bareMetal: info.BareMetal ?? false,
    currentGeneration: info.CurrentGeneration ?? false,
    soldAsSpot: info.SupportedUsageClasses?.includes('spot') ?? false,
    networkPerformance: info.NetworkInfo?.NetworkPerformance ?? null,
    networkBaselineMbps: megabits(sumOf(cards.map(card => card.BaselineBandwidthInGbps))),
    networkPeakMbps: megabits(sumOf(cards.map(card => card.PeakBandwidthInGbps))),
    ebsBaselineMbps: info.EbsInfo?.EbsOptimizedInfo?.BaselineBandwidthInMbps ?? null,
    localStorageGb: info.InstanceStorageInfo?.TotalSizeInGB ?? null,
  };
}

/** `undefined` when there is nothing to add, or a part is unknown. */
function sumOf(values: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    sum += value;
  }
  return values.length === 0 ? undefined : sum;
}

function megabits(gigabits: number | undefined): number | null {
  return gigabits === undefined ? null : Math.round(gigabits * MBPS_PER_GBPS);
}
