import { inSpan } from './tracing.ts';

/** The part of a client of the AWS SDK that is needed. */
interface TracedClient {
  readonly middlewareStack: {
    add(
      middleware: (next: Send, context: { commandName?: string }) => Send,
      options: { step: 'initialize'; name: string },
    ): void;
  };
}
// biome-ignore lint/suspicious/noExplicitAny: what a command takes and answers is the SDK's matter
type Send = (args: any) => Promise<any>;

/** Makes each request of a client a span, `ec2.DescribeSpotPriceHistory`, with its region. */
export function traceAwsClient<Client extends object>(
  client: Client,
  service: string,
  region: string,
): Client {
  (client as TracedClient).middlewareStack.add(
    (next, { commandName = 'request' }) =>
      args =>
        inSpan(
          {
            name: `${service}.${commandName.replace(/Command$/, '')}`,
            kind: 'client',
            attributes: { 'cloud.region': region },
          },
          () => next(args),
        ),
    { step: 'initialize', name: 'cloudoptim-trace' },
  );
  return client;
}
