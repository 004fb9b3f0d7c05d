import type { NodeOwner } from '../../common/contracts/index.ts';

const KINDS: Readonly<Record<NodeOwner['kind'], string>> = {
  karpenter: 'Karpenter',
  'eks-node-group': 'Node group',
  'auto-scaling-group': 'Auto Scaling group',
  nobody: 'nobody',
};

/** `Karpenter: web`, `Node group: general`, `nobody`. */
export function ownerWords({ kind, name }: Pick<NodeOwner, 'kind' | 'name'>): string {
  return name === null ? KINDS[kind] : `${KINDS[kind]}: ${name}`;
}
