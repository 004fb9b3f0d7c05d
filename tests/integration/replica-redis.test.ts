import { createServer } from 'node:http';
import { Writable } from 'node:stream';
import { Server } from 'socket.io';
import { describe, expect, it } from 'vitest';
import { createLog } from '../../server/platform/index.ts';
import { RedisLine } from '../../server/platform/replicas/redis-line.ts';
import { redisUrl } from '../support/redis-url.ts';
import { until } from '../support/replica-world.ts';

describe.skipIf(redisUrl === null)('a Redis that refuses the password', () => {
  it('ends no replica, is told in the log, and its password is not', async () => {
    let said = '';
    const log = createLog(
      'warn',
      new Writable({
        write: (chunk, _encoding, done) => {
          said += String(chunk);
          done();
        },
      }),
    );
    const url = new URL(redisUrl ?? '');
    url.username = 'nobody-of-this-name';
    url.password = 'hidden-word';
    const line = await RedisLine.open(url.href, 'refused', log);
    // With the namespaces of a replica, whose adapters subscribe at once: a rejection that nobody takes fails the run.
    const sockets = new Server(createServer(), { adapter: line.adapter });
    sockets.of('/live');
    try {
      await until(
        async () => said,
        text => text.includes('WRONGPASS'),
        20_000,
      );
      expect(line.isUp).toBe(false);
      expect(said).not.toContain('hidden-word');
    } finally {
      line.close(sockets);
    }
  });
});
