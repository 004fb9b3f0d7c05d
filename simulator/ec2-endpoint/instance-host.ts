/** An instance of the pretend account. */
export interface HostedInstance {
  readonly instanceId: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly lifecycle: 'spot' | 'on-demand';
  readonly state: 'pending' | 'running' | 'shutting-down' | 'terminated';
  readonly launchedAtMs: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Empty until it has one. */
  readonly privateDnsName: string;
}

/** What runs behind the endpoint: it starts instances, and ends them. */
export interface InstanceHost {
  /** `undefined` when there is no capacity of this type in this zone. */
  launch(
    order: Pick<HostedInstance, 'instanceType' | 'zone' | 'lifecycle' | 'tags'>,
  ): HostedInstance | undefined;
  terminate(instanceId: string): void;
  /** Terminated ones stay for a while, as in EC2. */
  list(): readonly HostedInstance[];
}

/** An Auto Scaling group of the account. */
interface HostedGroup {
  readonly name: string;
  readonly min: number;
  readonly desired: number;
  readonly zones: readonly string[];
  /** Processes that are suspended: `AZRebalance`. */
  readonly suspended: readonly string[];
  readonly members: readonly HostedMember[];
}

/** An instance in its group. */
export interface HostedMember {
  readonly instanceId: string;
  readonly zone: string;
  readonly lifecycleState: string;
  readonly isProtected: boolean;
}

/** What runs behind the groups of the endpoint. */
export interface GroupHost {
  list(): readonly HostedGroup[];
  /** Begins to end an instance, with its place in the group or so that another comes. */
  end(instanceId: string, isDecremented: boolean): void;
}

/** A launch template of the account. */
export interface HostedTemplate {
  readonly id: string;
  readonly name: string;
  /** Newest last; the first is the default. */
  readonly versions: readonly number[];
}

/** Everything about instances that an endpoint is given. */
export interface HostedAccount {
  readonly host: InstanceHost;
  /** Auto Scaling groups; none unless given. */
  readonly groups?: GroupHost;
  readonly templates: readonly HostedTemplate[];
  /** Zone of each subnet. */
  readonly subnets: Readonly<Record<string, string>>;
}
