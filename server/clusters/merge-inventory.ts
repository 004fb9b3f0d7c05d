import { type AgentMessage, type InventoryObject, inventoryKey } from '../../common/agent-protocol/index.ts';
import type { InventoryChanges } from './inventory-store.ts';

/**
 * What messages, in their order, change in the objects of a cluster. A snapshot counts as the difference to what
 * is known, so that a repeated one costs nothing. Messages of other kinds are passed over.
 */
export function mergeInventory(
  before: ReadonlyMap<string, InventoryObject>,
  messages: readonly AgentMessage[],
): InventoryChanges {
  const changes = new Map<string, InventoryObject | null>();
  const current = (key: string) => (changes.has(key) ? changes.get(key) : before.get(key));
  const set = (key: string, object: InventoryObject) => {
    const known = current(key);
    if (!known || JSON.stringify(known) !== JSON.stringify(object)) changes.set(key, object);
  };
  const remove = (key: string) => {
    if (before.has(key)) changes.set(key, null);
    else changes.delete(key);
  };
  for (const { body } of messages) {
    if (body.kind === 'inventory.delta') {
      // Removals first: an object deleted and made anew between two deltas is in both lists.
      for (const key of body.removals) remove(key);
      for (const object of body.upserts) set(inventoryKey(object), object);
    } else if (body.kind === 'inventory.snapshot') {
      const kept = new Set(body.objects.map(inventoryKey));
      for (const key of [...before.keys(), ...changes.keys()]) if (!kept.has(key)) remove(key);
      for (const object of body.objects) set(inventoryKey(object), object);
    }
  }
  return changes;
}
