import type { ClusterSummary, NodeView, PodView } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_SECOND } from '../../common/units/index.ts';
import type { Clock } from '../platform/index.ts';
import { type ClusterState, InventoryState } from './cluster-state.ts';
import { summarize, viewNode, viewPod } from './cluster-views.ts';
import type { ClusterRow, EnrolmentStore } from './enrolment-store.ts';
import type { InventoryStore } from './inventory-store.ts';
import type { NodeFacts } from './node-facts.ts';
import type { NodePrice } from './node-prices.ts';

/** A cluster whose agent was silent for longer is away. */
const AWAY_AFTER_MS = 30 * MS_PER_SECOND;

/** A cluster in memory; changes only after the commit that it shows. */
export interface ClusterEntry {
  readonly id: string;
  readonly name: string;
  readonly enrolledAt: number;
  lastSeenAt: number | null;
  agentVersion: string | null;
  isRevoked: boolean;
  /** When inventory was last committed; null until the first. */
  inventoryAt: number | null;
  readonly inventory: InventoryState;
  /** End of the line of batches: each is committed and folded before the next is read. */
  line: Promise<unknown>;
}

/** Every enrolled cluster with what runs in it, and how a person sees it. */
export class ClusterRegister {
  readonly #entries = new Map<string, ClusterEntry>();
  readonly #clock: Clock;
  readonly #isConnected: (clusterId: string) => boolean;
  readonly #priceOf: (facts: NodeFacts) => NodePrice;

  constructor(
    clock: Clock,
    isConnected: (clusterId: string) => boolean,
    priceOf: (facts: NodeFacts) => NodePrice,
  ) {
    this.#clock = clock;
    this.#isConnected = isConnected;
    this.#priceOf = priceOf;
  }

  /** Takes up what an earlier process committed. */
  async load(enrolment: EnrolmentStore, inventory: InventoryStore): Promise<void> {
    for (const row of await enrolment.listClusters()) {
      this.put(row).inventory.apply(await inventory.load(row.id));
    }
  }

  /** Enters a cluster that was just enrolled, or enrolled again. */
  put(row: ClusterRow): ClusterEntry {
    const known = this.#entries.get(row.id);
    if (known) {
      known.isRevoked = row.revoked_at !== null;
      known.agentVersion = row.agent_version;
      return known;
    }
    const entry: ClusterEntry = {
      id: row.id,
      name: row.name,
      enrolledAt: row.enrolled_at,
      lastSeenAt: row.last_seen_at,
      agentVersion: row.agent_version,
      isRevoked: row.revoked_at !== null,
      inventoryAt: row.inventory_at,
      inventory: new InventoryState(),
      line: Promise.resolve(),
    };
    this.#entries.set(row.id, entry);
    return entry;
  }

  all(): ClusterEntry[] {
    return [...this.#entries.values()];
  }

  find(clusterId: string): ClusterEntry | undefined {
    return this.#entries.get(clusterId);
  }

  /** @throws AppError `resource.not-found` */
  get(clusterId: string): ClusterEntry {
    const entry = this.#entries.get(clusterId);
    if (!entry) throw new AppError('resource.not-found', `There is no cluster "${clusterId}".`);
    return entry;
  }

  /** Notes a sign of life of the agent. */
  seen(clusterId: string): void {
    const entry = this.#entries.get(clusterId);
    if (entry) entry.lastSeenAt = this.#clock.now();
  }

  /** `live` while connected and for 30 s after the last word; `waiting` until the first. */
  stateOf(entry: ClusterEntry): ClusterSummary['state'] {
    if (entry.isRevoked) return 'revoked';
    if (this.#isConnected(entry.id)) return 'live';
    if (entry.lastSeenAt === null) return 'waiting';
    return this.#clock.now() - entry.lastSeenAt > AWAY_AFTER_MS ? 'away' : 'live';
  }

  summary(entry: ClusterEntry): ClusterSummary {
    return {
      id: entry.id,
      name: entry.name,
      state: this.stateOf(entry),
      agentVersion: entry.agentVersion,
      enrolledAt: entry.enrolledAt,
      lastSeenAt: entry.lastSeenAt,
      ...summarize(entry.inventory, this.#priceOf),
    };
  }

  /** The view of a node by name; `null` when it is gone. */
  node(entry: ClusterEntry, name: string): NodeView | null {
    const node = entry.inventory.nodes.get(name);
    return node ? viewNode(entry.inventory, node, this.#priceOf) : null;
  }

  nodes(entry: ClusterEntry): NodeView[] {
    return [...entry.inventory.nodes.values()].map(node => viewNode(entry.inventory, node, this.#priceOf));
  }

  /** The view of a pod by `namespace/name`; `null` when it is gone. */
  pod(entry: ClusterEntry, key: string): PodView | null {
    const pod = entry.inventory.pods.get(key);
    return pod ? viewPod(entry.inventory, pod) : null;
  }

  pods(entry: ClusterEntry): PodView[] {
    return [...entry.inventory.pods.values()].map(pod => viewPod(entry.inventory, pod));
  }

  /** Everything at once; `undefined` for a cluster that is not known or has not reported yet. */
  state(clusterId: string): ClusterState | undefined {
    const entry = this.#entries.get(clusterId);
    if (!entry || entry.inventoryAt === null) return undefined;
    const { nodes, pods, budgets, workloads, horizontalAutoscalers, verticalAutoscalers } = entry.inventory;
    return {
      cluster: this.summary(entry),
      nodes: this.nodes(entry),
      inventory: {
        nodes: [...nodes.values()],
        pods: [...pods.values()],
        budgets: [...budgets.values()],
        workloads: [...workloads.values()],
        horizontalAutoscalers: [...horizontalAutoscalers.values()],
        verticalAutoscalers: [...verticalAutoscalers.values()],
      },
      scheduling: {
        shapes: entry.inventory.ofKind('PodShape'),
        claims: entry.inventory.ofKind('PersistentVolumeClaim'),
        volumes: entry.inventory.ofKind('PersistentVolume'),
        storageClasses: entry.inventory.ofKind('StorageClass'),
        namespaces: entry.inventory.ofKind('Namespace'),
        nodePools: entry.inventory.ofKind('NodePool'),
        nodeClaims: entry.inventory.ofKind('NodeClaim'),
      },
      asOf: entry.inventoryAt,
    };
  }
}
