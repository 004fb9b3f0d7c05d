import { type InventoryObject, inventoryKey } from '../../common/agent-protocol/index.ts';
import type { ProjectedObject } from './projected-object.ts';

/** Some objects of the view, and whether others follow. */
export interface ViewPart {
  readonly objects: InventoryObject[];
  readonly more: boolean;
}

/** Changes since they were last taken. */
export interface ViewChanges {
  readonly upserts: InventoryObject[];
  readonly removals: string[];
}

/**
 * What the server knows or is about to know, by inventory key. Objects are kept as JSON text: a third of the memory
 * of live objects, and equal texts are equal objects because projections write their fields in one order. A shape is kept while some object uses it, and comes before its users.
 */
export class InventoryView {
  readonly #texts = new Map<string, string>();
  readonly #changed = new Set<string>();
  /** Key of the shape that an object uses, by the object's key. */
  readonly #shapeOf = new Map<string, string>();
  readonly #users = new Map<string, { readonly key: string; count: number }>();

  get isDirty(): boolean {
    return this.#changed.size > 0;
  }

  put(key: string, { object, shape }: ProjectedObject): void {
    const before = this.#shapeOf.get(key);
    if (shape) this.#use(key, shape);
    else this.#shapeOf.delete(key);
    this.#set(key, object);
    if (before !== undefined) this.#release(before);
  }

  remove(key: string): void {
    if (this.#texts.delete(key)) this.#changed.add(key);
    const shape = this.#shapeOf.get(key);
    if (shape === undefined) return;
    this.#shapeOf.delete(key);
    this.#release(shape);
  }

  /** Removes what of this kind is not among the keys. */
  keepOnly(kind: string, keys: ReadonlySet<string>): void {
    for (const key of this.#texts.keys()) {
      if (key.startsWith(`${kind}/`) && !keys.has(key)) this.remove(key);
    }
  }

  /**
   * Everything, in parts of at most about `maxBytes`, nodes last: whoever looks in between sees pods without their
   * nodes rather than nodes that look empty. Changes so far count as taken.
   */
  *takeAll(maxBytes: number): Generator<ViewPart> {
    this.#changed.clear();
    const keys = [...this.#texts.keys()];
    const ordered = [...keys.filter(key => !isNode(key)), ...keys.filter(isNode)];
    let objects: InventoryObject[] = [];
    let bytes = 0;
    for (const key of ordered) {
      const text = this.#texts.get(key);
      if (text === undefined) continue;
      if (bytes > 0 && bytes + text.length > maxBytes) {
        yield { objects, more: true };
        objects = [];
        bytes = 0;
      }
      objects.push(JSON.parse(text) as InventoryObject);
      bytes += text.length;
    }
    yield { objects, more: false };
  }

  /** What changed, in parts of at most about `maxBytes`. */
  *takeChanges(maxBytes: number): Generator<ViewChanges> {
    const keys = [...this.#changed];
    this.#changed.clear();
    let part: ViewChanges = { upserts: [], removals: [] };
    let bytes = 0;
    for (const key of keys) {
      const text = this.#texts.get(key);
      const size = text?.length ?? key.length;
      if (bytes > 0 && bytes + size > maxBytes) {
        yield part;
        part = { upserts: [], removals: [] };
        bytes = 0;
      }
      if (text === undefined) part.removals.push(key);
      else part.upserts.push(JSON.parse(text) as InventoryObject);
      bytes += size;
    }
    if (bytes > 0) yield part;
  }

  #set(key: string, object: InventoryObject): void {
    const text = JSON.stringify(object);
    if (this.#texts.get(key) === text) return;
    this.#texts.set(key, text);
    this.#changed.add(key);
  }

  #use(user: string, shape: InventoryObject): void {
    const key = inventoryKey(shape);
    // The key is one string for all who use the shape, and not one for each.
    const known = this.#users.get(key) ?? { key, count: 0 };
    this.#users.set(known.key, known);
    if (known.count++ === 0) this.#set(known.key, shape);
    this.#shapeOf.set(user, known.key);
  }

  #release(key: string): void {
    const known = this.#users.get(key);
    if (!known || --known.count > 0) return;
    this.#users.delete(key);
    if (this.#texts.delete(key)) this.#changed.add(key);
  }
}

function isNode(key: string): boolean {
  return key.startsWith('Node/');
}
