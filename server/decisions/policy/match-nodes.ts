import type { NodeMatch } from '../../../common/contracts/index.ts';

/** What rules about nodes go by. */
export interface NodePlace {
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: 'spot' | 'on-demand' | 'unknown';
  /** Karpenter NodePool or EKS node group. */
  readonly nodePool: string | null;
}

/** Labels by which Karpenter and EKS say to which pool a node belongs. */
const POOL_LABELS = ['karpenter.sh/nodepool', 'eks.amazonaws.com/nodegroup'];

/** The pool that a node says it belongs to; `null` when it says nothing. */
export function nodePoolOf(labels: Readonly<Record<string, string>> | undefined): string | null {
  for (const label of POOL_LABELS) {
    const name = labels?.[label];
    if (name !== undefined) return name;
  }
  return null;
}

/** What rules go by, of a node as it is seen; what is unknown of it fits no rule that asks for it. */
export function placeOfNode(
  node: Readonly<{
    instanceType: string | null;
    zone: string | null;
    capacityType: NodePlace['capacityType'];
  }>,
  labels: Readonly<Record<string, string>> | undefined,
): NodePlace {
  const { instanceType, zone, capacityType } = node;
  return { instanceType: instanceType ?? '', zone: zone ?? '', capacityType, nodePool: nodePoolOf(labels) };
}

/** Whether a rule is for a node. A rule that names pools is not for a node whose pool is unknown. */
export function matchesNode(match: NodeMatch, place: NodePlace): boolean {
  return (
    fitsAny(match.nodePools, place.nodePool) &&
    fitsAny(match.instanceTypes, place.instanceType) &&
    fitsAny(match.zones, place.zone) &&
    (!match.capacityTypes?.length || match.capacityTypes.includes(place.capacityType))
  );
}

/** Whether a name fits one of these, where `*` stands for any characters; an absent or empty list fits all. */
export function fitsAny(globs: readonly string[] | undefined, name: string | null): boolean {
  if (!globs || globs.length === 0) return true;
  return name !== null && globs.some(glob => fitsGlob(glob, name));
}

function fitsGlob(glob: string, name: string): boolean {
  const [first = '', ...rest] = glob.split('*');
  if (rest.length === 0) return glob === name;
  const last = rest.pop() ?? '';
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
    return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}
