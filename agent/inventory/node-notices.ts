import type { AgentMessageBody, InventoryObject } from '../../common/agent-protocol/index.ts';
import { noticeTaints } from './notice-reasons.ts';

/** Tells of taints that mean that a node is taken away or in danger, each once. */
export class NodeNotices {
  readonly #send: (body: AgentMessageBody) => void;
  /** Keys of the taints told of, by the uid of the node. Nodes that have such a taint are soon gone. */
  readonly #told = new Map<string, ReadonlySet<string>>();
  /** Until the server knows the nodes. */
  #waiting: AgentMessageBody[] | undefined = [];

  constructor(send: (body: AgentMessageBody) => void) {
    this.#send = send;
  }

  /** Takes an object as it is now. */
  see(object: InventoryObject): void {
    if (object.kind !== 'Node') return;
    const keys = new Set(object.taints.map(({ key }) => key).filter(key => key in noticeTaints));
    const before = this.#told.get(object.uid);
    if (keys.size > 0) this.#told.set(object.uid, keys);
    else this.#told.delete(object.uid);
    for (const key of keys) {
      const notice = noticeTaints[key];
      if (!notice || before?.has(key)) continue;
      const body = { kind: 'event', ...notice, object: `Node//${object.name}`, severity: 'warning' } as const;
      if (this.#waiting) this.#waiting.push(body);
      else this.#send(body);
    }
  }

  /** The server was told of the nodes: what waits is sent, and from now on all at once. */
  open(): void {
    for (const body of this.#waiting ?? []) this.#send(body);
    this.#waiting = undefined;
  }
}
