import type { PackingProblem } from '../../server/decisions/packing/problem.ts';
import { type BaselineClass, type BaselineType, baselineClasses, baselineTypes } from './packing-case.ts';

interface Claim {
  pods: number;
  cpu: number;
  memory: number;
  gpu: number;
  arch: string | undefined;
  zone: string | null;
  types: BaselineType[];
  mostCpu: number;
  mostMemory: number;
  readonly apart: Set<number>;
}

/**
 * First-fit-decreasing as Karpenter v1 orders it: pods by CPU, then memory, descending; claims in flight by fewest pods; a claim keeps all types that still
 * hold it, and is the cheapest of them in the end. Pods that spread over zones go to the zone with fewest of their class.
 * Source: sigs.k8s.io/karpenter pkg/controllers/provisioning/scheduling/{queue,scheduler,nodeclaim}.go.
 * @returns micro-USD an hour, and pods that fit nowhere
 */
export function packLikeKarpenter(problem: PackingProblem): { cost: number; unplaced: number } {
  const types = baselineTypes(problem);
  const zones = [...new Set(types.map(({ zone }) => zone))].filter(zone => zone !== null);
  const claims: Claim[] = [];
  let unplaced = 0;
  const order = baselineClasses(problem).sort(
    (a, b) => b.cpu - a.cpu || b.memory - a.memory || a.podClass - b.podClass,
  );
  for (const pod of order) {
    for (let i = 0; i < pod.count; i++) {
      const zone = pod.spreadsZones ? (zones[i % zones.length] ?? null) : null;
      const claim = claims.find(open => joins(open, pod, zone)) ?? openClaim(types, pod, zone);
      if (!claim) unplaced++;
      else if (claim.pods === 1 && !claims.includes(claim)) claims.unshift(claim);
      else resort(claims, claim);
    }
  }
  return {
    cost: claims.reduce((sum, { types: left }) => sum + Math.min(...left.map(({ price }) => price)), 0),
    unplaced,
  };
}

function openClaim(
  types: readonly BaselineType[],
  pod: BaselineClass,
  zone: string | null,
): Claim | undefined {
  const claim: Claim = {
    pods: 0,
    cpu: 0,
    memory: 0,
    gpu: 0,
    arch: undefined,
    zone: null,
    types: [...types],
    mostCpu: Infinity,
    mostMemory: Infinity,
    apart: new Set(),
  };
  return joins(claim, pod, zone) ? claim : undefined;
}

function joins(claim: Claim, pod: BaselineClass, zone: string | null): boolean {
  const cpu = claim.cpu + pod.cpu;
  const memory = claim.memory + pod.memory;
  if (cpu > claim.mostCpu || memory > claim.mostMemory) return false;
  if (pod.isApart && claim.apart.has(pod.podClass)) return false;
  if (zone !== null && claim.zone !== null && zone !== claim.zone) return false;
  const arch = pod.arch ?? claim.arch;
  if (claim.arch !== undefined && pod.arch !== undefined && claim.arch !== pod.arch) return false;
  const gpu = claim.gpu + pod.gpu;
  const pods = claim.pods + 1;
  const place = zone ?? claim.zone;
  const left = claim.types.filter(
    type =>
      type.cpu >= cpu &&
      type.memory >= memory &&
      type.gpu >= gpu &&
      type.pods >= pods &&
      (arch === undefined || type.arch === arch) &&
      (place === null || type.zone === place),
  );
  if (left.length === 0) return false;
  Object.assign(claim, { cpu, memory, gpu, pods, arch, zone: place, types: left });
  claim.mostCpu = Math.max(...left.map(type => type.cpu));
  claim.mostMemory = Math.max(...left.map(type => type.memory));
  if (pod.isApart) claim.apart.add(pod.podClass);
  return true;
}

/** The claim has one pod more: it moves behind those with fewer. */
function resort(claims: Claim[], claim: Claim): void {
  let at = claims.indexOf(claim);
  while (at + 1 < claims.length && (claims[at + 1] as Claim).pods < claim.pods) {
    claims[at] = claims[at + 1] as Claim;
    at++;
  }
  claims[at] = claim;
}
