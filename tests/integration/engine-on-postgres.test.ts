import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresDatabases } from '../../server/platform/database/testing/postgres-databases.ts';
import { postgresUrl } from '../../server/platform/database/testing/postgres-url.ts';

const root = join(import.meta.dirname, '..', '..');
/** An engine as a process; `link` is its sign-in link, or `null` when it ended before it listened. */
interface Started {
  readonly child: ChildProcess;
  readonly link: Promise<string | null>;
  said(): string;
}

describe.skipIf(postgresUrl === null)('an engine on PostgreSQL', { timeout: 240_000 }, () => {
  let folder: string;
  let databases: PostgresDatabases;
  let url: string;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cloudoptim-on-postgres-'));
    databases = new PostgresDatabases(postgresUrl ?? '');
    url = await databases.create();
  });
  afterAll(async () => {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
    await databases.dropAll();
    rmSync(folder, { recursive: true, force: true });
  });

  function start(data: string, address = url): Started {
    const child = spawn(
      process.execPath,
      [join(root, 'server/main.ts'), 'server', '--port', '0', '--data', join(folder, data)],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, CLOUDOPTIM_DATABASE_URL: address, CLOUDOPTIM_LOG_LEVEL: 'debug' },
      },
    );
    children.push(child);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const link = new Promise<string | null>(resolve => {
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        const found = /Sign in:\s+(\S+)/.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.once('close', () => resolve(null));
    });
    return { child, link, said: () => said };
  }

  async function call(link: string, method: string, path: string, body?: unknown): Promise<unknown> {
    const [address = '', token = ''] = link.split('/#token=');
    const answer = await fetch(address + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(answer.status).toBe(200);
    return answer.json();
  }

  it('runs once for a database, however many start at the same time, and finds after a kill what it had acknowledged', async () => {
    const started = [start('a'), start('b')];
    const links = await Promise.all(started.map(({ link }) => link));
    const winner = links.findIndex(link => link !== null);
    const loser = started[1 - winner];
    expect(links.filter(link => link !== null)).toHaveLength(1);
    expect(loser?.child.exitCode).toBe(2);
    expect(loser?.said()).toMatch(/^The database \S+ at \S+ is in use by another engine\. Stop that engine/m);

    const link = links[winner] ?? '';
    const { secret } = (await call(link, 'POST', '/api/v1/admin/tokens', {
      label: 'kept',
      role: 'viewer',
    })) as { secret: string };
    const metrics = await fetch(`${link.split('/#')[0]}/metrics`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    expect(await metrics.text()).toMatch(/^cloudoptim_database_bytes [1-9]/m);
    started[winner]?.child.kill('SIGKILL');
    await once(started[winner]?.child as ChildProcess, 'exit');

    const again = start('a');
    const next = await again.link;
    expect(next, again.said()).not.toBeNull();
    const audit = JSON.stringify(await call(next ?? '', 'GET', '/api/v1/admin/audit'));
    expect(audit).toContain('kept');
    again.child.kill('SIGTERM');
    await once(again.child, 'exit');

    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ times: string }>(
      `select max(times)::text as times from (select count(*) as times from kysely_migration group by name) as all_of_them`,
    );
    await client.end();
    expect(rows).toEqual([{ times: '1' }]);
  });

  it('ends with one sentence when the server is not there, and never says the password', async () => {
    const away = start('c', 'postgresql://someone:hidden-word@127.0.0.1:1/cloudoptim');
    expect(await away.link).toBeNull();
    expect(away.child.exitCode).toBe(2);
    expect(away.said()).toMatch(
      /^The database cloudoptim at 127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED/m,
    );
    expect(away.said()).not.toContain('hidden-word');
    const wrong = start('c', 'mysql://someone:hidden-word@db/cloudoptim');
    expect(await wrong.link).toBeNull();
    expect(wrong.said()).toMatch(/^CLOUDOPTIM_DATABASE_URL is wrong: /m);
    expect(wrong.said()).not.toContain('hidden-word');
  });
});
