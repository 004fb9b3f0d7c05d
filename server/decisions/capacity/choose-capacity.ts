import type { CapacityChoice, CapacitySource } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import type { Clock } from '../../platform/index.ts';
import { clusterTagOf } from '../ending/judge-instance.ts';
import type { ClusterControl, SchedulableCluster } from '../neighbours.ts';
import { instanceIdOf } from '../node-of-instance.ts';
import { type AwsAccess, AwsClients } from './aws-clients.ts';
import { AwsInstanceEnds } from './aws-instance-ends.ts';
import type { CapacityStore } from './capacity-store.ts';
import { Ec2Orders } from './ec2-orders.ts';
import type { CapacityProvider } from './node-orders.ts';
import { provisionerSeen } from './provisioner.ts';

/** What choices are made with. */
export interface CapacityParts {
  readonly store: CapacityStore;
  readonly clusters: Pick<ClusterControl, 'state' | 'summaries'>;
  readonly aws: AwsAccess;
  readonly clock: Clock;
}

/** Where new nodes of each cluster come from: its own provisioner unless somebody chose otherwise. */
export class Capacity {
  readonly #parts: CapacityParts;
  readonly #clients: AwsClients;

  constructor(parts: CapacityParts) {
    this.#parts = parts;
    this.#clients = new AwsClients(parts.aws);
  }

  async providerOf(clusterId: string): Promise<CapacityProvider> {
    const choice = await this.#parts.store.find(clusterId);
    return this.#providerFrom(choice?.source ?? { kind: 'provisioner' });
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
   * Saves the choice once AWS has agreed to it.
   * @throws AppError `resource.not-found`; `input.invalid` or `market.*` with what AWS says
   */
  async choose(clusterId: string, source: CapacitySource, by: string): Promise<CapacityChoice> {
    const { store, clusters, clock } = this.#parts;
    this.#known(clusterId);
    const provider = this.#providerFrom(source);
    if (provider.ends) {
      const observed = clusters.state(clusterId);
      const region = observed?.cluster.region;
      if (observed === undefined || region == null) {
        throw new AppError(
          'input.invalid',
          'The region of this cluster is not known, so no instance can be launched or ended for it.',
          { hint: 'It is told by the labels of its nodes, once the agent has reported.' },
        );
      }
      await provider.orders?.verify(region);
      await verifyEnds(provider, region, observed);
    }
    await store.save(clusterId, { source, changedAt: clock.now(), changedBy: by });
    return this.choiceOf(clusterId);
  }

  stop(): Promise<void> {
    return this.#clients.stop();
  }

  #providerFrom(source: CapacitySource): CapacityProvider {
    const { kind, awsCluster } = source;
    return {
      kind,
      orders: kind === 'ec2' ? new Ec2Orders(source, this.#clients) : null,
      ends: kind === 'ec2' || awsCluster !== undefined ? new AwsInstanceEnds(this.#clients) : null,
      awsCluster,
    };
  }

  #known(clusterId: string): void {
    if (!this.#parts.clusters.summaries().some(({ id }) => id === clusterId))
      throw new AppError('resource.not-found', `There is no cluster ${clusterId}.`);
  }
}

/** @throws AppError where no instance of the cluster carries its tag, or one that does could not be ended */
async function verifyEnds(
  { ends, awsCluster }: CapacityProvider,
  region: string,
  { inventory }: SchedulableCluster,
): Promise<void> {
  if (!ends || awsCluster === undefined) return;
  const ids = inventory.nodes.flatMap(({ providerId }) => instanceIdOf(providerId) ?? []);
  const { instances } = await ends.see(region, ids);
  const tag = clusterTagOf(awsCluster);
  const own = [...instances.values()].filter(({ tags }) => tags[tag] !== undefined);
  if (own.length === 0) {
    throw new AppError(
      'input.invalid',
      `None of the ${ids.length} instances of this cluster carries the tag ${tag} in ${region}.`,
      { hint: `Name the cluster as AWS does; its instances carry kubernetes.io/cluster/<name>.` },
    );
  }
  const alone = own.filter(({ place }) => place === null).map(({ instanceId }) => instanceId);
  if (alone.length > 0) await ends.tryOut(region, alone);
}
