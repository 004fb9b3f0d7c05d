import { AppError } from '../../common/errors.ts';
import type { Clock } from '../platform/index.ts';
import type { EnrolmentListener } from './enrol-agent.ts';
import type { ClusterRow, EnrolmentStore } from './enrolment-store.ts';
import { type ClusterHome, demandHome, type HomeEngine, homeOf } from './home-of-cluster.ts';

/**
 * Clusters go from engine to engine. Each has one home; its epoch grows with each move, and an engine that knows an older one is told
 * so. Who leaves goes first: the keys of its agent die in the commit that says where the cluster went, so that two engines never act on it, also
 * when the rest of the move is cut off.
 */
export class ClusterHomes {
  readonly #store: EnrolmentStore;
  readonly #clock: Clock;
  readonly #listener: EnrolmentListener;

  constructor(store: EnrolmentStore, clock: Clock, listener: EnrolmentListener) {
    this.#store = store;
    this.#clock = clock;
    this.#listener = listener;
  }

  /** @throws AppError `resource.not-found` */
  async of(
    clusterId: string,
  ): Promise<ClusterHome & { name: string; taskEpoch: number; cameFrom: string | null }> {
    const row = (await this.#store.listClusters()).find(({ id }) => id === clusterId);
    if (!row) throw unknown(clusterId);
    return { ...homeOf(row), name: row.name, taskEpoch: Number(row.task_epoch), cameFrom: row.came_from };
  }

  /**
   * Gives a cluster up to another engine. The same again changes nothing.
   * @param epoch that of the new home
   * @throws AppError `resource.not-found`; `cluster.moved` when it went elsewhere; `resource.conflict` for an epoch that is not the next
   */
  async leave(clusterId: string, to: HomeEngine, epoch: number): Promise<void> {
    const now = this.#clock.now();
    const left = await this.#store.write(async transaction => {
      const row = await this.#store.findClusterIn(transaction, clusterId);
      if (!row) throw unknown(clusterId);
      const home = homeOf(row);
      if (home.epoch === epoch && home.movedTo?.engineId === to.engineId) return undefined;
      demandHome(row);
      demandNext(row, epoch);
      const agentIds = await this.#store.revokeAgentsIn(transaction, clusterId, now);
      const changed = { revoked_at: now, home_epoch: epoch, moved_to: JSON.stringify(to) };
      await this.#store.updateClusterIn(transaction, clusterId, changed);
      return { row: { ...row, ...changed }, agentIds };
    });
    if (!left) return;
    const reason = `The cluster was moved to the engine "${to.name}" before the task had ended.`;
    const told = this.#listener.agentsDied({ clusterId, agentIds: left.agentIds, reason });
    this.#listener.clusterChanged(left.row);
    await told;
  }

  /**
   * Takes a cluster over, with the id that it has. The same again changes nothing.
   * @param cluster `taskEpoch`: of the newest task that anybody gave its agent; those to come are newer; `from`: the engine that it comes from
   * @throws AppError `resource.conflict` for an epoch that is over, and where another cluster here has its name
   */
  async take(
    cluster: {
      readonly id: string;
      readonly name: string;
      readonly taskEpoch: number;
      readonly from: string;
    },
    epoch: number,
  ): Promise<void> {
    const row = await this.#store.write(async transaction => {
      const known = await this.#store.findClusterIn(transaction, cluster.id);
      if (known && homeOf(known).epoch === epoch && known.moved_to === null) return undefined;
      if (known) {
        demandNext(known, epoch);
        const changed = {
          home_epoch: epoch,
          moved_to: null,
          came_from: cluster.from,
          task_epoch: Math.max(Number(known.task_epoch), cluster.taskEpoch),
        };
        await this.#store.updateClusterIn(transaction, cluster.id, changed);
        return { ...known, ...changed };
      }
      if (await this.#store.findClusterByNameIn(transaction, cluster.name))
        throw new AppError(
          'resource.conflict',
          `Another cluster has the name "${cluster.name}" here already.`,
          {
            hint: 'A name belongs to one cluster; enrol one of both under another name first.',
          },
        );
      const added: ClusterRow = {
        id: cluster.id,
        name: cluster.name,
        enrolled_at: this.#clock.now(),
        last_seen_at: null,
        agent_version: null,
        revoked_at: null,
        task_epoch: cluster.taskEpoch,
        inventory_at: null,
        kubernetes_version: null,
        leader_epoch: 0,
        leader_agent_id: null,
        home_epoch: epoch,
        moved_to: null,
        came_from: cluster.from,
      };
      await this.#store.insertClusterIn(transaction, added);
      return added;
    });
    if (row) this.#listener.clusterChanged(row);
  }
}

function demandNext(row: ClusterRow, epoch: number): void {
  const known = homeOf(row).epoch;
  if (epoch > known) return;
  throw new AppError(
    'resource.conflict',
    `Cluster "${row.name}" moved on meanwhile: its home has the number ${known}, not ${epoch - 1}.`,
  );
}

function unknown(clusterId: string): AppError {
  return new AppError('resource.not-found', `There is no cluster "${clusterId}".`);
}
