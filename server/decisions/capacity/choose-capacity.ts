import type { CapacityChoice, CapacitySource } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import type { Clock } from '../../platform/index.ts';
import type { ClusterControl } from '../neighbours.ts';
import type { CapacityStore } from './capacity-store.ts';
import { type Ec2Access, Ec2Clients, ec2Capacity } from './ec2-orders.ts';
import type { CapacityProvider } from './node-orders.ts';
import { provisionerCapacity, provisionerSeen } from './provisioner.ts';

/** What choices are made with. */
export interface CapacityParts {
  readonly store: CapacityStore;
  readonly clusters: Pick<ClusterControl, 'state' | 'summaries'>;
  readonly ec2: Ec2Access;
  readonly clock: Clock;
}

/** Where new nodes of each cluster come from: its own provisioner unless somebody chose otherwise. */
export class Capacity {
  readonly #parts: CapacityParts;
  readonly #clients = new Ec2Clients();

  constructor(parts: CapacityParts) {
    this.#parts = parts;
  }

  async providerOf(clusterId: string): Promise<CapacityProvider> {
    const choice = await this.#parts.store.find(clusterId);
    return choice ? this.#providerFrom(choice.source) : provisionerCapacity;
  }

  /** @throws AppError `resource.not-found` */
  async choiceOf(clusterId: string): Promise<CapacityChoice> {
    const { store, clusters } = this.#parts;
    this.#known(clusterId);
    const { source, changedAt, changedBy } = (await store.find(clusterId)) ?? {
      source: { kind: 'provisioner' as const },
      changedAt: null,
      changedBy: null,
    };
    const observed = clusters.state(clusterId);
    const provisioner = (observed && provisionerSeen(observed)) ?? null;
    return { clusterId, source, changedAt, changedBy, provisionerSeen: provisioner };
  }

  /**
   * Saves the choice once EC2 has agreed to it.
   * @throws AppError `resource.not-found`; `input.invalid` or `market.*` with what EC2 says
   */
  async choose(clusterId: string, source: CapacitySource, by: string): Promise<CapacityChoice> {
    const { store, clusters, clock } = this.#parts;
    this.#known(clusterId);
    const { orders } = this.#providerFrom(source);
    if (orders) {
      const region = clusters.state(clusterId)?.cluster.region;
      if (region == null) {
        throw new AppError(
          'input.invalid',
          'The region of this cluster is not known, so no instance can be launched for it.',
          { hint: 'It is told by the labels of its nodes, once the agent has reported.' },
        );
      }
      await orders.verify(region);
    }
    await store.save(clusterId, { source, changedAt: clock.now(), changedBy: by });
    return this.choiceOf(clusterId);
  }

  stop(): Promise<void> {
    return this.#clients.stop();
  }

  #providerFrom(source: CapacitySource): CapacityProvider {
    return source.kind === 'ec2' ? ec2Capacity(source, this.#parts.ec2, this.#clients) : provisionerCapacity;
  }

  #known(clusterId: string): void {
    if (!this.#parts.clusters.summaries().some(({ id }) => id === clusterId))
      throw new AppError('resource.not-found', `There is no cluster ${clusterId}.`);
  }
}
