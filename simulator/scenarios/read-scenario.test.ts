import { expect, it } from 'vitest';
import { parseScenario, readScenario, shippedScenarios } from './read-scenario.ts';

const small = `name: mine
nodePools:
  - { name: default, capacityTypes: [spot], categories: [m] }
nodes:
  - { instanceType: m5.large, capacityType: spot, pool: default }
workloads:
  - { kind: Deployment, namespace: shop, name: web, cpu: 100m, memory: 64Mi }
`;
const problem = (text: string): string => {
  try {
    parseScenario(text);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
};

it('reads every scenario that is shipped, under the name of its file', () => {
  expect(shippedScenarios()).toEqual(['gpu-batch', 'hostile', 'platform', 'small-shop']);
  for (const name of shippedScenarios()) expect(readScenario(name).name).toBe(name);
  expect(readScenario('platform').nodes.reduce((sum, { count }) => sum + count, 0)).toBe(300);
});

it('fills in what is left out', () => {
  expect(parseScenario(small)).toMatchObject({
    ageHours: 72,
    nodes: [{ count: 1 }],
    workloads: [{ replicas: 1, copies: 1, doNotDisrupt: false, pending: false }],
  });
});

it('names line and value of what is wrong, in one sentence', () => {
  const changed = (from: string, to: string) => problem(small.replace(from, to));
  expect(changed('cpu: 100m', 'cpu: lots')).toBe(
    'line 7, workloads.0.cpu is "lots": give a quantity of CPU like 500m or "2".',
  );
  expect(changed('pool: default', 'pool: none')).toBe('line 5, nodes.0.pool is "none": name one of default.');
  expect(changed('name: web', 'name: web, copies: 2')).toBe(
    'line 7, workloads.0.name is "web": put {n} where the number of each copy goes.',
  );
  expect(changed('Deployment', 'Deploy')).toMatch(/^line 7, workloads\.0\.kind is "Deploy": .*"StatefulSet"/);
  expect(changed('memory: 64Mi', 'budget: { minAvailable: 1, maxUnavailable: 1 }, memory: 64Mi')).toBe(
    'line 7, workloads.0.budget: give either minAvailable or maxUnavailable.',
  );
  expect(changed('spot, pool', 'spot, colour: red, pool')).toMatch(/^line 5, nodes\.0: .*"colour"/);
  expect(changed('name: mine', 'name: [')).toMatch(/^line \d+ is no YAML: /);
  expect(problem('# nothing')).toBe('the file is empty.');
  expect(problem('- 1')).toMatch(/^line 1, the file: .*object/);
  expect(() => readScenario('no-such')).toThrow(
    'there is no such file, and the names of those that are shipped are gpu-batch, hostile, platform, small-shop.',
  );
});
