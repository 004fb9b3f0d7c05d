/** An instance of the pretend account. */
export interface HostedInstance {
  readonly instanceId: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly lifecycle: 'spot' | 'on-demand';
  readonly state: 'pending' | 'running' | 'shutting-down' | 'terminated';
  readonly launchedAtMs: number;
  readonly tags: Readonly<Record<string, string>>;
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
  readonly templates: readonly HostedTemplate[];
  /** Zone of each subnet. */
  readonly subnets: Readonly<Record<string, string>>;
}
