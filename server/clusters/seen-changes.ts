import type { InventoryNode, InventoryObject, InventoryPod } from '../../common/agent-protocol/index.ts';
import type { SeenEvent } from './event-store.ts';
import type { InventoryChanges } from './inventory-store.ts';

/**
 * What committed changes of inventory say that happened: nodes that came, went, or stopped and began to be ready, and
 * containers that were killed for want of memory.
 * @param at when it was told, in ms
 */
export function seenChanges(
  before: ReadonlyMap<string, InventoryObject>,
  changes: InventoryChanges,
  at: number,
): SeenEvent[] {
  const events: SeenEvent[] = [];
  const add = (reason: string, object: string, message: string, severity: SeenEvent['severity'] = 'info') =>
    void events.push({ at, reason, object, message, severity });
  for (const [key, after] of changes) {
    const known = before.get(key);
    const kind = (after ?? known)?.kind;
    if (kind === 'Node') nodeChange(key, known as InventoryNode | undefined, after as InventoryNode | null);
    if (kind === 'Pod' && after) kills(key, known as InventoryPod | undefined, after as InventoryPod);
  }
  return events;

  function nodeChange(key: string, known: InventoryNode | undefined, node: InventoryNode | null): void {
    if (node === null) add('NodeGone', key, 'The node is no longer part of the cluster.');
    else if (known === undefined || known.uid !== node.uid)
      add('NodeJoined', key, `${node.labels['node.kubernetes.io/instance-type'] ?? 'A node'} joined.`);
    else if (known.ready && !node.ready) add('NodeNotReady', key, 'The node is not ready.', 'warning');
    else if (!known.ready && node.ready) add('NodeReady', key, 'The node is ready.');
  }

  function kills(key: string, known: InventoryPod | undefined, pod: InventoryPod): void {
    for (const { name, oomKilledAt, limits } of pod.containers ?? []) {
      const last = known?.containers?.find(one => one.name === name)?.oomKilledAt;
      if (oomKilledAt === undefined || oomKilledAt === last) continue;
      const limit = limits.memoryBytes === undefined ? '' : ` at its limit of ${limits.memoryBytes} bytes`;
      const message = `Container ${name} was killed for want of memory${limit}.`;
      events.push({ at: oomKilledAt, reason: 'OOMKilled', object: key, message, severity: 'warning' });
    }
  }
}
