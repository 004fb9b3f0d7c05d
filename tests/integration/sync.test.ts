import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api, importUploadPath, modelUploadPath } from '../../common/contracts/index.ts';
import { syncVersionHeader } from '../../common/contracts/peers.ts';
import { connectTo, type SyncEngine, serverOf, startSyncEngine, syncOnce } from '../support/sync-world.ts';
import { startTlsFront } from '../support/tls-front.ts';

const samples = join(import.meta.dirname, '..', '..', 'resources', 'models');

let laptop: SyncEngine;
let server: SyncEngine;
beforeAll(async () => {
  [laptop, server] = await Promise.all([startSyncEngine(), startSyncEngine()]);
});
afterAll(async () => {
  await laptop?.close();
  await server?.close();
});

async function upload({ engine }: SyncEngine, name: string, change: object = {}): Promise<void> {
  const manifest = JSON.parse(readFileSync(join(samples, `${name}.manifest.json`), 'utf8')) as object;
  const form = new FormData();
  form.set('manifest', JSON.stringify({ ...manifest, ...change }));
  form.set('file', new Blob([readFileSync(join(samples, `${name}.onnx`))]), `${name}.onnx`);
  const response = await fetch(engine.url + modelUploadPath, {
    method: 'POST',
    headers: { authorization: `Bearer ${engine.launchToken}` },
    body: form,
  });
  if (!response.ok) throw new Error(await response.text());
}

const modelsOf = async (engine: SyncEngine) =>
  (await engine.ask(api.models.listModels, {})).models
    .map(({ manifest, sha256 }) => `${manifest.name} ${manifest.version} ${sha256}`)
    .sort();

const connectBy = (url: string, code = 'x') => laptop.ask(api.sync.connect, { body: { url, code } });

describe('connecting to a server', () => {
  it.each([
    ['cloudoptim', /sync\.address-wrong: "cloudoptim" is not the address of a server/],
    ['ftp://example.com', /sync\.address-wrong: "ftp:\/\/example.com" is not the address/],
    ['http://example.com', /sync\.address-wrong: http:\/\/example.com is not encrypted/],
    ['https://me:pw@example.com', /carries no user or password/],
    [
      'http://127.0.0.1:2',
      /sync\.unreachable: http:\/\/127.0.0.1:2 cannot be reached: nothing listens there/,
    ],
  ])('refuses %s with one sentence', async (url, sentence) => {
    await expect(connectBy(url)).rejects.toThrow(sentence);
  });

  it('says so when something else answers, or sends callers on', async () => {
    const other = createServer((request, answer) => {
      if (request.headers.host?.startsWith('localhost'))
        answer.writeHead(302, { location: 'https://example.com/' });
      answer.end('<html>hello</html>');
    }).listen(0, '127.0.0.1');
    await new Promise(resolve => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(connectBy(`http://127.0.0.1:${port}`)).rejects.toThrow(/is no CloudOptim server/);
    await expect(connectBy(`http://localhost:${port}`)).rejects.toThrow(
      /sends callers on to https:\/\/example.com/,
    );
    other.close();
  });

  it('refuses a certificate that nobody vouches for, and an address without TLS', async () => {
    const front = await startTlsFront(Number(new URL(server.engine.url).port));
    await expect(connectBy(`https://localhost:${front.port}`)).rejects.toThrow(
      /sync\.certificate-refused: The certificate of https:\/\/localhost:\d+ .*(nobody|not know|not trust)/,
    );
    await front.close();
    await expect(connectBy(server.engine.url.replace('http:', 'https:'))).rejects.toThrow(
      /does not speak TLS/,
    );
  });

  it('takes a code once, and not one of its own', async () => {
    await expect(connectBy(server.engine.url, 'nonsense')).rejects.toThrow(
      /sync\.code-refused: This code is not known/,
    );
    const own = await laptop.ask(api.sync.createCode, { body: { label: 'me' } });
    await expect(connectBy(laptop.engine.url, own.code)).rejects.toThrow(/that of this very engine/);

    const { code } = await server.ask(api.sync.createCode, { body: { label: 'laptop of Ada' } });
    expect((await server.ask(api.sync.listGuests, {})).codes).toHaveLength(1);
    // As a page's address would be pasted.
    const connected = await connectBy(`${server.engine.url}/settings?x#token=y`, code);
    expect(connected).toMatchObject({
      url: server.engine.url,
      mayWrite: true,
      mode: 'full',
      lastDoneAt: null,
    });
    await expect(connectBy(server.engine.url, code)).rejects.toThrow(
      /resource\.conflict: .* is connected to/,
    );
    await laptop.ask(api.sync.disconnect, { params: { id: connected.id } });
    await expect(connectBy(server.engine.url, code)).rejects.toThrow(
      /sync\.code-refused: This code was used already/,
    );
    const { guests, codes } = await server.ask(api.sync.listGuests, {});
    expect(guests.map(({ label }) => label)).toEqual(['laptop of Ada']);
    expect(codes).toEqual([]);
  });

  it('keeps the key in a file that only this user reads, and secrets out of the log of changes', async () => {
    await connectTo(laptop, server);
    await syncOnce(laptop);
    const keys = join(laptop.folder, 'sync', 'keys');
    const [name = ''] = readdirSync(keys);
    expect(readdirSync(keys)).toHaveLength(1);
    expect(statSync(join(keys, name)).mode & 0o777).toBe(0o600);
    const key = readFileSync(join(keys, name), 'utf8');
    for (const engine of [laptop, server]) {
      const { entries } = await engine.ask(api.access.listAudit, { query: { limit: 50 } });
      expect(JSON.stringify(entries)).not.toContain(key);
      expect(entries.some(({ action }) => action.startsWith('sync.'))).toBe(true);
    }
  });
});

describe('models', () => {
  it('come and go by hash, and nothing is moved twice', async () => {
    await upload(server, 'spot-price-ridge');
    await upload(laptop, 'spot-price-gbt');
    const done = await syncOnce(laptop);
    expect(done).toMatchObject({ state: 'waiting', problem: null, refusals: [] });
    expect(done.lastDoneAt).not.toBeNull();
    expect(await modelsOf(laptop)).toHaveLength(2);
    expect(await modelsOf(laptop)).toEqual(await modelsOf(server));
    expect(
      readdirSync(join(laptop.folder, 'sync', 'parts'), { recursive: true }).filter(n => n.length > 60),
    ).toEqual([]);
  });

  it('that were deleted on one side do not come back from the other', async () => {
    const { models } = await laptop.ask(api.models.listModels, {});
    const [ridge] = models.filter(({ fileName }) => fileName.includes('ridge'));
    await laptop.ask(api.models.deleteModel, { params: { id: ridge?.id ?? '' } });
    await syncOnce(laptop);
    expect(await modelsOf(laptop)).toHaveLength(1);
    expect(await modelsOf(server)).toHaveLength(2);
  });

  it('of the same version with other content stay apart, and it is said', async () => {
    await upload(laptop, 'spot-price-ridge', { trainedUntil: '2026-09-01T00:00:00Z' });
    const { refusals } = await syncOnce(laptop);
    expect(refusals).toMatchObject([{ part: 'models', reason: expect.stringMatching(/has other content/) }]);
    expect(await modelsOf(server)).toHaveLength(2);
  });
});

describe('policies', () => {
  const scope = 'default';
  const policyOf = (engine: SyncEngine) => engine.ask(api.policies.getPolicy, { params: { scope } });
  const save = async (engine: SyncEngine, podRestMs: number) => {
    const { revision } = await policyOf(engine);
    const body = { document: { memory: { podRestMs } }, baseRevision: revision };
    return engine.ask(api.policies.savePolicy, { params: { scope }, body });
  };

  it('go to the side that did not change them', async () => {
    await save(server, 60_000);
    await syncOnce(laptop);
    expect(await policyOf(laptop)).toMatchObject({
      revision: 1,
      document: { memory: { podRestMs: 60_000 } },
      note: expect.stringContaining('Revision 1 of'),
    });
    await save(laptop, 120_000);
    expect(await syncOnce(laptop)).toMatchObject({ conflicts: [], problem: null });
    expect(await policyOf(server)).toMatchObject({
      revision: 2,
      document: { memory: { podRestMs: 120_000 } },
    });
  });

  it.each(['mine', 'theirs'] as const)('that both changed wait for a person, who keeps %s', async keep => {
    const mine = await save(laptop, keep === 'mine' ? 180_000 : 240_000);
    const theirs = await save(server, 300_000);
    const { id, conflicts } = await syncOnce(laptop);
    expect(conflicts).toEqual([scope]);
    const listed = await laptop.ask(api.sync.listConflicts, { params: { id } });
    expect(listed.conflicts).toMatchObject([
      { mine: { revision: mine.revision }, theirs: { revision: theirs.revision, yaml: theirs.yaml } },
    ]);
    const params = { id, scope };
    const seen = { keep, mineRevision: mine.revision, theirsRevision: theirs.revision };
    await expect(
      laptop.ask(api.sync.resolveConflict, {
        params,
        body: { ...seen, theirsRevision: theirs.revision - 1 },
      }),
    ).rejects.toThrow(/resource\.conflict: One of both versions changed/);
    await laptop.ask(api.sync.resolveConflict, { params, body: seen });
    const kept = keep === 'mine' ? mine : theirs;
    for (const engine of [laptop, server]) expect((await policyOf(engine)).document).toEqual(kept.document);
    expect(await syncOnce(laptop)).toMatchObject({ conflicts: [] });
  });
});

describe('prices', () => {
  /** What `aws ec2 describe-spot-price-history --output text` prints: a record of two pools every hour. */
  function awsText(beginMs: number, hours: number): string {
    const rows = Array.from({ length: hours }, (_, hour) =>
      ['a', 'b'].map(zone => {
        const at = new Date(beginMs + hour * 3_600_000).toISOString().replace('.000Z', '+00:00');
        return `SPOTPRICEHISTORY\teu-west-1${zone}\tm5.large\tLinux/UNIX\t0.0${400 + hour}\t${at}\n`;
      }),
    );
    return rows.flat().join('');
  }
  async function importPrices({ engine }: SyncEngine, text: string): Promise<void> {
    const headers = { authorization: `Bearer ${engine.launchToken}` };
    const body = new FormData();
    body.append('file', new Blob([text]), 'prices.txt');
    const sent = await fetch(engine.url + importUploadPath, { method: 'POST', headers, body });
    const { jobId } = (await sent.json()) as { jobId: string };
    await expect
      .poll(async () => {
        const answer = await fetch(`${engine.url}/api/v1/ml/market/imports/${jobId}`, { headers });
        return ((await answer.json()) as { state: string }).state;
      })
      .toBe('succeeded');
  }
  const known = async (engine: SyncEngine, day: number) => {
    const pool = 'eu-west-1/eu-west-1a/m5.large/Linux/UNIX';
    // An archive does not vouch for the time before its second record.
    const window = { fromMs: Date.UTC(2026, 9, day, 2), toMs: Date.UTC(2026, 9, day + 2) };
    return engine.ask(api.market.priceHistory, { query: { pool, ...window } });
  };

  it('that either side imported are on both, hole for hole', async () => {
    await importPrices(server, awsText(Date.UTC(2026, 9, 2), 72));
    await importPrices(laptop, awsText(Date.UTC(2026, 9, 6), 72));
    expect(await syncOnce(laptop)).toMatchObject({ problem: null });
    for (const day of [2, 6]) {
      const here = await known(laptop, day);
      expect(here.points.length).toBeGreaterThan(40);
      expect(here).toEqual(await known(server, day));
    }
  });
});

describe('a cluster', () => {
  const enrol = (engine: SyncEngine, joinToken: string) =>
    engine.ask(api.clusters.enrol, { body: { joinToken, agentVersion: '0', instanceId: 'i' } });
  const homeAt = async (engine: SyncEngine, id: string) => {
    const { clusters } = await engine.ask(api.clusters.listClusters, {});
    const found = clusters.find(one => one.id === id);
    return found && { state: found.state, ...found.home };
  };
  const move = async (clusterId: string, to: 'server' | 'here') => {
    const { id } = await serverOf(laptop);
    return laptop.ask(api.sync.moveCluster, { params: { id, clusterId }, body: { to } });
  };

  it('has one home, which alone acts on it, and goes to the server and back', async () => {
    const join = await laptop.ask(api.clusters.createJoinToken, { body: { clusterName: 'shop' } });
    const other = await laptop.ask(api.clusters.createJoinToken, { body: { clusterName: 'shop' } });
    const agent = await enrol(laptop, join.token);
    const { clusterId } = agent;
    const agentMay = async () =>
      (
        await fetch(`${laptop.engine.url}${api.tasks.pollTasks.path}?waitMs=0`, {
          headers: { authorization: `Bearer ${agent.agentId}.${agent.key}` },
        })
      ).status;
    expect(await agentMay()).not.toBe(401);
    await laptop.ask(api.policies.savePolicy, {
      params: { scope: clusterId },
      body: { document: { mode: 'approve' }, baseRevision: 0 },
    });

    const moved = await move(clusterId, 'server');
    expect(moved).toMatchObject({ clusterName: 'shop', serverUrl: server.engine.url });
    const { engineId, name } = await serverOf(laptop);
    expect(await homeAt(laptop, clusterId)).toEqual({
      state: 'revoked',
      epoch: 2,
      movedTo: { engineId, name },
    });
    expect(await homeAt(server, clusterId)).toEqual({ state: 'waiting', epoch: 2, movedTo: null });
    // The agent of before, and any other, is no more heard by the old home, nor does that plan.
    expect(await agentMay()).toBe(401);
    await expect(enrol(laptop, other.token)).rejects.toThrow(/cluster\.moved: Cluster "shop" was moved to/);
    await expect(laptop.ask(api.decisions.trigger, { body: { clusterId } })).rejects.toThrow(
      /cluster\.moved/,
    );
    // The same again, as after an answer that was lost, gives another token and changes nothing else.
    const again = await move(clusterId, 'server');
    expect(await homeAt(server, clusterId)).toMatchObject({ epoch: 2, movedTo: null });
    await expect(enrol(server, again.token)).resolves.toMatchObject({ clusterId });
    await syncOnce(laptop);
    const params = { scope: clusterId };
    expect(await server.ask(api.policies.getPolicy, { params })).toMatchObject({
      document: { mode: 'approve' },
    });

    const back = await move(clusterId, 'here');
    expect(await homeAt(server, clusterId)).toMatchObject({ state: 'revoked', epoch: 3 });
    expect(await homeAt(laptop, clusterId)).toMatchObject({ epoch: 3, movedTo: null });
    await expect(enrol(laptop, back.token)).resolves.toMatchObject({ clusterId });
    expect(await homeAt(laptop, clusterId)).toEqual({ state: 'waiting', epoch: 3, movedTo: null });
  });

  it('of the server is not given to an engine from which it did not come, nor by an old number', async () => {
    const { token } = await server.ask(api.clusters.createJoinToken, { body: { clusterName: 'mine' } });
    const { clusterId } = await enrol(server, token);
    const [key = ''] = readdirSync(join(laptop.folder, 'sync', 'keys'));
    const ask = async (path: string, body: object) => {
      const response = await fetch(`${server.engine.url}/api/v1/peer/clusters/${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${readFileSync(join(laptop.folder, 'sync', 'keys', key), 'utf8')}`,
          'content-type': 'application/json',
          [syncVersionHeader]: '1-1',
        },
        body: JSON.stringify(body),
      });
      return ((await response.json()) as { error?: { code: string; message: string } }).error;
    };
    expect(await ask(`${clusterId}/leave`, { epoch: 9 })).toMatchObject({ code: 'access.forbidden' });
    const old = { name: 'mine', epoch: 2, taskEpoch: 0 };
    expect(await ask('other/take', old)).toMatchObject({ code: 'resource.conflict' });
    const [shop] = (await server.ask(api.clusters.listClusters, {})).clusters.filter(
      one => one.name === 'shop',
    );
    expect(await ask(`${shop?.id}/take`, { ...old, name: 'shop' })).toMatchObject({
      message: expect.stringContaining('moved on meanwhile: its home has the number 3'),
    });
    expect(await homeAt(server, clusterId)).toMatchObject({ epoch: 1, movedTo: null });
  });
});

describe('an engine whose key is gone', () => {
  it('is told so, stops asking, and goes on with a new code', async () => {
    const [guest] = (await server.ask(api.sync.listGuests, {})).guests;
    expect(guest?.lastSeenAt).not.toBeNull();
    await server.ask(api.sync.revokeGuest, { params: { id: guest?.id ?? '' } });
    const refused = await syncOnce(laptop);
    expect(refused).toMatchObject({
      state: 'refused',
      nextAt: null,
      problem: { message: 'An administrator of the server revoked the key of this engine.' },
    });
    await laptop.restart();
    expect(await serverOf(laptop)).toMatchObject({ state: 'refused' });
    await laptop.ask(api.sync.disconnect, { params: { id: refused.id } });
    await connectTo(laptop, server, false);
    const { mayWrite, problem } = await syncOnce(laptop);
    expect({ mayWrite, problem }).toEqual({ mayWrite: false, problem: null });
    // A key for reading brings nothing.
    expect(await modelsOf(server)).toHaveLength(2);
  });

  it('stops when it is told to, also over a restart, and goes on when it is told to', async () => {
    const { id } = await serverOf(laptop);
    await laptop.ask(api.sync.stopSync, { params: { id } });
    await laptop.restart();
    expect(await serverOf(laptop)).toMatchObject({ state: 'stopped', nextAt: null });
    expect(await syncOnce(laptop)).toMatchObject({ state: 'waiting', problem: null });
  });
});
