import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api, type ClusterSummary } from '../../common/contracts/index.ts';
import type { Enrolled } from '../../server/clusters/index.ts';
import { postgresUrl } from '../../server/platform/database/testing/postgres-url.ts';
import { createRandom } from '../../simulator/cluster/random.ts';
import { LiveConnection } from '../../src-renderer/connection/live-connection.ts';
import { redisUrl } from '../support/redis-url.ts';
import {
  callApi,
  lastingToken,
  openReplicaWorld,
  type ReplicaProcess,
  type ReplicaWorld,
  until,
} from '../support/replica-world.ts';
import { type ReportingAgent, startReportingAgent } from '../support/reporting-agent.ts';

const PROXY = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' };

describe.skipIf(postgresUrl === null || redisUrl === null)('replicas over one database', () => {
  let world: ReplicaWorld;
  let leader: ReplicaProcess;
  let follower: ReplicaProcess;
  /** Follows whoever leads, to the end. */
  let third: ReplicaProcess;
  let token: string;
  const closing: (() => unknown)[] = [];

  beforeAll(async () => {
    world = await openReplicaWorld(postgresUrl ?? '', redisUrl ?? '', 6);
    leader = await world.start('--trusted-proxies', '127.0.0.1');
    token = await lastingToken(await leader.leads);
    [follower, third] = await Promise.all([
      world.start('--trusted-proxies', '127.0.0.1'),
      world.start('--trusted-proxies', '127.0.0.1'),
    ]);
    for (const { url } of [follower, third])
      await until(
        () => fetch(`${url}/readyz`),
        ({ status }) => status === 200,
      );
  });
  afterAll(async () => {
    for (const close of closing) await close();
    await world?.close();
  });

  const post = (path: string, headers: Record<string, string>, body: object) =>
    fetch(follower.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const sessionAddresses = async () => {
    const path = '/api/v1/access/sessions';
    const { sessions } = await callApi<{ sessions: { address: string }[] }>(follower.url, token, 'GET', path);
    return sessions.map(({ address }) => address);
  };

  it('follow with the API, its description and figures of their own, under the id of one request', async () => {
    const answer = await fetch(`${follower.url}/api/v1/nothing`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { error } = (await answer.json()) as { error: { requestId: string } };
    expect(answer.status).toBe(404);
    expect(answer.headers.get('x-request-id')).toBe(error.requestId);
    expect((await fetch(`${follower.url}/api/openapi.json`)).status).toBe(200);
    expect((await fetch(`${follower.url}/metrics`)).status).toBe(401);
    const metrics = await fetch(`${follower.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    expect(await metrics.text()).toMatch(/^cloudoptim_replica_leads 0$/m);
    const own = await fetch(`${leader.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    expect(await own.text()).toMatch(/^cloudoptim_replica_leads 1$/m);
  });

  it('tell the leader whom a request is from, and let nobody else say so', async () => {
    const cookies = await post(api.access.signIn.path, PROXY, { token });
    expect(cookies.status).toBe(200);
    const cookie = cookies.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/Secure/);
    expect(await sessionAddresses()).toEqual(['203.0.113.7']);
    // The same cookie counts on every replica.
    const me = await fetch(third.url + api.access.me.path, {
      headers: { cookie: cookie.split(';')[0] ?? '' },
    });
    expect(me.status).toBe(200);
    const forged = { 'x-cloudoptim-client-address': '198.51.100.1', 'x-cloudoptim-client-protocol': 'https' };
    for (const proof of [{}, { 'x-cloudoptim-replica': '0'.repeat(64) }])
      await fetch(leader.url + api.access.signIn.path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...forged, ...proof },
        body: JSON.stringify({ token }),
      });
    await post(api.access.signIn.path, forged, { token });
    expect(await sessionAddresses()).not.toContain('198.51.100.1');
  });

  it('answer nobody but each other what replicas ask', async () => {
    for (const { url } of [leader, follower]) {
      const answer = await fetch(`${url}/internal/replicas/actor`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-cloudoptim-replica': '0'.repeat(64) },
        body: JSON.stringify({ token }),
      });
      expect(answer.status).toBe(404);
    }
  });

  it('pass uploads on as they come', async () => {
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(20 * 1024 ** 2)]), 'none.onnx');
    const answer = await fetch(`${follower.url}/api/v1/ml/models/upload`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: form,
    });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ error: { code: 'model.not-a-model' } });
  });

  describe('with a dashboard and an agent at the followers', () => {
    let agent: ReportingAgent;
    let clusterId: string;
    const dashboards: LiveConnection[] = [];
    let breaks = 0;

    beforeAll(async () => {
      const join_ = { clusterName: 'shop' };
      const { token: joinToken } = await callApi<{ token: string }>(
        ...([follower.url, token, 'POST', api.clusters.createJoinToken.path, join_] as const),
      );
      const enrolled = (await (
        await post(api.clusters.enrol.path, {}, { joinToken, agentVersion: '0', instanceId: 'i' })
      ).json()) as Enrolled;
      clusterId = enrolled.clusterId;
      agent = startReportingAgent({
        serverUrl: follower.url,
        enrolled,
        folder: join(world.data, 'agent'),
        random: createRandom(1).next,
      });
      closing.push(() => agent.stop());
      for (const { url } of [follower, third]) {
        const dashboard = new LiveConnection({ baseUrl: url, token }, Date.now, () => undefined);
        dashboard.watch('clusters', () => undefined);
        dashboard.watch('policies', () => undefined);
        dashboards.push(dashboard);
        closing.push(() => dashboard.close());
      }
    });

    const shown = (dashboard: LiveConnection | undefined) =>
      dashboard?.view('clusters').held?.values.get(clusterId) as ClusterSummary | undefined;
    const freeze = (revision: number) =>
      callApi(third.url, token, 'POST', api.policies.savePolicy.path.replace(':scope', 'default'), {
        baseRevision: revision - 1,
        // A cluster of which a run is due at once, and then not for a month.
        document: { mode: 'approve', runEveryMs: (30 - revision) * 86_400_000 },
        note: `revision ${revision}`,
      });
    const revisionAt = (dashboard: LiveConnection | undefined) =>
      (dashboard?.view('policies').held?.values.get('policy/default') as { revision?: number } | undefined)
        ?.revision;

    it('both show and acknowledge what the leader has', async () => {
      agent.report(1);
      await agent.settled(20_000);
      for (const dashboard of dashboards)
        await until(
          async () => shown(dashboard),
          cluster => cluster?.state === 'live' && cluster.nodes === 1,
        );
      await freeze(1);
      for (const dashboard of dashboards)
        await until(
          async () => revisionAt(dashboard),
          revision => revision === 1,
        );
    });

    it('lose nothing while Redis is away', async () => {
      world.wire.cut();
      await freeze(2);
      agent.report(2);
      await agent.settled(20_000);
      for (const dashboard of dashboards)
        await until(
          async () => revisionAt(dashboard),
          revision => revision === 2,
        );
      world.wire.mend();
      await freeze(3);
      for (const dashboard of dashboards)
        await until(
          async () => revisionAt(dashboard),
          revision => revision === 3,
        );
    });

    it('go on when the leader is killed, and the dashboard of another follower sees no break', async () => {
      const [, kept] = dashboards;
      kept?.onState(() => {
        if (kept.state().phase === 'offline') breaks++;
      });
      leader.signal('SIGKILL');
      await Promise.race([follower.leads, third.leads]);
      agent.report(3);
      await until(
        async () => agent.settled(1_000).then(() => true),
        isSettled => isSettled,
      );
      await freeze(4);
      for (const dashboard of dashboards)
        await until(
          async () => revisionAt(dashboard),
          revision => revision === 4,
        );
      // The one that took the lead let its dashboards come again.
      const isThirdLeading = /leads on/.test(third.said());
      if (!isThirdLeading) expect(breaks).toBe(0);
      expect(agent.turnedAway).toBeUndefined();
    });

    it('have what is due by a schedule done once, by whoever leads', async () => {
      const client = new pg.Client({ connectionString: world.databaseUrl });
      await client.connect();
      const runs = async () =>
        Number((await client.query('select count(*) as runs from decision_runs')).rows[0]?.runs);
      // Each leader looks every 15 seconds, and this one has led for less than that.
      await new Promise(resolve => setTimeout(resolve, 16_000));
      const count = await runs();
      await client.end();
      expect(count).toBe(1);
    });

    it('cut the dashboard of a token that is revoked, on every replica', async () => {
      const { token: made, secret } = await callApi<{ token: { id: string }; secret: string }>(
        ...([third.url, token, 'POST', '/api/v1/admin/tokens', { label: 'gone', role: 'viewer' }] as const),
      );
      let signedOut = 0;
      const watchers = [follower, third].map(
        ({ url }) => new LiveConnection({ baseUrl: url, token: secret }, Date.now, () => signedOut++),
      );
      closing.push(...watchers.map(watcher => () => watcher.close()));
      for (const watcher of watchers)
        await until(
          async () => watcher.state().phase,
          phase => phase === 'live',
        );
      await callApi(third.url, token, 'DELETE', `/api/v1/admin/tokens/${made.id}`);
      await until(
        async () => signedOut,
        count => count === 2,
        20_000,
      );
    });
  });
});
