import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ec2CapacitySource } from '../../common/contracts/index.ts';
import { AwsClients } from '../../server/decisions/capacity/aws-clients.ts';
import { AwsInstanceEnds } from '../../server/decisions/capacity/aws-instance-ends.ts';
import { Ec2Orders } from '../../server/decisions/capacity/ec2-orders.ts';
import { createPretendCluster, type PretendCluster } from '../../simulator/cluster/index.ts';
import {
  type Ec2Endpoint,
  type Ec2EndpointOptions,
  startEc2Endpoint,
} from '../../simulator/ec2-endpoint/index.ts';
import { createPretendMarket } from '../../simulator/market/index.ts';

const { types } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../resources/catalog/instance-types.json'), 'utf8'),
);
const region = 'us-east-1';
const zones = ['us-east-1a', 'us-east-1b'];
const source: Ec2CapacitySource = {
  kind: 'ec2',
  launchTemplate: 'lt-0123456789abcdef0',
  version: '$Default',
  subnets: [{ zone: 'us-east-1a', subnetId: 'subnet-0000000000000000a' }],
};

let cluster: PretendCluster;
let endpoint: Ec2Endpoint;
let clients: AwsClients;
let nowMs: number;

async function serve(more: Partial<Ec2EndpointOptions> = {}): Promise<void> {
  nowMs = Date.UTC(2026, 0, 1);
  cluster = createPretendCluster({ catalog: types, seed: 1, nowMs, region, zones });
  endpoint = await startEc2Endpoint({
    market: createPretendMarket({ seed: 1, region, types, zones }),
    account: {
      host: cluster.ec2,
      templates: [{ id: 'lt-0123456789abcdef0', name: 'nodes', versions: [1, 2] }],
      subnets: { 'subnet-0000000000000000a': 'us-east-1a' },
    },
    ...more,
  });
  clients = new AwsClients({ endpoint: endpoint.url });
}

beforeEach(() => {
  process.env.AWS_ACCESS_KEY_ID = 'AKIAEXAMPLE';
  process.env.AWS_SECRET_ACCESS_KEY = 'secret';
});
afterEach(async () => {
  await clients.stop();
  await endpoint.close();
});

const ordersFrom = (one: Partial<Ec2CapacitySource> = {}) => new Ec2Orders({ ...source, ...one }, clients);
const order = (step: number, capacityType: 'spot' | 'on-demand' = 'spot', zone = 'us-east-1a') => ({
  clusterId: 'c1',
  clusterName: 'shop',
  region,
  planId: 'plan-1',
  step,
  target: { instanceType: 'm5.large', zone, capacityType },
});

describe('nodes ordered from EC2 by the real SDK', () => {
  it('are launched once for each step of a plan, also by an engine that knows nothing of the first time', async () => {
    await serve();
    const first = await ordersFrom().launch(order(1));
    expect(first).toMatchObject({ kind: 'launched', instanceId: expect.stringMatching(/^i-0/) });
    await clients.stop();
    expect(await ordersFrom().launch(order(1))).toEqual(first);
    const second = await ordersFrom().launch(order(2, 'on-demand'));
    expect(second).not.toEqual(first);
    expect(cluster.ec2.list()).toMatchObject([
      {
        instanceType: 'm5.large',
        zone: 'us-east-1a',
        lifecycle: 'spot',
        tags: { 'cloudoptim:plan': 'plan-1', 'cloudoptim:step': '1', 'cloudoptim:cluster': 'shop' },
      },
      { lifecycle: 'on-demand' },
    ]);
  });

  it('are the same for the same client token while their tags cannot be found yet', async () => {
    await serve();
    const first = await ordersFrom().launch(order(1));
    // A look that finds nothing: the instance has no tags that anybody could see.
    const [hidden] = cluster.ec2.list();
    Object.assign(hidden as object, { tags: {} });
    expect(await ordersFrom().launch(order(1))).toEqual(first);
    expect(cluster.ec2.list()).toHaveLength(1);
  });

  it('become ready nodes under the id of their instance, and go with it', async () => {
    await serve();
    const answer = await ordersFrom().launch(order(1));
    const instanceId = answer.kind === 'launched' ? answer.instanceId : '';
    for (let seconds = 1; seconds < 8; seconds++) cluster.tick(nowMs + seconds * 1_000);
    const [node] = cluster.store.list('nodes');
    expect(node?.spec.providerID).toBe(`aws:///us-east-1a/${instanceId}`);
    expect(await ordersFrom().look(region, instanceId)).toEqual({ kind: 'alive' });
    expect(await new AwsInstanceEnds(clients).end(region, instanceId)).toEqual({ kind: 'ended' });
    cluster.tick(nowMs + 9_000);
    expect(await new AwsInstanceEnds(clients).end(region, instanceId)).toEqual({ kind: 'ended' });
    expect(await ordersFrom().look(region, instanceId)).toMatchObject({ kind: 'gone' });
    expect(cluster.store.list('nodes')).toEqual([]);
    expect(await ordersFrom().find(order(1))).toBeUndefined();
  });

  it('are refused in words: no capacity, no subnet, a missing permission', async () => {
    await serve();
    cluster.ec2.setFault('no-capacity');
    expect(await ordersFrom().launch(order(1))).toEqual({
      kind: 'refused',
      reason: expect.stringMatching(/EC2 launched no m5.large in us-east-1a: .*sufficient m5.large capacity/),
    });
    expect(await ordersFrom().launch(order(2, 'spot', 'us-east-1b'))).toEqual({
      kind: 'refused',
      reason: 'No subnet of zone us-east-1b is named in the settings of the cluster.',
    });
    await endpoint.close();
    await clients.stop();
    await serve({ deniedActions: ['CreateFleet'] });
    expect(await ordersFrom().launch(order(1))).toEqual({
      kind: 'refused',
      reason: 'These AWS credentials may not do ec2:CreateFleet in us-east-1.',
    });
    expect(cluster.ec2.list()).toEqual([]);
  });

  it('are tried out before a choice is saved: template, version, zones', async () => {
    await serve();
    await expect(ordersFrom().verify(region)).resolves.toBeUndefined();
    await expect(
      ordersFrom({ launchTemplate: 'nodes', version: '2' }).verify(region),
    ).resolves.toBeUndefined();
    await expect(ordersFrom({ launchTemplate: 'other' }).verify(region)).rejects.toThrow(
      /name other, does not exist/,
    );
    await expect(ordersFrom({ version: '9' }).verify(region)).rejects.toThrow(/specified version 9/);
    const subnets = [{ zone: 'eu-west-1a', subnetId: 'subnet-0000000000000000a' }];
    await expect(ordersFrom({ subnets }).verify(region)).rejects.toThrow(/eu-west-1a is not in us-east-1/);
    expect(cluster.ec2.list()).toEqual([]);
  });
});
