import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { AgentProcess } from '../support/agent-process.ts';
import type { AgentServerOptions } from '../support/agent-server.ts';
import { type AgentWorld, startAgentWorld } from '../support/agent-world.ts';
import { listening } from '../support/listening.ts';

let world: AgentWorld;
let folder: string;
let server: AgentWorld['server'];

afterEach(() => world.close());

async function serve(options?: AgentServerOptions): Promise<void> {
  world = await startAgentWorld(options);
  ({ folder, server } = world);
}

function start(...flags: string[]): AgentProcess {
  return world.start(flags);
}

describe('the start and the end of an agent', () => {
  it('names a wrong option, folder or kubeconfig in one sentence, with exit code 2', async () => {
    await serve();
    writeFileSync(join(folder, 'a-file'), '');
    const valid = ['--server', server.url, '--data', join(folder, 'data'), '--join', 'token'];
    const cases: [string[], RegExp][] = [
      [[], /address of CloudOptim is missing/],
      [['--server', 'ftp://x', '--data', folder], /"ftp:\/\/x" is no http or https URL/],
      [['--server', server.url, '--data', join(folder, 'a-file/data')], /data folder .* cannot be written/],
      [[...valid, '--health-port', '99999'], /--health-port is "99999"/],
      [[...valid, '--prometheus', 'prometheus:9090'], /Prometheus address "prometheus:9090" is no http/],
      [[...valid, '--colour'], /--colour/],
      [[...valid, '--leader-election'], /needs the namespace of its Lease/],
      [[...valid, '--leader-election', '--namespace', 'My Space'], /"My Space" cannot be the name/],
      [[...valid, '--lease-seconds', '1'], /--lease-seconds is "1"; give a whole number from 3/],
      [[...valid, '--kubeconfig', join(folder, 'nowhere')], /nowhere does not exist/],
      [[...valid, '--kubeconfig', join(folder, 'a-file')], /a-file cannot be read \(.*empty\); name another/],
      [valid.slice(0, 4).concat('--kubeconfig', join(folder, 'kubeconfig')), /not enrolled/],
    ];
    const ends = await Promise.all(cases.map(([flags]) => world.start(flags, true).ended));
    for (const [index, end] of ends.entries()) {
      expect(end.stderr.trim()).toMatch(cases[index]?.[1] ?? /never/);
      expect(end.stderr.trim().split('\n')).toHaveLength(1);
      expect([end.code, end.stdout]).toEqual([2, '']);
    }
  });

  it('keeps trying an unreachable server, says so once, and tells its health meanwhile', async () => {
    await serve();
    const first = start('--join', 'token');
    await server.until(() => server.handshakes[0], 'The first handshake');
    first.child.kill('SIGTERM');
    await first.ended;
    await server.close();
    const agent = start('--health-port', '0');
    let stderr = '';
    agent.child.stderr?.on('data', chunk => {
      stderr += chunk;
    });
    const port = await server.until(() => /"port":(\d+)/.exec(stderr)?.[1], 'The health port');
    await new Promise(resolve => setTimeout(resolve, 2_500));
    const health = await fetch(`http://127.0.0.1:${port}/healthz`);
    expect(await health.json()).toMatchObject({ connected: false, inventoryComplete: true });
    expect(stderr.match(/cannot be reached/g)).toHaveLength(1);
    if (listening) expect(listening(agent.child.pid ?? 0)).toEqual([`127.0.0.1:${port}`]);
    agent.child.kill('SIGTERM');
    expect((await agent.ended).code).toBe(0);
  });

  it('needs no token at its second start, which counts as another boot, and keeps its key out of the log', async () => {
    await serve();
    const first = start('--join', 'secret-join-token');
    await server.until(() => server.handshakes[0], 'The first handshake');
    first.child.kill('SIGTERM');
    const { code, stderr } = await first.ended;
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/the-key-of-agent-1|secret-join-token/);
    start();
    const second = await server.until(() => server.handshakes[1], 'The second handshake');
    expect(second.bootEpoch).toBe((server.handshakes[0]?.bootEpoch ?? 0) + 1);
    expect(second.instanceId).toBe(server.handshakes[0]?.instanceId);
  });

  it('says in one sentence that the join token expired, with exit code 2', async () => {
    const message = 'This join token expired at 12:00.';
    const error = {
      code: 'access.join-token-expired',
      kind: 'user',
      message,
      hint: 'Create a new join token.',
    };
    await serve({ enrolment: { status: 401, body: { error } } });
    const { code, stderr, stdout } = await start('--join', 'old').ended;
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toEqual([
      'CloudOptim refused the join token (access.join-token-expired): This join token expired at 12:00; Create a new join token.',
    ]);
  });

  it('ends with exit code 3 when its key was revoked, also while it is connected', async () => {
    let revoked = false;
    await serve({ refuse: () => (revoked ? 'revoked' : undefined) });
    const agent = start('--join', 'token');
    await server.until(() => server.handshakes[0], 'The handshake');
    revoked = true;
    server.cut();
    const { code, stderr } = await agent.ended;
    expect(code).toBe(3);
    expect(stderr).toContain('turned this agent away (revoked)');
  });
});
