import type { InventoryObject, InventoryPodShape } from '../../common/agent-protocol/index.ts';

/** An object as the server gets it, with the shape that it names. */
export interface ProjectedObject {
  readonly object: InventoryObject;
  readonly shape?: InventoryPodShape;
}
