import type { CreateFleetCommandInput, EC2Client } from '@aws-sdk/client-ec2';
import type { Ec2CapacitySource } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { type Ec2Failure, ec2Failure } from '../../market/index.ts';
import { type AwsClients, within } from './aws-clients.ts';
import { answerOf, appErrorOf, nameOf } from './aws-failure.ts';
import type { InstanceLook, NodeOrder, NodeOrders, OrderAnswer } from './node-orders.ts';
import { ownTag } from './own-tags.ts';

const ALIVE = ['pending', 'running'];
/** What a tried-out launch asks for: every account may have one. */
const USUAL_TYPE = 'm5.large';

/**
 * Nodes by EC2 CreateFleet of type `instant` from the cluster's launch template. The client token is made of plan and step, and the
 * instance carries both as tags, so that an engine that starts again finds what it has launched.
 * Source: Amazon EC2 API reference, CreateFleet (ClientToken, DryRun), "Ensuring idempotency".
 */
export class Ec2Orders implements NodeOrders {
  readonly #source: Ec2CapacitySource;
  readonly #clients: AwsClients;

  constructor(source: Ec2CapacitySource, clients: AwsClients) {
    this.#source = source;
    this.#clients = clients;
  }

  async launch(order: NodeOrder): Promise<OrderAnswer> {
    const fleet = this.#fleetOf(order);
    if ('refused' in fleet) return { kind: 'refused', reason: fleet.refused };
    try {
      const found = await this.find(order);
      if (found !== undefined) return { kind: 'launched', instanceId: found };
      const { CreateFleetCommand } = await import('@aws-sdk/client-ec2');
      await this.#tryOut(order.region, fleet);
      const answer = await this.#send(order.region, client =>
        client.send(new CreateFleetCommand(fleet), within()),
      );
      const instanceId = answer.Instances?.[0]?.InstanceIds?.[0];
      if (instanceId !== undefined) return { kind: 'launched', instanceId };
      const { ErrorCode, ErrorMessage } = answer.Errors?.[0] ?? {};
      const { instanceType, zone } = order.target;
      return {
        kind: 'refused',
        reason: `EC2 launched no ${instanceType} in ${zone}: ${ErrorMessage ?? ErrorCode ?? 'it gave no reason'}`,
      };
    } catch (error) {
      return this.#answerOf(error, order.region, 'ec2:CreateFleet');
    }
  }

  async find({ region, planId, step }: NodeOrder): Promise<string | undefined> {
    const { DescribeInstancesCommand } = await import('@aws-sdk/client-ec2');
    const { Reservations = [] } = await this.#send(region, client =>
      client.send(
        new DescribeInstancesCommand({
          Filters: [
            { Name: `tag:${ownTag.plan}`, Values: [planId] },
            { Name: `tag:${ownTag.step}`, Values: [String(step)] },
            { Name: 'instance-state-name', Values: ALIVE },
          ],
        }),
        within(),
      ),
    );
    return Reservations.flatMap(({ Instances = [] }) => Instances).find(one => one.InstanceId)?.InstanceId;
  }

  async look(region: string, instanceId: string): Promise<InstanceLook> {
    const { DescribeInstancesCommand } = await import('@aws-sdk/client-ec2');
    try {
      const { Reservations = [] } = await this.#send(region, client =>
        client.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }), within()),
      );
      const found = Reservations.flatMap(({ Instances = [] }) => Instances)[0];
      const state = found?.State?.Name ?? 'gone';
      if (ALIVE.includes(state)) return { kind: 'alive' };
      const why = found?.StateReason?.Message;
      return { kind: 'gone', reason: `it is ${state}${why ? ` (${why})` : ''}` };
    } catch (error) {
      // Right after a launch EC2 may not know the instance everywhere yet.
      const answer = this.#answerOf(error, region, 'ec2:DescribeInstances');
      return { kind: 'unknown', reason: answer.reason };
    }
  }

  async verify(region: string): Promise<void> {
    const { DescribeLaunchTemplateVersionsCommand } = await import('@aws-sdk/client-ec2');
    const { launchTemplate, version, subnets } = this.#source;
    const isId = launchTemplate.startsWith('lt-');
    const zone = subnets[0]?.zone ?? '';
    const elsewhere = subnets.find(subnet => !subnet.zone.startsWith(region));
    if (elsewhere)
      throw new AppError(
        'input.invalid',
        `Zone ${elsewhere.zone} is not in ${region}, where the cluster is.`,
      );
    try {
      await this.#send(region, client =>
        client.send(
          new DescribeLaunchTemplateVersionsCommand({
            ...(isId ? { LaunchTemplateId: launchTemplate } : { LaunchTemplateName: launchTemplate }),
            Versions: [version],
          }),
          within(),
        ),
      );
      const target = { instanceType: USUAL_TYPE, zone, capacityType: 'on-demand' as const };
      const order = { clusterId: '', clusterName: '', region, planId: 'verify', step: 0, target };
      const fleet = this.#fleetOf(order);
      if (!('refused' in fleet)) await this.#tryOut(region, fleet);
    } catch (error) {
      throw appErrorOf(this.#failureOf(error, region, 'ec2:CreateFleet'), region);
    }
  }

  /** @throws what EC2 refuses; that the dry run would succeed is an error as well, and is passed over */
  async #tryOut(region: string, fleet: CreateFleetCommandInput): Promise<void> {
    const { CreateFleetCommand } = await import('@aws-sdk/client-ec2');
    const { ClientToken: _, ...rest } = fleet;
    try {
      await this.#send(region, client =>
        client.send(new CreateFleetCommand({ ...rest, DryRun: true }), within()),
      );
    } catch (error) {
      if (nameOf(error) !== 'DryRunOperation') throw error;
    }
  }

  #fleetOf(order: NodeOrder): CreateFleetCommandInput | { readonly refused: string } {
    const { launchTemplate, version, subnets } = this.#source;
    const { instanceType, zone, capacityType } = order.target;
    const subnet = subnets.find(one => one.zone === zone);
    if (!subnet) return { refused: `No subnet of zone ${zone} is named in the settings of the cluster.` };
    if (capacityType === 'unknown')
      return { refused: `The plan does not say how the ${instanceType} is to be paid for.` };
    const tags = [
      { Key: ownTag.plan, Value: order.planId },
      { Key: ownTag.step, Value: String(order.step) },
      { Key: ownTag.cluster, Value: order.clusterName },
    ];
    return {
      Type: 'instant',
      ClientToken: `${order.planId}-${order.step}`,
      LaunchTemplateConfigs: [
        {
          LaunchTemplateSpecification: {
            ...(launchTemplate.startsWith('lt-')
              ? { LaunchTemplateId: launchTemplate }
              : { LaunchTemplateName: launchTemplate }),
            Version: version,
          },
          Overrides: [{ InstanceType: instanceType as never, SubnetId: subnet.subnetId }],
        },
      ],
      TargetCapacitySpecification: { TotalTargetCapacity: 1, DefaultTargetCapacityType: capacityType },
      ...(capacityType === 'spot'
        ? { SpotOptions: { AllocationStrategy: 'price-capacity-optimized' } }
        : { OnDemandOptions: { AllocationStrategy: 'lowest-price' } }),
      TagSpecifications: [
        { ResourceType: 'instance', Tags: tags },
        { ResourceType: 'fleet', Tags: tags },
      ],
    };
  }

  async #send<Answer>(region: string, ask: (client: EC2Client) => Promise<Answer>): Promise<Answer> {
    return ask(await this.#clients.ec2(region));
  }

  #failureOf(error: unknown, region: string, action: string): Ec2Failure {
    return ec2Failure(error, { region, endpoint: this.#clients.endpoint, action });
  }

  #answerOf(error: unknown, region: string, action: string): Exclude<OrderAnswer, { kind: 'launched' }> {
    return answerOf(this.#failureOf(error, region, action), region);
  }
}
