import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAgent } from '../support/agent-process.ts';
import { type AgentWorld, startAgentWorld } from '../support/agent-world.ts';
import { type ConnectProxy, startConnectProxy } from '../support/connect-proxy.ts';
import { listening } from '../support/listening.ts';
import { startTlsFront, type TlsFront } from '../support/tls-front.ts';

let world: AgentWorld;
let front: TlsFront;
let proxy: ConnectProxy;
const ends: Promise<unknown>[] = [];
const closing: (() => Promise<void>)[] = [];
const kills: (() => void)[] = [];

beforeEach(async () => {
  world = await startAgentWorld();
  front = await startTlsFront(Number(new URL(world.server.url).port));
  writeFileSync(join(world.folder, 'ca.pem'), front.authority);
});
afterEach(async () => {
  for (const kill of kills.splice(0)) kill();
  await Promise.all(ends.splice(0));
  for (const close of closing.splice(0)) await close();
  await proxy.close();
  await front.close();
  await world.close();
});

/** An agent of its own data folder, with these settings in its environment. */
function start(flags: string[], environment: Record<string, string> = {}) {
  const agent = startAgent(
    [
      ...['--data', join(world.folder, 'data'), '--kubeconfig', join(world.folder, 'kubeconfig')],
      ...['--join', 'token', ...flags],
    ],
    undefined,
    environment,
  );
  kills.push(agent.kill);
  ends.push(agent.ended);
  return agent;
}
const snapshot = () =>
  world.server.until(
    () => world.server.messages.find(({ body }) => body.kind === 'inventory.snapshot'),
    'A snapshot',
    60_000,
  );

describe('a real agent behind an HTTP proxy', () => {
  it('enrols and reports over TLS of a private authority, and signs in at the proxy without telling the password', async () => {
    proxy = await startConnectProxy({ credentials: 'me:p@ss word' });
    const target = `localhost:${front.port}`;
    const agent = start([
      ...['--server', `https://${target}`, '--ca', join(world.folder, 'ca.pem')],
      ...['--proxy', proxy.url.replace('//', '//me:p%40ss%20word@'), '--transport', 'websocket'],
    ]);
    await snapshot();
    // The Kubernetes API is reached directly.
    expect(new Set(proxy.targets)).toEqual(new Set([target]));
    expect(proxy.targets.length).toBeGreaterThanOrEqual(2);
    if (listening) expect(listening(agent.child.pid ?? 0)).toEqual([]);
    expect(agent.said()).toContain(`"proxy":"${proxy.url}"`);
    expect(agent.said()).not.toMatch(/p@ss|p%40ss|bWU6/);
  });

  it('reaches a name that only the proxy knows, as the environment says, over TLS to the proxy', async () => {
    proxy = await startConnectProxy({
      names: { 'cloudoptim.test:80': Number(new URL(world.server.url).port) },
    });
    const secure = await startTlsFront(Number(new URL(proxy.url).port));
    closing.push(secure.close);
    const ca = join(world.folder, 'proxy.pem');
    writeFileSync(ca, secure.authority);
    start(['--server', 'http://cloudoptim.test', '--ca', ca], {
      HTTP_PROXY: `https://localhost:${secure.port}`,
      NO_PROXY: 'other.test',
    });
    await snapshot();
    expect(new Set(proxy.targets)).toEqual(new Set(['cloudoptim.test:80']));
  });

  it('says in one sentence what is wrong with the certificate, or what the proxy answered', async () => {
    proxy = await startConnectProxy({ credentials: 'me:secret' });
    const server = `https://localhost:${front.port}`;
    const forbidding = await startConnectProxy({ status: () => 403 });
    closing.push(forbidding.close);
    const cases: [string[], RegExp][] = [
      [[], /certificate is signed by nobody whom this machine trusts \(\w+\): name the PEM file .* --ca\.$/],
      [
        ['--proxy', proxy.url.replace('//', '//me:wrong@')],
        /the proxy http:\/\/127.0.0.1:\d+ refused the way to localhost:\d+ \(407 No\): give its user/,
      ],
      [
        ['--proxy', forbidding.url],
        /refused the way to localhost:\d+ \(403 No\): let it allow that address\.$/,
      ],
    ];
    for (const [flags, sentence] of cases) {
      const { code, stderr } = await start(['--server', server, ...flags]).ended;
      expect(stderr.trim()).toMatch(sentence);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(stderr).not.toContain('wrong@');
      expect(code).toBe(2);
    }
  });
});
