import type { AgentHealth, ClusterSummary, NodeView, PodView } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_SECOND } from '../../common/units/index.ts';
import type { Clock } from '../platform/index.ts';
import { type ClusterState, InventoryState } from './cluster-state.ts';
import { summarize, viewNode, viewPod } from './cluster-views.ts';
import type { ClusterRow, EnrolmentStore } from './enrolment-store.ts';
import type { EventStore } from './event-store.ts';
import { type ClusterHome, homeOf } from './home-of-cluster.ts';
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
  /** Which engine acts on it. */
  home: ClusterHome;
  /** When inventory was last committed; null until the first. */
  inventoryAt: number | null;
  /** Whether the first picture came whole; until then what it holds is no news. */
  isPictured: boolean;
  readonly inventory: InventoryState;
  /** When usage last came; null until it did in this process. */
  usageAt: number | null;
  readonly agent: AgentFacts;
  /** End of the line of batches: each is committed and folded before the next is read. */
  line: Promise<unknown>;
}

/** What is known of the agent itself. */
interface AgentFacts {
  protocol: number | null;
  kubernetesVersion: string | null;
  /** As it last told; undefined until then. */
  outbox: { readonly waiting: number; readonly dropped: Readonly<Record<string, number>> } | undefined;
  missedMessages: number;
  /** Number of the newest event. */
  events: number;
  tasksChanged: number;
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
  async load(enrolment: EnrolmentStore, inventory: InventoryStore, events: EventStore): Promise<void> {
    const agents = new Map((await enrolment.listAgents()).map(agent => [agent.cluster_id, agent]));
    for (const row of await enrolment.listClusters()) {
      const entry = this.put(row);
      entry.inventory.apply(await inventory.load(row.id));
      const agent = agents.get(row.id);
      entry.agent.protocol = agent?.protocol ?? null;
      entry.agent.missedMessages = agent?.missed_messages ?? 0;
      entry.agent.events = (await events.list(row.id, 1))[0]?.seq ?? 0;
    }
  }

  /** Enters a cluster that was just enrolled, or enrolled again. */
  put(row: ClusterRow): ClusterEntry {
    const known = this.#entries.get(row.id);
    if (known) {
      known.isRevoked = row.revoked_at !== null;
      known.home = homeOf(row);
      known.agentVersion = row.agent_version;
      // Enrolled again: it is another agent.
      if (row.revoked_at === null) Object.assign(known.agent, { outbox: undefined, missedMessages: 0 });
      return known;
    }
    const entry: ClusterEntry = {
      id: row.id,
      name: row.name,
      enrolledAt: row.enrolled_at,
      lastSeenAt: row.last_seen_at,
      agentVersion: row.agent_version,
      isRevoked: row.revoked_at !== null,
      home: homeOf(row),
      inventoryAt: row.inventory_at,
      isPictured: row.inventory_at !== null,
      usageAt: null,
      agent: {
        protocol: null,
        kubernetesVersion: row.kubernetes_version,
        outbox: undefined,
        missedMessages: 0,
        events: 0,
        tasksChanged: 0,
      },
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
      dataAt: latest(entry.inventoryAt, entry.usageAt),
      ...summarize(entry.inventory, this.#priceOf),
      home: entry.home,
    };
  }

  /** How its agent is. */
  health({ id, agentVersion, lastSeenAt, inventoryAt, usageAt, agent }: ClusterEntry): AgentHealth {
    const { outbox, ...known } = agent;
    return {
      isConnected: this.#isConnected(id),
      version: agentVersion,
      lastSeenAt,
      inventoryAt,
      usageAt,
      ...known,
      outboxMessages: outbox?.waiting ?? null,
      droppedMessages: outbox?.dropped ?? null,
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

function latest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
