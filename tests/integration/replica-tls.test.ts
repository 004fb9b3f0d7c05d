import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresUrl } from '../../server/platform/database/testing/postgres-url.ts';
import { createSelfSignedCertificate } from '../../simulator/kubernetes-api/self-signed-certificate.ts';
import { redisUrl } from '../support/redis-url.ts';
import { openReplicaWorld, type ReplicaWorld, until } from '../support/replica-world.ts';

describe.skipIf(postgresUrl === null || redisUrl === null)('replicas with a certificate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-replica-tls-'));
  let world: ReplicaWorld;
  beforeAll(async () => {
    world = await openReplicaWorld(postgresUrl ?? '', redisUrl ?? '', 6);
  });
  afterAll(async () => {
    await world?.close();
    rmSync(folder, { recursive: true });
  });

  function certificate(name: string): { ca: string; flags: string[] } {
    const { certificate: ca, privateKey } = createSelfSignedCertificate(Date.now());
    const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
    writeFileSync(cert, ca);
    writeFileSync(key, privateKey);
    return { ca, flags: ['--tls-cert', cert, '--tls-key', key] };
  }
  async function status(url: string, ca: string): Promise<number | undefined> {
    const asked = request(`${url}/readyz`, { ca, agent: false }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.resume();
    return answer.statusCode;
  }

  it('speak TLS to each other, and to nobody with another certificate', async () => {
    const [own, other] = [certificate('own'), certificate('other')];
    const leader = await world.start(...own.flags);
    await leader.leads;
    const follower = await world.start(...own.flags);
    const stranger = await world.start(...other.flags);
    expect(follower.url).toMatch(/^https:/);
    await until(
      () => status(follower.url, own.ca),
      code => code === 200,
    );
    await until(
      async () => stranger.said(),
      said => said.includes('a replica leads'),
    );
    expect(await status(stranger.url, other.ca)).toBe(503);
  });
});
