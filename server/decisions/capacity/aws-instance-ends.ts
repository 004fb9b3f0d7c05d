import type { Ec2Failure } from '../../market/index.ts';
import { ec2Failure } from '../../market/index.ts';
import { type AwsClients, within } from './aws-clients.ts';
import { answerOf, appErrorOf, nameOf } from './aws-failure.ts';
import type { InstanceEnds, SeenGroup, SeenInstance, SeenInstances } from './instance-ends.ts';
import type { EndAnswer } from './node-orders.ts';

/** AWS writes it onto every instance that a group launches. */
const GROUP_TAG = 'aws:autoscaling:groupName';
/** The most that DescribeAutoScalingInstances takes, and DescribeInstances as values of a filter. */
const MOST_IN_GROUPS = 50;
const MOST_INSTANCES = 200;
const MOST_GROUPS = 50;
/** The group is busy with something else. */
const BUSY = new Set(['ScalingActivityInProgressFault', 'ResourceContentionFault']);

/**
 * Ends instances by EC2 TerminateInstances, and those of Auto Scaling groups by TerminateInstanceInAutoScalingGroup with
 * ShouldDecrementDesiredCapacity, as cluster-autoscaler does: the group then launches no other in its place.
 * Sources: Amazon EC2 API reference, TerminateInstances (DryRun); Amazon EC2 Auto Scaling API reference, the same action.
 */
export class AwsInstanceEnds implements InstanceEnds {
  readonly #clients: AwsClients;

  constructor(clients: AwsClients) {
    this.#clients = clients;
  }

  async see(region: string, instanceIds: readonly string[]): Promise<SeenInstances> {
    const found: Omit<SeenInstance, 'place'>[] = [];
    for (const ids of parts(instanceIds, MOST_INSTANCES)) found.push(...(await this.#instances(region, ids)));
    const grouped = found.filter(({ tags }) => tags[GROUP_TAG] !== undefined);
    const places = new Map<string, NonNullable<SeenInstance['place']>>();
    for (const own of parts(grouped, MOST_IN_GROUPS))
      for (const [id, place] of await this.#places(region, own)) places.set(id, place);
    const groups = new Map<string, SeenGroup>();
    const names = [...new Set([...places.values()].map(({ group }) => group))];
    for (const own of parts(names, MOST_GROUPS))
      for (const group of await this.#groups(region, own)) groups.set(group.name, group);
    const instances = found.map(one => ({ ...one, place: places.get(one.instanceId) ?? null }));
    return { instances: new Map(instances.map(one => [one.instanceId, one])), groups };
  }

  async tryOut(region: string, instanceIds: readonly string[]): Promise<void> {
    const { TerminateInstancesCommand } = await import('@aws-sdk/client-ec2');
    const client = await this.#clients.ec2(region);
    for (const InstanceIds of parts(instanceIds, MOST_INSTANCES)) {
      try {
        await client.send(new TerminateInstancesCommand({ InstanceIds, DryRun: true }), within());
      } catch (error) {
        // That it would succeed is an error as well.
        if (nameOf(error) !== 'DryRunOperation')
          throw appErrorOf(this.#failureOf(error, region, 'ec2:TerminateInstances'), region);
      }
    }
  }

  async end(region: string, instanceId: string): Promise<EndAnswer> {
    const { TerminateInstancesCommand } = await import('@aws-sdk/client-ec2');
    try {
      const client = await this.#clients.ec2(region);
      await client.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }), within());
      return { kind: 'ended' };
    } catch (error) {
      if (nameOf(error) === 'InvalidInstanceID.NotFound') return { kind: 'ended' };
      return answerOf(this.#failureOf(error, region, 'ec2:TerminateInstances'), region);
    }
  }

  async endInGroup(region: string, instanceId: string): Promise<EndAnswer> {
    const action = 'autoscaling:TerminateInstanceInAutoScalingGroup';
    try {
      const { TerminateInstanceInAutoScalingGroupCommand } = await import('@aws-sdk/client-auto-scaling');
      const client = await this.#clients.autoScaling(region);
      const order = { InstanceId: instanceId, ShouldDecrementDesiredCapacity: true };
      await client.send(new TerminateInstanceInAutoScalingGroupCommand(order), within());
      return { kind: 'ended' };
    } catch (error) {
      if (BUSY.has(nameOf(error)))
        return { kind: 'later', reason: `the group of ${instanceId} is busy with another scaling activity.` };
      return answerOf(this.#failureOf(error, region, action), region);
    }
  }

  async #instances(region: string, ids: readonly string[]): Promise<Omit<SeenInstance, 'place'>[]> {
    const { DescribeInstancesCommand } = await import('@aws-sdk/client-ec2');
    // By a filter: an id that EC2 no longer knows would make the whole question an error.
    const Filters = [{ Name: 'instance-id', Values: [...ids] }];
    try {
      const client = await this.#clients.ec2(region);
      const { Reservations = [] } = await client.send(new DescribeInstancesCommand({ Filters }), within());
      return Reservations.flatMap(({ Instances = [] }) => Instances).flatMap(one =>
        one.InstanceId === undefined
          ? []
          : [
              {
                instanceId: one.InstanceId,
                state: one.State?.Name ?? 'unknown',
                zone: one.Placement?.AvailabilityZone ?? null,
                privateDnsName: one.PrivateDnsName || null,
                tags: Object.fromEntries((one.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
              },
            ],
      );
    } catch (error) {
      throw appErrorOf(this.#failureOf(error, region, 'ec2:DescribeInstances'), region);
    }
  }

  async #places(region: string, instances: readonly Pick<SeenInstance, 'instanceId'>[]) {
    const { DescribeAutoScalingInstancesCommand } = await import('@aws-sdk/client-auto-scaling');
    const InstanceIds = instances.map(({ instanceId }) => instanceId);
    try {
      const client = await this.#clients.autoScaling(region);
      const { AutoScalingInstances = [] } = await client.send(
        new DescribeAutoScalingInstancesCommand({ InstanceIds }),
        within(),
      );
      return AutoScalingInstances.map(
        ({
          InstanceId = '',
          AutoScalingGroupName: group = '',
          LifecycleState: lifecycleState = '',
          ProtectedFromScaleIn: isProtected = false,
        }) => [InstanceId, { group, lifecycleState, isProtected }] as const,
      );
    } catch (error) {
      throw appErrorOf(this.#failureOf(error, region, 'autoscaling:DescribeAutoScalingInstances'), region);
    }
  }

  async #groups(region: string, names: readonly string[]): Promise<SeenGroup[]> {
    const { DescribeAutoScalingGroupsCommand } = await import('@aws-sdk/client-auto-scaling');
    try {
      const client = await this.#clients.autoScaling(region);
      const { AutoScalingGroups = [] } = await client.send(
        new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [...names] }),
        within(),
      );
      return AutoScalingGroups.map(group => ({
        name: group.AutoScalingGroupName ?? '',
        desired: group.DesiredCapacity ?? 0,
        min: group.MinSize ?? 0,
        isBalancing:
          (group.AvailabilityZones ?? []).length > 1 &&
          !(group.SuspendedProcesses ?? []).some(({ ProcessName }) => ProcessName === 'AZRebalance'),
      }));
    } catch (error) {
      throw appErrorOf(this.#failureOf(error, region, 'autoscaling:DescribeAutoScalingGroups'), region);
    }
  }

  #failureOf(error: unknown, region: string, action: string): Ec2Failure {
    const isEc2 = action.startsWith('ec2:');
    const endpoint = isEc2 ? this.#clients.endpoint : this.#clients.autoScalingEndpoint;
    return ec2Failure(error, { region, endpoint, action, ...(isEc2 ? {} : { service: 'Auto Scaling' }) });
  }
}

function* parts<T>(all: readonly T[], size: number): Generator<T[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}
