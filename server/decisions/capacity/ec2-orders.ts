import type { CreateFleetCommandInput, EC2Client } from '@aws-sdk/client-ec2';
import type { Ec2CapacitySource } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { type Ec2Failure, ec2Failure } from '../../market/index.ts';
import type {
  CapacityProvider,
  EndAnswer,
  InstanceLook,
  NodeOrder,
  NodeOrders,
  OrderAnswer,
} from './node-orders.ts';

/** How EC2 is reached; credentials are those of the AWS SDK's default chain. */
export interface Ec2Access {
  readonly endpoint?: string | undefined;
  readonly profile?: string | undefined;
}

const ANSWER_WITHIN_MS = 20_000;
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
  readonly #access: Ec2Access;
  readonly #clients: Ec2Clients;

  constructor(source: Ec2CapacitySource, access: Ec2Access, clients: Ec2Clients) {
    this.#source = source;
    this.#access = access;
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
            { Name: 'tag:cloudoptim:plan', Values: [planId] },
            { Name: 'tag:cloudoptim:step', Values: [String(step)] },
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

  async end(region: string, instanceId: string): Promise<EndAnswer> {
    const { TerminateInstancesCommand } = await import('@aws-sdk/client-ec2');
    try {
      await this.#send(region, client =>
        client.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }), within()),
      );
      return { kind: 'ended' };
    } catch (error) {
      if (nameOf(error) === 'InvalidInstanceID.NotFound') return { kind: 'ended' };
      return this.#answerOf(error, region, 'ec2:TerminateInstances');
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
      { Key: 'cloudoptim:plan', Value: order.planId },
      { Key: 'cloudoptim:step', Value: String(order.step) },
      { Key: 'cloudoptim:cluster', Value: order.clusterName },
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
    return ask(await this.#clients.of(region, this.#access));
  }

  #failureOf(error: unknown, region: string, action: string): Ec2Failure {
    return ec2Failure(error, { region, endpoint: this.#access.endpoint, action });
  }

  #answerOf(error: unknown, region: string, action: string): Exclude<OrderAnswer, { kind: 'launched' }> {
    const failure = this.#failureOf(error, region, action);
    if (failure.kind === 'throttled')
      return { kind: 'later', reason: `EC2 in ${region} is throttling requests.` };
    return { kind: failure.kind === 'final' ? 'refused' : 'later', reason: failure.error.message };
  }
}

/** One client for each region, made when it is first needed: the SDK is heavy. */
export class Ec2Clients {
  readonly #clients = new Map<string, Promise<EC2Client>>();

  of(region: string, { endpoint, profile }: Ec2Access): Promise<EC2Client> {
    const known = this.#clients.get(region);
    if (known !== undefined) return known;
    const client = import('@aws-sdk/client-ec2').then(
      ({ EC2Client: Client }) =>
        new Client({
          region,
          maxAttempts: 3,
          ...(endpoint === undefined ? {} : { endpoint }),
          ...(profile === undefined ? {} : { profile }),
        }),
    );
    this.#clients.set(region, client);
    return client;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients.values()) (await client).destroy();
    this.#clients.clear();
  }
}

/** The provider of a cluster whose nodes come from this launch template. */
export function ec2Capacity(
  source: Ec2CapacitySource,
  access: Ec2Access,
  clients: Ec2Clients,
): CapacityProvider {
  return { kind: 'ec2', orders: new Ec2Orders(source, access, clients) };
}

function within() {
  return { abortSignal: AbortSignal.timeout(ANSWER_WITHIN_MS) };
}

function nameOf(error: unknown): string {
  return (error as { name?: string } | undefined)?.name ?? '';
}

function appErrorOf(failure: Ec2Failure, region: string): AppError {
  if (failure.kind !== 'throttled') return failure.error;
  return new AppError(
    'market.unreachable',
    `EC2 in ${region} is throttling requests; save again in a minute.`,
  );
}
