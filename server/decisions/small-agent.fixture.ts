import type { InventoryPod, TaskAction, TaskResult } from '../../common/agent-protocol/index.ts';
import type { NodeView } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { ClusterControl, SchedulableCluster } from './neighbours.ts';
import type { PodMeasures } from './resizing/watch-resize.ts';
import { workloadOwners } from './workload-owner.ts';

/** A task as the small cluster keeps it. */
interface SmallTask {
  readonly taskId: string;
  readonly epoch: number;
  readonly action: TaskAction;
  result: TaskResult | null;
  isCancelled: boolean;
}

/**
 * A cluster with an agent in memory. Tasks wait until `work` carries them out on the nodes; results reach the listener
 * unless `deaf`. It survives an "engine restart": make new decisions over the same one.
 */
export class SmallCluster implements ClusterControl {
  readonly tasks: SmallTask[] = [];
  readonly events: string[] = [];
  /** What the tasks were sent with. */
  readonly orders: Omit<Parameters<ClusterControl['sendTask']>[1], 'action'>[] = [];
  isAway = false;
  observed: SchedulableCluster;
  measured: PodMeasures = new Map();
  /** Where the scheduler puts the pod that comes in place of an evicted one; ready at once. */
  landsOn: (evicted: InventoryPod) => string | null = () => null;
  /** ms; of pods that come. */
  nowMs: () => number = () => 0;
  #listener: (clusterId: string, result: TaskResult) => void = () => undefined;

  constructor(observed: SchedulableCluster) {
    this.observed = observed;
  }

  state(clusterId: string): SchedulableCluster | undefined {
    return clusterId === this.observed.cluster.id ? this.observed : undefined;
  }

  measures(): PodMeasures {
    return this.measured;
  }

  summaries(): readonly { id: string }[] {
    return [this.observed.cluster];
  }

  async sendTask(
    _clusterId: string,
    { taskId, action, ...order }: Parameters<ClusterControl['sendTask']>[1],
  ): Promise<{ taskId: string; epoch: number }> {
    if (this.isAway) throw new AppError('cluster.away', 'The agent is away.');
    this.orders.push(order);
    const epoch = this.tasks.length + 1;
    const task = { taskId: taskId ?? `task-${epoch}`, epoch, action, result: null, isCancelled: false };
    this.tasks.push(task);
    return task;
  }

  async cancelTask(_clusterId: string, taskId: string): Promise<void> {
    const task = this.tasks.find(one => one.taskId === taskId);
    if (task) task.isCancelled = true;
  }

  async getTask(taskId: string): Promise<SmallTask | undefined> {
    return this.tasks.find(one => one.taskId === taskId);
  }

  onTaskResult(listener: (clusterId: string, result: TaskResult) => void): void {
    this.#listener = listener;
  }

  async noteEvent(
    _clusterId: string,
    { object, message }: { object: string; message: string },
  ): Promise<void> {
    this.events.push(`${object}: ${message}`);
  }

  /** The task that waits, if any. */
  get waiting(): SmallTask | undefined {
    return this.tasks.find(task => task.result === null || task.result.state === 'running');
  }

  /** Carries the waiting task out as the agent would, or ends it as told; `deaf`: nobody hears of it. */
  work(end: TaskResult['state'] = 'done', detail = 'done', deaf = false): void {
    const task = this.waiting;
    if (!task) throw new Error('no task waits');
    const state = task.isCancelled && end === 'done' ? 'cancelled' : end;
    if (state === 'done') this.#carryOut(task.action);
    task.result = { taskId: task.taskId, epoch: task.epoch, state, detail, evicted: [], at: 0 };
    if (!deaf) this.#listener(this.observed.cluster.id, task.result);
  }

  changePods(change: (pods: readonly InventoryPod[]) => InventoryPod[]): void {
    const { inventory } = this.observed;
    this.observed = { ...this.observed, inventory: { ...inventory, pods: change(inventory.pods) } };
  }

  changeNodes(change: (nodes: readonly NodeView[]) => NodeView[]): void {
    this.observed = { ...this.observed, nodes: change(this.observed.nodes) };
  }

  /** The controller is as fast as the agent, and pods keep their names. */
  #resize(action: Extract<TaskAction, { kind: 'resize-pod' | 'resize-workload' }>): void {
    const { keyOf } = workloadOwners(this.observed.inventory.workloads);
    const isMeant = (pod: InventoryPod) => {
      if (action.kind === 'resize-pod') return pod.uid === action.pod.uid;
      const { kind, namespace, name } = action.workload;
      return keyOf(pod) === `${kind}/${namespace}/${name}`;
    };
    const stated = (cpuMilli: number | null, memoryBytes: number | null) => ({
      ...(cpuMilli === null ? {} : { cpuMilli }),
      ...(memoryBytes === null ? {} : { memoryBytes }),
    });
    this.changePods(pods =>
      pods.map(pod => {
        if (!isMeant(pod) || !pod.containers) return pod;
        const containers = pod.containers.map(container => {
          const after = action.containers.find(({ name }) => name === container.name)?.after;
          return after
            ? {
                ...container,
                requests: stated(after.cpuRequestMilli, after.memoryRequestBytes),
                limits: stated(after.cpuLimitMilli, after.memoryLimitBytes),
              }
            : container;
        });
        const total = (amount: 'cpuMilli' | 'memoryBytes') =>
          containers.reduce((sum, { requests }) => sum + (requests[amount] ?? 0), 0);
        const requests = { cpuMilli: total('cpuMilli'), memoryBytes: total('memoryBytes') };
        return { ...pod, containers, requests };
      }),
    );
  }

  #evict(uid: string): void {
    this.changePods(pods =>
      pods.map(pod => {
        if (pod.uid !== uid) return pod;
        const nodeName = this.landsOn(pod);
        const name = `${pod.name}-next`;
        const isUp = nodeName !== null;
        return { ...pod, name, uid: `uid-${name}`, createdAt: this.nowMs(), nodeName, ready: isUp };
      }),
    );
  }

  #carryOut(action: TaskAction): void {
    if (action.kind === 'change-nodepool') return;
    if (action.kind === 'evict') {
      this.#evict(action.pod.uid);
      return;
    }
    if (action.kind === 'resize-pod' || action.kind === 'resize-workload') {
      this.#resize(action);
      return;
    }
    const { uid } = action.node;
    if (action.kind === 'delete-node') this.changeNodes(nodes => nodes.filter(node => node.uid !== uid));
    if (action.kind === 'cordon' || action.kind === 'uncordon') {
      this.changeNodes(nodes =>
        nodes.map(node => (node.uid === uid ? { ...node, cordoned: action.kind === 'cordon' } : node)),
      );
    }
    if (action.kind === 'drain') {
      const { inventory } = this.observed;
      const pods = inventory.pods.filter(
        pod => pod.nodeName !== action.node.name || pod.ownerKind === 'DaemonSet',
      );
      this.observed = { ...this.observed, inventory: { ...inventory, pods } };
    }
  }
}
