import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CatalogInstanceType, SpotMarket } from '../market/index.ts';
import type { Action, ActionContext } from './action-context.ts';
import {
  describeAutoScalingGroups,
  describeAutoScalingInstances,
  terminateInstanceInAutoScalingGroup,
} from './auto-scaling-groups.ts';
import { createFleet } from './create-fleet.ts';
import { describeInstanceTypes } from './describe-instance-types.ts';
import { describeSpotPriceHistory } from './describe-spot-price-history.ts';
import { describeAvailabilityZones, describeRegions } from './describe-zones.ts';
import { Ec2Error, errorXml, queryErrorXml } from './ec2-error.ts';
import type { HostedAccount } from './instance-host.ts';
import { describeInstances, terminateInstances } from './instances.ts';
import { describeLaunchTemplates, describeLaunchTemplateVersions } from './launch-templates.ts';
import { parseQueryParameters } from './query-parameters.ts';
import { createRequestGate, type RequestGate, type Service } from './request-gate.ts';
import type { TokenBucketOptions } from './token-bucket.ts';
import { autoScalingXml, responseXml } from './xml.ts';
import { zoneIdsOf } from './zone-ids.ts';

const LARGEST_BODY_BYTES = 1_000_000;
/** Auto Scaling's version of its API; every request of a Query protocol names one. */
const AUTO_SCALING_VERSION = '2011-01-01';
const EC2_ACTIONS: Record<string, Action> = {
  DescribeSpotPriceHistory: describeSpotPriceHistory,
  DescribeAvailabilityZones: describeAvailabilityZones,
  DescribeInstanceTypes: describeInstanceTypes,
  DescribeRegions: describeRegions,
  CreateFleet: createFleet,
  DescribeInstances: describeInstances,
  TerminateInstances: terminateInstances,
  DescribeLaunchTemplates: describeLaunchTemplates,
  DescribeLaunchTemplateVersions: describeLaunchTemplateVersions,
};
const AUTO_SCALING_ACTIONS: Record<string, Action> = {
  DescribeAutoScalingGroups: describeAutoScalingGroups,
  DescribeAutoScalingInstances: describeAutoScalingInstances,
  TerminateInstanceInAutoScalingGroup: terminateInstanceInAutoScalingGroup,
};

/** Options of `startEc2Endpoint`. */
export interface Ec2EndpointOptions {
  readonly market: SpotMarket;
  /** What DescribeInstanceTypes lists; nothing unless given. */
  readonly instanceTypes?: readonly CatalogInstanceType[];
  /** Where instances are launched; nowhere unless given. */
  readonly account?: HostedAccount;
  /** Milliseconds since 1970 UTC; the machine's clock unless given. */
  readonly clock?: () => number;
  /** Port on 127.0.0.1; a free one unless given. */
  readonly port?: number;
  /** Access key ids that are known; every id is known unless given. */
  readonly accessKeyIds?: readonly string[];
  /** Actions that answer 403; what is added later counts from then on. */
  readonly deniedActions?: readonly string[];
  /** Hears of the action of each request before it is answered. */
  readonly onRequest?: (action: string) => void;
  /** 100 requests, refilled by 20 a second, unless given. It fills by real time, whatever `clock` says. */
  readonly bucket?: TokenBucketOptions;
  /** Throttles every Nth request; none unless given. */
  readonly throttleEveryNth?: number;
  /** Waits this long before each answer. */
  readonly pageLatencyMs?: number;
  /** How a last page ends: `<nextToken/>`, nothing, or one and the other in turn (unless given). */
  readonly lastPage?: 'empty' | 'absent' | 'alternate';
}

/** A running endpoint. */
export interface Ec2Endpoint {
  /** `http://127.0.0.1:PORT`, to be given to clients of EC2 and Auto Scaling as their `endpoint`. */
  readonly url: string;
  /** Requests received, refused ones included. */
  requests(): number;
  /** Requests answered with RequestLimitExceeded. */
  throttled(): number;
  close(): Promise<void>;
}

/**
 * Starts an HTTP server on loopback that answers like EC2 and EC2 Auto Scaling in the market's region (Query protocol, XML of 2016-11-15
 * and 2011-01-01), well enough for their clients in the AWS SDK. Nothing is kept between requests but two counters, the throttle and the fleets of `account`. Rejects when the port is taken.
 */
export async function startEc2Endpoint(options: Ec2EndpointOptions): Promise<Ec2Endpoint> {
  const { market } = options;
  const clock = options.clock ?? Date.now;
  const zones = [...new Set(market.pools().map(pool => pool.availabilityZone))];
  const zoneIds = zoneIdsOf(market.region, zones);
  const gate = createRequestGate(
    {
      region: market.region,
      accessKeyIds: options.accessKeyIds,
      deniedActions: options.deniedActions ?? [],
      bucket: options.bucket ?? { capacity: 100, refillPerSecond: 20 },
      throttleEveryNth: options.throttleEveryNth ?? 0,
    },
    performance.now(),
  );
  let lastPages = 0;
  const lastPage = options.lastPage ?? 'alternate';
  const lastPageMark = (): string =>
    lastPage === 'empty' || (lastPage === 'alternate' && lastPages++ % 2 === 0) ? '<nextToken/>' : '';

  const contextAt = (nowMs: number): ActionContext => ({
    market,
    region: market.region,
    zoneIds,
    instanceTypes: options.instanceTypes ?? [],
    account: options.account,
    nowMs,
    lastPageMark,
  });
  const server = createServer((request, response) => {
    const reply = async (): Promise<void> => {
      const form = await readForm(request);
      options.onRequest?.(parseQueryParameters(form ?? '').action);
      if (options.pageLatencyMs) await sleep(options.pageLatencyMs);
      const requestId = requestIdOf(gate.requests() + 1);
      const answer = answerTo(form, request.headers.authorization, gate, contextAt(clock()), requestId);
      write(response, answer, requestId);
    };
    // Only a connection that broke while its request was read ends here.
    reply().catch(() => response.destroy());
  });
  await listen(server, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests: gate.requests,
    throttled: gate.throttled,
    close: () => close(server),
  };
}

interface Answer {
  readonly status: number;
  readonly xml: string;
}

function answerTo(
  form: string | undefined,
  authorization: string | undefined,
  gate: RequestGate,
  context: ActionContext,
  requestId: string,
): Answer {
  const parameters = parseQueryParameters(form ?? '');
  const isEc2 = parameters.text('Version') !== AUTO_SCALING_VERSION;
  const { action: name } = parameters;
  try {
    if (form === undefined)
      throw new Ec2Error(413, 'RequestEntityTooLarge', 'The request body is larger than 1 MB');
    const service: Service = isEc2 ? 'ec2' : 'autoscaling';
    gate.admit({ service, action: name, authorization, nowMs: performance.now() });
    if (name === '') {
      throw new Ec2Error(400, 'MissingAction', 'The request must contain the parameter Action');
    }
    const actions = isEc2 ? EC2_ACTIONS : AUTO_SCALING_ACTIONS;
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action) {
      throw new Ec2Error(400, 'InvalidAction', `The action ${name} is not valid for this web service.`);
    }
    if (parameters.flag('DryRun')) {
      throw new Ec2Error(412, 'DryRunOperation', 'Request would have succeeded, but DryRun flag is set.');
    }
    const body = action(parameters, context);
    return {
      status: 200,
      xml: isEc2 ? responseXml(name, requestId, body) : autoScalingXml(name, requestId, body),
    };
  } catch (error) {
    const refusal =
      error instanceof Ec2Error
        ? error
        : new Ec2Error(500, 'InternalError', `An internal error has occurred: ${error}`);
    const xml = isEc2 ? errorXml(refusal, requestId) : queryErrorXml(refusal, requestId);
    return { status: refusal.status, xml };
  }
}

/** The form of a POST body or of a query string; `undefined` when it is too large. */
async function readForm(request: IncomingMessage): Promise<string | undefined> {
  if (request.method === 'GET') return (request.url ?? '').split('?')[1] ?? '';
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= LARGEST_BODY_BYTES) chunks.push(chunk);
  }
  return bytes <= LARGEST_BODY_BYTES ? Buffer.concat(chunks).toString('utf8') : undefined;
}

function write(response: ServerResponse, answer: Answer, requestId: string): void {
  response.writeHead(answer.status, {
    'content-type': 'text/xml;charset=UTF-8',
    'content-length': Buffer.byteLength(answer.xml),
    'x-amzn-requestid': requestId,
  });
  response.end(answer.xml);
}

/** A request id in EC2's shape, counted up. */
function requestIdOf(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close(error => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}
