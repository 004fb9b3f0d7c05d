import { describe, expect, it } from 'vitest';
import { type InventoryObject, inventoryKey } from '../../common/agent-protocol/index.ts';
import type { PodObject } from '../../common/kubernetes/index.ts';
import { InventoryView } from './inventory-view.ts';
import { watched } from './watched-kinds.ts';

const kindOf = (kind: string) => watched.find(one => one.kind === kind);

/** Puts a pod in the view as the watch does; returns its key. */
function put(view: InventoryView, name: string, nodeSelector: Record<string, string>): string {
  const raw: PodObject = { metadata: { namespace: 'shop', name }, spec: { nodeSelector } };
  const projected = kindOf('Pod')?.project(raw);
  if (!projected) throw new Error('a pod is projected');
  const key = inventoryKey(projected.object);
  view.put(key, projected);
  return key;
}

const changesOf = (view: InventoryView) => [...view.takeChanges(1e9)][0] ?? { upserts: [], removals: [] };
const kinds = (objects: readonly InventoryObject[]) => objects.map(({ kind }) => kind);

describe('the view of an agent', () => {
  it('tells the shape of many pods once, before them', () => {
    const view = new InventoryView();
    for (let index = 0; index < 1_000; index++) put(view, `web-${index}`, { disk: 'fast' });
    const { upserts } = changesOf(view);
    expect(kinds(upserts)).toEqual(['PodShape', ...Array.from({ length: 1_000 }, () => 'Pod')]);
    const all = [...view.takeAll(20_000)].flatMap(({ objects }) => objects);
    expect(kinds(all)).toEqual(kinds(upserts));
    const names = new Set(upserts.map(one => (one.kind === 'Pod' ? one.shape : '')));
    expect(names).toContain(upserts[0]?.kind === 'PodShape' ? upserts[0].name : undefined);
  });

  it('keeps a shape while a pod has it, and forgets it with the last one', () => {
    const view = new InventoryView();
    const first = put(view, 'web-0', { disk: 'fast' });
    const second = put(view, 'web-1', { disk: 'fast' });
    const before = changesOf(view).upserts;
    view.remove(first);
    expect(changesOf(view)).toEqual({ upserts: [], removals: [first] });
    put(view, 'web-1', { disk: 'slow' });
    const change = changesOf(view);
    expect(kinds(change.upserts)).toEqual(['PodShape', 'Pod']);
    expect(change.removals).toEqual(before.filter(one => one.kind === 'PodShape').map(inventoryKey));
    view.keepOnly('Pod', new Set());
    expect(changesOf(view).removals).toHaveLength(2);
    expect(view.isDirty).toBe(false);
    view.remove(second);
    expect(view.isDirty).toBe(false);
  });

  it('does not tell again what did not change', () => {
    const view = new InventoryView();
    put(view, 'web-0', {});
    changesOf(view);
    put(view, 'web-0', {});
    expect(view.isDirty).toBe(false);
  });
});
