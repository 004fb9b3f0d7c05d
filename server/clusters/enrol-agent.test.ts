import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestRoom, type TestRoom } from './testing/test-room.ts';

let room: TestRoom;
beforeEach(async () => {
  room = await openTestRoom();
});
afterEach(() => room.close());

const request = { agentVersion: '1.0.0', instanceId: 'i' };

it('accepts exactly one of 100 concurrent uses of a join token', async () => {
  const { token } = await room.clusters.createJoinToken('shop');
  const uses = await Promise.allSettled(
    Array.from({ length: 100 }, () => room.clusters.enrol({ joinToken: token, ...request })),
  );
  expect(uses.filter(use => use.status === 'fulfilled')).toHaveLength(1);
  for (const use of uses) {
    if (use.status === 'rejected') expect(use.reason).toMatchObject({ code: 'access.join-token-invalid' });
  }
  expect(room.clusters.summaries()).toMatchObject([{ name: 'shop', state: 'waiting', lastSeenAt: null }]);
});

it('refuses an expired, a replayed and an unknown token, each by its code', async () => {
  const late = await room.clusters.createJoinToken('late');
  room.clock.ms += 15 * 60_000;
  await expect(room.clusters.enrol({ joinToken: late.token, ...request })).rejects.toMatchObject({
    code: 'access.join-token-expired',
  });
  const used = await room.clusters.createJoinToken('used');
  await room.clusters.enrol({ joinToken: used.token, ...request });
  for (const joinToken of [used.token, `${used.token}x`, '']) {
    await expect(room.clusters.enrol({ joinToken, ...request })).rejects.toMatchObject({
      code: 'access.join-token-invalid',
    });
  }
  expect(room.clusters.summaries()).toHaveLength(1);
});

it('keeps no secret that could be used again on disk', async () => {
  const { token } = await room.clusters.createJoinToken('shop');
  const { key } = await room.clusters.enrol({ joinToken: token, ...request });
  expect(token.length).toBeGreaterThanOrEqual(43);
  for (const table of ['join_tokens', 'agents', 'clusters', 'audit']) {
    const { rows } = await sql`select * from ${sql.table(table)}`.execute(room.database.reader());
    const text = JSON.stringify(rows);
    expect(text).not.toContain(token);
    expect(text).not.toContain(key);
  }
});

it('knows an agent by its bearer secret until another is enrolled for the cluster', async () => {
  const first = await room.enrol('shop');
  const identity = { agentId: first.agentId, clusterId: first.clusterId };
  await expect(room.clusters.verifyAgent(`${first.agentId}.${first.key}`)).resolves.toEqual(identity);
  const second = await room.enrol('shop');
  expect(second.clusterId).toBe(first.clusterId);
  expect(second.agentId).not.toBe(first.agentId);
  await expect(room.clusters.verifyAgent(`${first.agentId}.${first.key}`)).resolves.toBe('revoked');
  for (const secret of [
    `${first.agentId}.${second.key}`,
    `${second.agentId}.${first.key}`,
    second.key,
    '',
    '.',
    `${second.agentId}.`,
  ]) {
    await expect(room.clusters.verifyAgent(secret)).resolves.toBeUndefined();
  }
  await expect(room.clusters.verifyAgent(`${second.agentId}.${second.key}`)).resolves.toMatchObject({
    agentId: second.agentId,
  });
  expect(room.clusters.summaries()).toHaveLength(1);
});

it('enrols as many replicas with one token as it was made for, each with a key of its own, and ends nothing of the first', async () => {
  const old = await room.enrol('shop');
  const { token } = await room.clusters.createJoinToken('shop', 2);
  const first = await room.clusters.enrol({ joinToken: token, agentVersion: '1.0.0', instanceId: 'a' });
  const socket = await room.connect(first, { leaderEpoch: 5 });
  const { taskId } = await room.clusters.sendTask(first.clusterId, {
    action: { kind: 'cordon', node: { name: 'n', uid: 'u' } },
    deadlineMs: 60_000,
    dryRun: false,
  });
  const uses = await Promise.allSettled(
    Array.from({ length: 20 }, () => room.clusters.enrol({ joinToken: token, ...request })),
  );
  const fulfilled = uses.filter(use => use.status === 'fulfilled');
  expect(fulfilled).toHaveLength(1);
  const second = fulfilled[0]?.value;
  expect(second?.clusterId).toBe(first.clusterId);
  for (const { agentId, key } of [first, second ?? first])
    await expect(room.clusters.verifyAgent(`${agentId}.${key}`)).resolves.toMatchObject({ agentId });
  await expect(room.clusters.verifyAgent(`${old.agentId}.${old.key}`)).resolves.toBe('revoked');
  expect(socket.connected).toBe(true);
  expect((await room.clusters.getTask(taskId))?.state).toBe('queued');
  expect(room.clusters.summaries()).toHaveLength(1);
  await room.clusters.revoke(first.clusterId);
  for (const { agentId, key } of [first, second ?? first])
    await expect(room.clusters.verifyAgent(`${agentId}.${key}`)).resolves.toBe('revoked');
});
