import type {
  AgentMessageBatch,
  AgentTask,
  BatchAnswer,
  TaskResult,
} from '../../common/agent-protocol/index.ts';
import type {
  ClusterEventView,
  ClusterSummary,
  NodeView,
  PodView,
  TaskView,
  WorkloadView,
} from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_SECOND } from '../../common/units/index.ts';
import type {
  AgentIdentity,
  AgentVerifier,
  AuditLog,
  Clock,
  Database,
  LiveHub,
  Logger,
} from '../platform/index.ts';
import { type Admission, admitAgent, verifyAgent } from './admit-agent.ts';
import { type AgentLink, AgentLinks } from './agent-links.ts';
import { AgentTasks, type TaskOrder, type TaskResultListener } from './agent-tasks.ts';
import { ClusterHomes } from './cluster-homes.ts';
import { type KeyPage, type KeyPageQuery, podsPage, workloadsPage } from './cluster-pages.ts';
import { ClusterPublisher } from './cluster-publisher.ts';
import { ClusterRegister } from './cluster-register.ts';
import type { ClusterState, PodMeasure } from './cluster-state.ts';
import { CostSampler } from './cost-sampler.ts';
import { CostStore, type CostSum } from './cost-store.ts';
import { type Enrolled, Enrolment, type EnrolmentListener } from './enrol-agent.ts';
import { EnrolmentStore } from './enrolment-store.ts';
import { EventStore } from './event-store.ts';
import { demandAtHome } from './home-of-cluster.ts';
import { InventoryStore } from './inventory-store.ts';
import { nodeFacts } from './node-facts.ts';
import { type NodePrice, NodePrices, type PricedMachine, priceKey } from './node-prices.ts';
import { type ClusterEvent, createMessageReceiver } from './receive-messages.ts';
import { KeyRotation } from './rotate-keys.ts';
import { type TaskRecord, TaskStore } from './task-store.ts';
import { Usage } from './usage/usage.ts';

const SWEEP_MS = MS_PER_SECOND;

/** What agents come through, whatever carries them. */
export interface AgentDoor {
  /** Checks the first words of an agent; see `handshakeRefusals`. */
  admit(auth: unknown): Promise<Admission>;
  /** Enters the connection of an admitted agent and offers what waits; `false` when it was cut instead. */
  attach(link: AgentLink): boolean;
  detach(link: AgentLink): void;
  /** A socket or a poll of the cluster's agent is open now. */
  isConnected(clusterId: string): boolean;
  /** Notes a sign of life. */
  seen(clusterId: string): void;
  receive(agent: AgentIdentity, batch: AgentMessageBatch): Promise<BatchAnswer>;
  receiveResult(agent: AgentIdentity, result: TaskResult): Promise<void>;
  /** Notes why a batch could not be taken, for the log. */
  reportFault(clusterId: string, error: unknown): void;
  /** All that waits for an agent that begins to ask, instead of listening. */
  poll(agent: AgentIdentity): Promise<{ tasks: AgentTask[]; cancel: string[] }>;
}

/** The room of clusters: who is enrolled, what runs there and what it costs, and the orders to agents. */
export interface Clusters {
  /** The agent behind the bearer secret `<agentId>.<key>`. */
  readonly verifyAgent: AgentVerifier;
  readonly agents: AgentDoor;

  createJoinToken(
    clusterName: string,
    replicas?: number,
  ): Promise<{ token: string; expiresAt: number; clusterName: string }>;
  /** @throws AppError `access.join-token-expired` or `access.join-token-invalid` */
  enrol(request: { joinToken: string; agentVersion: string; instanceId: string }): Promise<Enrolled>;
  /** @throws AppError `resource.not-found` */
  revoke(clusterId: string): Promise<void>;
  /**
   * Gives the agent a new key, at once where it is connected. Keys are replaced every day without it.
   * @throws AppError `resource.not-found`, `cluster.away` when revoked, `cluster.agent-outdated`
   */
  rotateKey(clusterId: string): Promise<void>;

  /** By name. */
  summaries(): ClusterSummary[];
  /** One cluster for showing, also before its first report. @throws AppError `resource.not-found` */
  view(clusterId: string): { summary: ClusterSummary; nodes: NodeView[]; pods: PodView[] };
  /** Pods by namespace and name, of all nodes or one. @throws AppError `resource.not-found` */
  pods(clusterId: string, query: KeyPageQuery & { node?: string | undefined }): KeyPage<PodView>;
  /** What owns pods. @throws AppError `resource.not-found` */
  workloads(clusterId: string, query: KeyPageQuery): KeyPage<WorkloadView>;
  /** Newest first, those before number `before`. @throws AppError `resource.not-found` */
  events(clusterId: string, limit: number, before?: number): Promise<ClusterEventView[]>;
  /** Newest first, those before epoch `before`. @throws AppError `resource.not-found` */
  tasks(clusterId: string, limit: number, before?: number): Promise<TaskView[]>;
  /** One cluster for planning; `undefined` when it is not known or has not reported yet. */
  state(clusterId: string): ClusterState | undefined;
  /** What each pod of a cluster used when it was last measured, by `namespace/name`. Changes as reports come in. */
  measures(clusterId: string): ReadonlyMap<string, PodMeasure>;
  /** What containers use, kept as sketches of days. */
  readonly usage: Pick<Usage, 'profiles' | 'days' | 'kills'>;
  /** Adds to what happened in a cluster something that this engine did. @throws AppError `resource.not-found` */
  noteEvent(
    clusterId: string,
    event: Pick<ClusterEventView, 'reason' | 'object' | 'message' | 'severity'>,
  ): Promise<void>;
  /** Hears when the objects of a cluster were committed anew. */
  onInventory(listener: (clusterId: string) => void): void;
  /** Hears of what agents saw happen, after the inventory that came with it was committed. */
  onEvent(listener: (event: ClusterEvent) => void): void;
  /** Looks the prices of all running machines up again. */
  refreshPrices(): Promise<void>;
  /** Cost of all clusters minute by minute, `fromMs` ≤ at < `toMs`; without those whose agent was away or whose cost was not known. */
  costHistory(fromMs: number, toMs: number): Promise<CostSum[]>;

  /**
   * Orders an agent to do something. Durable and audited once this resolves; offered until its result is in.
   * @throws AppError `cluster.away` (nothing was started), `cluster.moved`, `resource.not-found`, `input.invalid`
   */
  sendTask(clusterId: string, order: TaskOrder): Promise<{ taskId: string; epoch: number }>;
  /** @throws AppError `resource.not-found` */
  cancelTask(clusterId: string, taskId: string, actor?: string): Promise<void>;
  /** A task as it stands: after a restart, results may have been committed that no listener heard of. */
  getTask(taskId: string): Promise<TaskRecord | undefined>;
  onTaskResult(listener: TaskResultListener): void;

  /** Which engine acts on a cluster. */
  readonly homes: ClusterHomes;
  /** Does what is due by the clock: `start` calls it every second. */
  sweep(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Builds the room from what an earlier process committed; nothing runs by itself before `start`. */
export async function createClusters(parts: {
  database: Database;
  live: LiveHub;
  clock: Clock;
  log: Logger;
  audit: AuditLog;
  priceOfNode: (machine: PricedMachine) => Promise<NodePrice>;
}): Promise<Clusters> {
  const { database, live, clock, audit } = parts;
  const log = parts.log.child({ part: 'clusters' });
  const store = new EnrolmentStore(database);
  const inventory = new InventoryStore(database);
  const events = new EventStore(database);
  const costs = new CostStore(database);
  const usage = new Usage(database, clock);
  const links = new AgentLinks();
  const inventoryListeners = new Set<(clusterId: string) => void>();
  const eventListeners = new Set<(event: ClusterEvent) => void>();

  const prices = new NodePrices(parts.priceOfNode, clock, keys => {
    for (const entry of register.all()) {
      const nodes = new Set<string>();
      for (const node of entry.inventory.nodes.values()) {
        if (keys.has(priceKey(nodeFacts(node)))) nodes.add(node.name);
      }
      if (nodes.size > 0) publisher.mark(entry.id, { nodes });
    }
  });
  const register = new ClusterRegister(
    clock,
    clusterId => links.of(clusterId) !== undefined,
    facts => prices.of(facts),
  );
  await register.load(store, inventory, events);
  const publisher = new ClusterPublisher(live, register);
  const tasks = new AgentTasks({ store: new TaskStore(database), links, audit, clock, log });
  const keys = new KeyRotation({ store, links, audit, clock, log });
  const listener: EnrolmentListener = {
    clusterChanged: row => publisher.mark(register.put(row).id),
    agentsDied: async ({ clusterId, agentIds, reason }) => {
      links.bury(agentIds);
      await tasks.failOpen(clusterId, reason);
    },
  };
  const enrolment = new Enrolment(store, clock, listener);
  const homes = new ClusterHomes(store, clock, listener);
  const receiver = createMessageReceiver({
    enrolment: store,
    inventory,
    events,
    usage,
    tasks,
    register,
    clock,
    log,
    onChanged: (entry, nodes, hasInventory) => {
      publisher.mark(entry.id, { nodes });
      if (!hasInventory) return;
      for (const listener of inventoryListeners) {
        try {
          listener(entry.id);
        } catch (error) {
          // The batch is committed: whoever stumbles over it must not cost the agent its acknowledgement.
          log.error({ err: error, clusterId: entry.id }, 'new inventory was not taken in');
        }
      }
    },
    onEvent: event => {
      for (const listener of eventListeners) {
        try {
          listener(event);
        } catch (error) {
          log.error({ err: error, clusterId: event.clusterId }, 'an event was not taken in');
        }
      }
    },
  });

  const taskChanged = (clusterId: string): void => {
    const entry = register.find(clusterId);
    if (!entry) return;
    entry.agent.tasksChanged++;
    publisher.mark(clusterId);
  };
  tasks.onResult(taskChanged);

  const shownStates = new Map<string, ClusterSummary['state']>();
  const showStates = (): void => {
    for (const entry of register.all()) {
      const state = register.stateOf(entry);
      if (shownStates.get(entry.id) !== state) publisher.mark(entry.id);
      shownStates.set(entry.id, state);
    }
  };
  const refreshPrices = (): Promise<void> => {
    const used = new Set<string>();
    for (const { inventory: state } of register.all()) {
      for (const node of state.nodes.values()) used.add(priceKey(nodeFacts(node)));
    }
    return prices.refresh(key => used.has(key));
  };
  const saveLastSeen = async (): Promise<void> => {
    const seen = register.all().filter(entry => entry.lastSeenAt !== null);
    if (seen.length === 0) return;
    await store.write(async transaction => {
      await store.noteSeenIn(transaction, seen);
    });
  };
  const sampler = new CostSampler({ costs, register, clock });

  const sweep = async (): Promise<void> => {
    showStates();
    await tasks.sweep();
    if (prices.isStale()) await refreshPrices();
    if (await sampler.sample()) await saveLastSeen();
    await usage.sweep();
    await keys.sweep();
  };
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> | undefined;
  const runSweep = (): void => {
    sweeping ??= sweep()
      .catch((error: unknown) => log.error({ err: error }, 'the round of the clusters failed'))
      .finally(() => {
        sweeping = undefined;
      });
  };

  const offerTo = ({ clusterId, isPoll }: AgentLink): void => {
    const offered = isPoll ? tasks.offerDue(clusterId) : tasks.offer(clusterId);
    offered.catch((error: unknown) => log.error({ err: error, clusterId }, 'tasks could not be offered'));
  };

  return {
    verifyAgent: secret => verifyAgent(store, clock, secret),
    agents: {
      admit: async auth => {
        const admission = await admitAgent(store, clock, auth);
        const entry = admission.ok ? register.find(admission.agent.clusterId) : undefined;
        if (admission.ok && entry) {
          entry.agentVersion = admission.agent.agentVersion;
          entry.agent.protocol = admission.agent.protocol;
        }
        return admission;
      },
      attach: link => {
        if (!links.attach(link)) return false;
        register.seen(link.clusterId);
        publisher.mark(link.clusterId);
        offerTo(link);
        return true;
      },
      detach: link => {
        if (!links.detach(link)) return;
        register.seen(link.clusterId);
        publisher.mark(link.clusterId);
      },
      isConnected: clusterId => links.of(clusterId) !== undefined,
      seen: clusterId => register.seen(clusterId),
      receive: receiver.receive,
      receiveResult: receiver.receiveResult,
      reportFault: (clusterId, error) =>
        log.error({ err: error, clusterId }, 'a batch of an agent was not taken'),
      poll: agent => {
        register.seen(agent.clusterId);
        return tasks.waiting(agent.clusterId);
      },
    },
    createJoinToken: (clusterName, replicas) => enrolment.createJoinToken(clusterName, replicas),
    enrol: request => enrolment.enrol(request),
    revoke: async clusterId => enrolment.revoke(register.get(clusterId)),
    rotateKey: async clusterId => {
      const entry = register.get(clusterId);
      if (entry.isRevoked) throw away(entry.name, 'revoked');
      await keys.rotate(entry);
    },
    summaries: () =>
      register
        .all()
        .map(entry => register.summary(entry))
        .sort((a, b) => a.name.localeCompare(b.name)),
    view: clusterId => {
      const entry = register.get(clusterId);
      return { summary: register.summary(entry), nodes: register.nodes(entry), pods: register.pods(entry) };
    },
    pods: (clusterId, query) => podsPage(register.get(clusterId).inventory, query),
    workloads: (clusterId, query) => workloadsPage(register.get(clusterId).inventory, query),
    events: (clusterId, limit, before) => events.list(register.get(clusterId).id, limit, before),
    tasks: (clusterId, limit, before) => tasks.list(register.get(clusterId).id, limit, before),
    state: clusterId => register.state(clusterId),
    measures: clusterId => register.find(clusterId)?.inventory.podMeasures ?? new Map(),
    usage,
    noteEvent: async (clusterId, event) => {
      const entry = register.get(clusterId);
      const newest = await store.write(transaction =>
        events.addIn(transaction, entry.id, [{ ...event, at: clock.now() }]),
      );
      entry.agent.events = newest ?? entry.agent.events;
      publisher.mark(entry.id);
    },
    onInventory: listener => void inventoryListeners.add(listener),
    onEvent: listener => void eventListeners.add(listener),
    refreshPrices,
    costHistory: (fromMs, toMs) => costs.sums(fromMs, toMs),
    homes,
    sendTask: async (clusterId, order) => {
      const entry = register.get(clusterId);
      demandAtHome(entry.name, entry.home);
      const state = register.stateOf(entry);
      if (state !== 'live') throw away(entry.name, state);
      const sent = await tasks.send(clusterId, order);
      taskChanged(clusterId);
      return sent;
    },
    cancelTask: async (clusterId, taskId, actor) => {
      await tasks.cancel(clusterId, taskId, actor);
      taskChanged(clusterId);
    },
    getTask: taskId => tasks.find(taskId),
    onTaskResult: listener => tasks.onResult(listener),
    sweep,
    start: async () => {
      await refreshPrices();
      timer = setInterval(runSweep, SWEEP_MS);
      timer.unref();
    },
    stop: async () => {
      clearInterval(timer);
      for (const link of links.all()) {
        links.detach(link);
        link.cut();
      }
      publisher.stop();
      await sweeping;
      await Promise.all(register.all().map(entry => entry.line));
      await saveLastSeen();
    },
  };
}

function away(name: string, state: ClusterSummary['state']): AppError {
  if (state === 'revoked') {
    return new AppError('cluster.away', `The agent of cluster "${name}" was revoked.`, {
      hint: 'Enrol a new agent for this cluster on the Clusters page. Nothing was changed.',
    });
  }
  return new AppError('cluster.away', `The agent of cluster "${name}" is not connected.`);
}
