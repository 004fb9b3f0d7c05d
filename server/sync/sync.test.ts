import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { peers } from '../../common/contracts/peers.ts';

import { demandMayCall } from './peer-calls.ts';
import { modelKey, peerModelOf } from './peer-models.ts';
import { reconcilePolicy } from './reconcile-policy.ts';
import { Network } from './testing/faulty-link.ts';
import { openTestEngine, type TestEngine } from './testing/test-engine.ts';

/** There each engine is a database of its own, which takes its time; rules are the same, and the queries run in the tests beside. */
const onPostgres = inject('postgresUrl') !== null;
const opened: TestEngine[] = [];
const open = async (...about: Parameters<typeof openTestEngine>): Promise<TestEngine> => {
  const engine = await openTestEngine(...about);
  opened.push(engine);
  return engine;
};
// At once, so that the next test may have their databases.
afterEach(async () => {
  for (const engine of opened.splice(0)) await engine.close();
});

const file = (fill: number, bytes = 200) => Buffer.alloc(bytes, fill);
const names = async ({ models }: TestEngine) =>
  (await models.list()).map(one => `${one.id} ${modelKey(peerModelOf(one))}`).sort();

describe('a code', () => {
  let server: TestEngine;
  let laptop: TestEngine;
  beforeEach(async () => {
    server = await open('server');
    laptop = await open('laptop');
  });

  it('lets one engine in, once, within 15 minutes', async () => {
    const { code, expiresAt } = await server.guests.createCode('ada', true);
    expect(expiresAt - server.clock.ms).toBeLessThanOrEqual(15 * 60_000);
    const both = await Promise.allSettled([
      server.guests.enter(code, laptop.self),
      server.guests.enter(code, laptop.self),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const late = await server.guests.createCode('bob', true);
    server.clock.ms += 15 * 60_000;
    await expect(server.guests.enter(late.code, laptop.self)).rejects.toThrow('This code has expired.');
  });

  it('is not spent by an engine that is not understood', async () => {
    const { code } = await server.guests.createCode('ada', false);
    const old = { ...laptop.self, speaks: { current: 9, oldest: 9 } };
    await expect(server.guests.enter(code, old)).rejects.toMatchObject({ code: 'sync.version-refused' });
    const { key, mayWrite } = await server.guests.enter(code, laptop.self);
    expect(mayWrite).toBe(false);
    await expect(server.guests.verify(key)).resolves.toMatchObject({ label: 'ada', mayWrite: false });
  });

  it('gives a key that ends with the next one of the same engine, and when it is revoked', async () => {
    const enter = async () =>
      server.guests.enter((await server.guests.createCode('ada', true)).code, laptop.self);
    const first = await enter();
    const second = await enter();
    await expect(server.guests.verify(first.key)).resolves.toBe('revoked');
    expect(await server.guests.list()).toHaveLength(1);
    await server.guests.revoke(second.guestId);
    await expect(server.guests.verify(second.key)).resolves.toBe('revoked');
    await expect(server.guests.verify('')).resolves.toBeUndefined();
    await expect(server.guests.revoke(second.guestId)).rejects.toMatchObject({ code: 'resource.not-found' });
  });
});

describe('everything', () => {
  it('is the same after a sync that broke off at every step', async () => {
    const server = await open('server');
    const laptop = await open('laptop');
    const network = new Network();
    await laptop.connect(server, network);
    server.models.add('theirs', file(1));
    laptop.models.add('mine', file(2));
    for (const fate of ['lost', 'answer-lost', 'twice', 'late'] as const)
      for (let step = 0; step < 13; step++) {
        const at = network.calls + step;
        network.fateOf = call => (call === at ? fate : 'arrives');
        await laptop.sync().catch(() => undefined);
        if (step === 0) {
          // Something new for each kind of fault.
          server.models.add(`theirs ${fate}`, file(fate.length));
          server.facts.plans.tell('plan', fate);
          laptop.facts.ledger.tell('entry', fate);
          await laptop.edit('default', network.calls + 1);
          laptop.models.add(`mine ${fate}`, file(fate.length + 100));
        }
      }
    network.fateOf = () => 'arrives';
    await network.arriveLate();
    await laptop.sync();
    expect(await names(laptop)).toEqual(await names(server));
    expect(await names(laptop)).toHaveLength(10);
    expect((await laptop.store.movedModels('server')).map(({ refusal }) => refusal)).toEqual(
      Array(10).fill(null),
    );
    expect(await server.mark('default')).toBe(await laptop.mark('default'));
    expect((await server.book.elsewhere('ledger', 10)).map(({ body }) => body)).toEqual([{ text: 'late' }]);
    expect((await laptop.book.elsewhere('plans', 10)).map(({ body }) => body)).toEqual([{ text: 'late' }]);
  });
});

describe.skipIf(onPostgres)('models', () => {
  it('are fetched from where the line broke', async () => {
    const server = await open('server');
    const laptop = await open('laptop');
    const network = new Network();
    await laptop.connect(server, network);
    server.models.add('long', file(3, 1_000));
    network.breaksAfter = 300;
    const tries = [];
    for (let n = 0; n < 4; n++)
      tries.push(
        await laptop.sync().then(
          () => 'done',
          () => 'broke',
        ),
      );
    // 300 bytes each time: 300, 600, 900, and the rest.
    expect(tries).toEqual(['broke', 'broke', 'broke', 'done']);
    expect(laptop.models.taken).toBe(1_000);
  });

  it('that come damaged are fetched anew, and never used', async () => {
    const server = await open('server');
    const laptop = await open('laptop');
    const network = new Network();
    await laptop.connect(server, network);
    const told = server.models.add('told', file(4));
    server.models.list = async () => [{ ...told, original: { ...told.original, sha256: 'a'.repeat(64) } }];
    await laptop.sync();
    expect(laptop.models.taken).toBe(0);
    expect(await laptop.store.movedModels('server')).toMatchObject([
      { refusal: expect.stringContaining('came damaged 2 times') },
    ]);
  });

  it('arrive once, however often a piece of them does', async () => {
    const server = await open('server');
    const laptop = await open('laptop');
    await laptop.connect(server, new Network());
    const piece = { params: { sha256: 'b'.repeat(64) }, body: { fromByte: 0, base64: 'YWJj' } };
    for (let n = 0; n < 3; n++)
      expect(await laptop.link().call(peers.sendPiece, piece)).toEqual({ bytes: 3 });
  });

  it('that were deleted on a side stay deleted there', async () => {
    const server = await open('server');
    const laptop = await open('laptop');
    await laptop.connect(server, new Network());
    server.models.add('a', file(1));
    laptop.models.add('b', file(2));
    await laptop.sync();
    server.models.remove('b');
    laptop.models.remove('a');
    await laptop.sync();
    expect((await server.models.list()).map(({ id }) => id)).toEqual(['a']);
    expect((await laptop.models.list()).map(({ id }) => id)).toEqual(['b']);
  });
});

describe.skipIf(onPostgres)('plans and ledgers', () => {
  const textsAt = async ({ book }: TestEngine) =>
    (await book.elsewhere('plans', 100))
      .map(({ origin, body }) => `${origin.name}: ${JSON.stringify(body)}`)
      .sort();

  it('are told page by page, and go on behind the last page that arrived', async () => {
    const server = await open('server');
    const laptop = await open('laptop');
    const network = new Network();
    await laptop.connect(server, network);
    for (let n = 0; n < 450; n++) server.facts.plans.tell(`p${n}`, 'x');
    // hello, policies, cursors, page, page
    network.fateOf = call => (call === 4 ? 'lost' : 'arrives');
    await expect(laptop.sync()).rejects.toThrow('The line broke.');
    expect(await laptop.book.cursors('plans')).toMatchObject([{}, { name: 'server', seq: 200 }]);
    network.fateOf = () => 'arrives';
    await laptop.sync();
    expect(await laptop.book.cursors('plans')).toMatchObject([{}, { name: 'server', seq: 450 }]);
  });

  it('of an engine that was restored from a backup are told again, and what it forgot stays', async () => {
    const server = await open('server');
    const laptop = await open('laptop');
    await laptop.connect(server, new Network());
    for (const engine of [server, laptop]) {
      const { plans } = engine.facts;
      plans.tell('kept', 'before');
      const backup = plans.backup();
      plans.tell('forgotten', 'before');
      plans.tell('kept', 'later');
      await laptop.sync();
      plans.restore(backup);
      plans.tell('new', 'after');
      await laptop.sync();
    }
    const texts = (name: string) => [
      `${name}: {"text":"after"}`,
      `${name}: {"text":"before"}`,
      `${name}: {"text":"before"}`,
    ];
    expect(await textsAt(laptop)).toEqual(texts('server'));
    expect(await textsAt(server)).toEqual(texts('laptop'));
  });

  it('are told anew after a new connection, whatever the numbers are', async () => {
    const server = await open('server');
    const laptop = await open('laptop');
    await laptop.connect(server, new Network());
    const backup = laptop.facts.plans.backup();
    laptop.facts.plans.tell('lost', 'x');
    await laptop.sync();
    laptop.facts.plans.restore(backup);
    laptop.facts.plans.tell('unseen', 'x');
    laptop.facts.plans.tell('new', 'x');
    await laptop.sync();
    const ids = async () =>
      (await server.book.read('plans', laptop.self.engineId, -1)).map(({ id }) => id).sort();
    expect(await ids()).toEqual(['lost', 'new']);
    await laptop.connect(server, new Network());
    await laptop.sync();
    expect(await ids()).toEqual(['lost', 'new', 'unseen']);
  });

  it('of an engine come from itself, and are what they say they are', async () => {
    const server = await open('server');
    const laptop = await open('laptop');
    const other = await open('other');
    const network = new Network();
    await laptop.connect(server, network);
    await other.connect(server, network);
    const add = (origin: string, body: unknown = { text: 'x' }) =>
      laptop.link().call(peers.addFacts, {
        params: { kind: 'plans' },
        body: { origin, name: 'n', after: 0, startOver: false, facts: [{ id: 'p', seq: 1, at: 1, body }] },
      });
    await expect(add(server.self.engineId)).rejects.toThrow('Facts of this engine come from itself alone.');
    await expect(add(other.self.engineId)).rejects.toThrow('tells its facts itself');
    await expect(add(laptop.self.engineId, { other: 1 })).rejects.toThrow('tells of plans p cannot be read');
    expect(await add(laptop.self.engineId)).toEqual({ seq: 1 });
  });
});

describe.skipIf(onPostgres)('engines of different versions', () => {
  it.each([
    ['older', { current: 1, oldest: 1 }, { current: 2, oldest: 1 }],
    ['newer', { current: 2, oldest: 1 }, { current: 1, oldest: 1 }],
  ])('a guest that is the %s one reads and changes nothing on the other side', async (_, guest, host) => {
    const server = await open('server', 0, host);
    const laptop = await open('laptop', 0, guest);
    await laptop.connect(server, new Network());
    server.models.add('theirs', file(1));
    laptop.models.add('mine', file(2));
    await laptop.edit('default', 5);
    await laptop.sync();
    expect(await names(laptop)).toHaveLength(2);
    expect(await names(server)).toHaveLength(1);
    expect(await server.history('default')).toEqual([]);
    await server.edit('default', 6);
    await laptop.sync();
    expect((await laptop.store.agreedPolicies('server'))[0]?.conflict).not.toBeNull();
  });

  it('are held to it by the one that is asked, whatever the other believes', async () => {
    const { self } = await open('server', 0, { current: 2, oldest: 1 });
    const guest = { guestId: 'g', engineId: 'e', label: 'l', mayWrite: true };
    expect(() => demandMayCall(self, guest, '2-2', true)).not.toThrow();
    expect(() => demandMayCall(self, guest, '1-1', false)).not.toThrow();
    expect(() => demandMayCall(self, guest, '1-1', true)).toThrow(/only read from each other/);
    expect(() => demandMayCall(self, { ...guest, mayWrite: false }, '2-2', true)).toThrow(/for reading only/);
    expect(() => demandMayCall(self, guest, undefined, false)).toThrow(/does not say which version/);
    expect(() => demandMayCall(self, guest, '9-9', false)).toThrow(/is too old/);
  });

  it('too far apart exchange nothing, also when one is updated between two syncs', async () => {
    const server = await open('server', 0, { current: 2, oldest: 1 });
    const laptop = await open('laptop', 0, { current: 1, oldest: 1 });
    await laptop.connect(server, new Network());
    Object.assign(server.self.speaks, { current: 3, oldest: 3 });
    server.models.add('theirs', file(1));
    await expect(laptop.sync()).rejects.toMatchObject({
      code: 'sync.version-refused',
      message: expect.stringMatching(/^Version 1 of sync, .* speaks 3 and understands 3/),
    });
    expect(await names(laptop)).toEqual([]);
  });
});

describe.skipIf(onPostgres)('two versions of a policy', () => {
  it('are no conflict where one was made from the other, though the answer to it was lost', async () => {
    const server = await open('server');
    const laptop = await open('laptop');
    const network = new Network();
    await laptop.connect(server, network);
    await laptop.edit('default', 1);
    // hello, listPolicies, savePolicy
    network.fateOf = call => (call === 2 ? 'answer-lost' : 'arrives');
    await expect(laptop.sync()).rejects.toThrow('The line broke.');
    await server.edit('default', 2);
    await laptop.sync();
    expect(await laptop.history('default')).toEqual([1, 2]);
    expect(await server.history('default')).toEqual([1, 2]);
    expect((await laptop.store.agreedPolicies('server'))[0]).toMatchObject({ conflict: null, refusal: null });
  });

  const side = (revision: number, digest: string, ...past: string[]) => ({
    revision,
    digest,
    past: past.map((one, n) => ({ digest: one, revision: revision - n })),
  });

  it('that a server which was restored from a backup does not have any more come back to it', () => {
    const mine = side(4, 'd', 'd', 'c', 'b', 'a');
    expect(reconcilePolicy(mine, side(2, 'b', 'b', 'a'), { local: 4, remote: 4 })).toBe('give');
    expect(reconcilePolicy(mine, side(0, ''), { local: 4, remote: 4 })).toBe('give');
  });

  it('are asked about where each has the other in its past', () => {
    expect(reconcilePolicy(side(2, 'a', 'a', 'b'), side(2, 'b', 'b', 'a'), { local: 0, remote: 0 })).toBe(
      'ask',
    );
  });

  it('are left alone where nothing was ever saved', () => {
    expect(reconcilePolicy(side(0, 'x'), side(0, 'y'), { local: 0, remote: 0 })).toBe('none');
  });
});
