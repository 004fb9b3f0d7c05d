import type { NodeView } from '../../common/contracts/index.ts';
import type { SchedulableCluster } from './neighbours.ts';
import { occupancyByNode } from './node-occupancy.ts';

/** The node that an instance became, and whether pods run on it that not every node has; `undefined` until it has joined. */
export function nodeOfInstance(
  { nodes, inventory }: SchedulableCluster,
  instanceId: string,
): (NodeView & { readonly isUsed: boolean }) | undefined {
  const joined = inventory.nodes.find(({ providerId }) => providerId?.endsWith(`/${instanceId}`));
  const node = joined && nodes.find(({ uid }) => uid === joined.uid);
  if (!node) return undefined;
  return { ...node, isUsed: occupancyByNode(inventory.pods)(node.name).moving.length > 0 };
}

/** The instance that a provider id of AWS names: `aws:///us-east-1a/i-0a1b2c3d4e5f60718`. */
export function instanceIdOf(providerId: string | null): string | undefined {
  return /\b(i-[0-9a-f]+)$/.exec(providerId ?? '')?.[1];
}
