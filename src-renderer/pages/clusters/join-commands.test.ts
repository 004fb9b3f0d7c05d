import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { actingCommand, isLoopback, joinCommand, joinWays } from './join-commands.ts';

const join = { serverUrl: 'https://cloudoptim.example.com', clusterName: 'shop', token: 'join_abc-DEF_1' };

it('is one line that holds the address and the token, whatever the way', () => {
  for (const way of joinWays) {
    const command = joinCommand(way, join);
    expect(command).not.toContain('\n');
    expect(command).toContain(join.serverUrl);
    expect(command).toContain(join.token);
    expect(command).not.toContain('acting');
  }
});

it('reaches the shell as it is, also an address that means something to it', () => {
  const serverUrl = "https://a.example/$(id)'x";
  const command = joinCommand('here', { ...join, serverUrl }).replace(
    'npm run -s agent --',
    "printf '%s\\n'",
  );
  expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' }).split('\n')[1]).toBe(serverUrl);
});

it('knows an address that no pod can reach, and what lets an agent act', () => {
  expect(['http://127.0.0.1:8000', 'http://localhost:8000', 'http://[::1]:1'].map(isLoopback)).toEqual([
    true,
    true,
    true,
  ]);
  expect(isLoopback('https://cloudoptim.example.com')).toBe(false);
  expect(actingCommand('helm')).toContain('mode=acting');
  expect(actingCommand('here')).toBeUndefined();
});
