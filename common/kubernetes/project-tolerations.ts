import type { InventoryPod } from '../agent-protocol/index.ts';
import type { PodSpec } from './kubernetes-objects.ts';

/** Tolerations as the API has them, without the time that they last. */
export function projectTolerations({ tolerations = [] }: PodSpec): InventoryPod['tolerations'] {
  return tolerations.map(({ key, operator, value, effect }) => ({
    ...(key === undefined ? {} : { key }),
    ...(operator === undefined ? {} : { operator }),
    ...(value === undefined ? {} : { value }),
    ...(effect === undefined ? {} : { effect }),
  }));
}
