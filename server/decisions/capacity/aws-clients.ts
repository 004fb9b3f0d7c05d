import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { traceAwsClient } from '../../platform/index.ts';

/** How AWS is reached; credentials are those of the AWS SDK's default chain. */
export interface AwsAccess {
  /** Of EC2. */
  readonly endpoint?: string | undefined;
  readonly autoScalingEndpoint?: string | undefined;
  readonly profile?: string | undefined;
}

const ANSWER_WITHIN_MS = 20_000;

/** One client for each service and region, made when it is first needed: the SDK is heavy. */
export class AwsClients {
  readonly #access: AwsAccess;
  readonly #ec2 = new Map<string, Promise<EC2Client>>();
  readonly #autoScaling = new Map<string, Promise<AutoScalingClient>>();

  constructor(access: AwsAccess) {
    this.#access = access;
  }

  /** As messages name it: of EC2. */
  get endpoint(): string | undefined {
    return this.#access.endpoint;
  }

  get autoScalingEndpoint(): string | undefined {
    return this.#access.autoScalingEndpoint;
  }

  ec2(region: string): Promise<EC2Client> {
    return remembered(this.#ec2, region, async () => {
      const { EC2Client: Client } = await import('@aws-sdk/client-ec2');
      return traceAwsClient(new Client(this.#options(region, this.#access.endpoint)), 'ec2', region);
    });
  }

  autoScaling(region: string): Promise<AutoScalingClient> {
    return remembered(this.#autoScaling, region, async () => {
      const { AutoScalingClient: Client } = await import('@aws-sdk/client-auto-scaling');
      const client = new Client(this.#options(region, this.#access.autoScalingEndpoint));
      return traceAwsClient(client, 'autoscaling', region);
    });
  }

  async stop(): Promise<void> {
    for (const clients of [this.#ec2, this.#autoScaling]) {
      for (const client of clients.values()) (await client).destroy();
      clients.clear();
    }
  }

  #options(region: string, endpoint: string | undefined) {
    const { profile } = this.#access;
    return {
      region,
      maxAttempts: 3,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(profile === undefined ? {} : { profile }),
    };
  }
}

/** What a request is given so that it ends in time. */
export function within(): { readonly abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(ANSWER_WITHIN_MS) };
}

function remembered<Client>(
  clients: Map<string, Promise<Client>>,
  region: string,
  make: () => Promise<Client>,
): Promise<Client> {
  const known = clients.get(region) ?? make();
  clients.set(region, known);
  return known;
}
