import type { Offer, PackingProblem, PodClass } from '../../server/decisions/packing/problem.ts';

/** A problem with what the baselines understand of its rules. */
export interface PackingCase {
  readonly name: string;
  readonly problem: PackingProblem;
}

/** A pod class as the baselines see it. */
export interface BaselineClass {
  readonly podClass: number;
  readonly count: number;
  readonly cpu: number;
  readonly memory: number;
  readonly gpu: number;
  readonly arch: string | undefined;
  /** Spread over zones with a skew of one. */
  readonly spreadsZones: boolean;
  /** No two on one node. */
  readonly isApart: boolean;
}

export interface BaselineType {
  readonly cpu: number;
  readonly memory: number;
  readonly gpu: number;
  readonly pods: number;
  readonly arch: string | undefined;
  readonly zone: string | null;
  readonly price: number;
}

export function baselineClasses({ pods }: PackingProblem): BaselineClass[] {
  return pods.map(({ count, requests, rules }: PodClass, podClass) => ({
    podClass,
    count,
    cpu: requests.cpuMilli,
    memory: requests.memoryBytes,
    gpu: requests.extended['nvidia.com/gpu'] ?? 0,
    arch: rules.nodeSelector['kubernetes.io/arch'],
    spreadsZones: rules.topologySpread.length > 0,
    isApart: rules.podAntiAffinity.length > 0 || rules.hostPorts.length > 0,
  }));
}

export function baselineTypes({ offers }: PackingProblem): BaselineType[] {
  return offers.flatMap((offer: Offer) =>
    offer.priceMicroUsdPerHour === null
      ? []
      : [
          {
            cpu: offer.allocatable.cpuMilli,
            memory: offer.allocatable.memoryBytes,
            gpu: offer.allocatable.extended['nvidia.com/gpu'] ?? 0,
            pods: offer.podLimit,
            arch: offer.labels['kubernetes.io/arch'],
            zone: offer.zone,
            price: offer.priceMicroUsdPerHour,
          },
        ],
  );
}
