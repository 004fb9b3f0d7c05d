import type {
  InventoryContainer,
  InventoryObject,
  InventoryPod,
} from '../../../common/agent-protocol/index.ts';
import { usageOwner } from './workload-of-pod.ts';

type Find = (key: string) => InventoryObject | null | undefined;

/** A container of a reported pod, under the names by which its usage is kept. */
export interface ReportedContainer {
  readonly name: string;
  /** Workload and container: containers of the same series share it. */
  readonly series: string;
  readonly startedAt: number | undefined;
}

/** What a report says something of. */
export class ReportedPod {
  readonly pod: InventoryPod;
  /** `namespace/name` */
  readonly key: string;
  /** Inventory key of what its usage counts for; `null` for a pod of its own. */
  readonly workload: string | null;
  readonly #containers: ReportedContainer[] = [];

  constructor(pod: InventoryPod, find: Find) {
    this.pod = pod;
    this.key = `${pod.namespace}/${pod.name}`;
    this.workload = usageOwner(pod, find);
  }

  /** The container that stands at a place of the report. */
  container(place: number, name: string): ReportedContainer {
    const known = this.#containers[place];
    if (known?.name === name) return known;
    const told = this.pod.containers?.find((one: InventoryContainer) => one.name === name);
    const found = { name, series: `${this.workload} ${name}`, startedAt: told?.startedAt };
    // A hole would make an array that is slow to read.
    if (place <= this.#containers.length) this.#containers[place] = found;
    return found;
  }
}

/**
 * Finds the pods that reports are about. A report mostly names what the one before it named, in the same order: comparing two names
 * is a small part of what it takes to build a key, look a pod and its owner up, and build the keys of its series.
 */
export class ReportedPods {
  readonly #find: Find;
  #pods: ReportedPod[] = [];

  /** @param find an object by its inventory key */
  constructor(find: Find) {
    this.#find = find;
  }

  /** The pod that stands at a place of a report; `undefined` when it is not known. */
  at(place: number, namespace: string, name: string): ReportedPod | undefined {
    const known = this.#pods[place];
    if (known?.pod.name === name && known.pod.namespace === namespace) return known;
    const pod = this.#find(`Pod/${namespace}/${name}`);
    if (pod?.kind !== 'Pod') return undefined;
    const found = new ReportedPod(pod, this.#find);
    if (place <= this.#pods.length) this.#pods[place] = found;
    return found;
  }

  /** To be called when an object has changed: owners and starts of containers may be others. */
  forget(): void {
    if (this.#pods.length > 0) this.#pods = [];
  }
}
