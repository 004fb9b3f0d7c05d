import type { InventoryNodePool } from '../../../common/agent-protocol/index.ts';
import { expressionHolds } from '../packing/node-rules.ts';
import { type LabelExpression, labelOperators } from '../packing/problem.ts';

export type PoolRequirement = InventoryNodePool['requirements'][number];

export const TYPE_LABEL = 'node.kubernetes.io/instance-type';
export const ZONE_LABEL = 'topology.kubernetes.io/zone';
export const CAPACITY_LABEL = 'karpenter.sh/capacity-type';

/** What Karpenter may buy: a type in a zone, paid for in one way. */
export interface Offering {
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: 'on-demand' | 'spot';
  /** As Karpenter knows prices: the list price, or the Spot price. */
  readonly priceMicroUsdPerHour: number;
  readonly region: string;
  readonly arch: string;
  readonly vcpu: number;
  readonly memoryMib: number;
  readonly gpuCount: number;
  readonly pods: number;
  readonly allocatable: { readonly cpuMilli: number; readonly memoryBytes: number };
}

/**
 * The labels that Karpenter knows of an offering before it launches it. `instance-category` and `-generation` are read off the
 * name as its AWS provider does: letters, then digits (karpenter-provider-aws, `pkg/providers/instancetype/types.go`).
 */
export function labelsOf(
  offering: Omit<Offering, 'priceMicroUsdPerHour' | 'allocatable' | 'pods'>,
): ReadonlyMap<string, string> {
  const { instanceType, zone, capacityType, region, arch, vcpu, memoryMib, gpuCount } = offering;
  const [family = '', size = ''] = instanceType.split('.');
  const [, category, , generation] = /^([a-z]+)(-\d+tb)?(\d+)/.exec(instanceType) ?? [];
  return new Map([
    [TYPE_LABEL, instanceType],
    [ZONE_LABEL, zone],
    [CAPACITY_LABEL, capacityType],
    ['topology.kubernetes.io/region', region],
    ['kubernetes.io/arch', arch],
    ['kubernetes.io/os', 'linux'],
    ['karpenter.k8s.aws/instance-family', family],
    ['karpenter.k8s.aws/instance-size', size],
    ['karpenter.k8s.aws/instance-cpu', String(vcpu)],
    ['karpenter.k8s.aws/instance-memory', String(memoryMib)],
    ...(gpuCount > 0 ? [['karpenter.k8s.aws/instance-gpu-count', String(gpuCount)] as const] : []),
    ...(category === undefined ? [] : [['karpenter.k8s.aws/instance-category', category] as const]),
    ...(generation === undefined ? [] : [['karpenter.k8s.aws/instance-generation', generation] as const]),
  ]);
}

/** Labels of which nothing is known before the launch; a requirement on one cannot be judged here. */
export function isKnownLabel(key: string): boolean {
  return KNOWN.has(key);
}
const KNOWN = new Set([
  ...labelsOf({
    instanceType: 'm5.large',
    zone: '',
    capacityType: 'spot',
    region: '',
    arch: '',
    vcpu: 0,
    memoryMib: 0,
    gpuCount: 1,
  }).keys(),
]);

/** Whether a value, `undefined` for none, meets a requirement: by Kubernetes' operators, and Karpenter's own Gte and Lte. */
export function meets({ key, operator, values = [] }: PoolRequirement, value: string | undefined): boolean {
  const holds = (one: LabelExpression['operator']) => expressionHolds({ key, operator: one, values }, value);
  if (operator === 'Gte') return holds('Gt') || value === values[0];
  if (operator === 'Lte') return holds('Lt') || value === values[0];
  const known = labelOperators.find(one => one === operator);
  return known !== undefined && holds(known);
}

/** Whether a pool may buy an offering: every requirement that can be judged is met. */
export function admits(
  {
    requirements,
    labels,
  }: { readonly requirements: readonly PoolRequirement[]; readonly labels: InventoryNodePool['labels'] },
  offering: Parameters<typeof labelsOf>[0],
): boolean {
  const known = labelsOf(offering);
  return requirements.every(
    one => !(isKnownLabel(one.key) || one.key in labels) || meets(one, known.get(one.key) ?? labels[one.key]),
  );
}

/** The requirement, changed as little as lets it admit the value; `undefined` where it has to go. */
export function widened(
  requirement: PoolRequirement,
  value: string | undefined,
): PoolRequirement | undefined {
  if (meets(requirement, value)) return requirement;
  const { operator, values = [] } = requirement;
  if (value === undefined) return undefined;
  if (operator === 'In') return { ...requirement, values: [...values, value] };
  if (operator === 'NotIn') {
    const left = values.filter(one => one !== value);
    return left.length === 0 ? undefined : { ...requirement, values: left };
  }
  if (operator === 'Gt') return { ...requirement, values: [String(Number(value) - 1)] };
  if (operator === 'Lt') return { ...requirement, values: [String(Number(value) + 1)] };
  if (operator === 'Gte' || operator === 'Lte') return { ...requirement, values: [value] };
  return undefined;
}
