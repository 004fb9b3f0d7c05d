import { expect, it } from 'vitest';
import { seededRandom } from '../../common/seeded-random.ts';
import { reportParts } from './report-parts.ts';

const used = { cpuMilli: 1, memoryBytes: 1 };
const pod = (name: string) => ({ namespace: 'shop', name, used, containers: [{ name: 'app', used }] });

it('sends all pods once, in parts, and those of a workload together', () => {
  const random = seededRandom(3);
  const names = Array.from({ length: 60 }, (_, n) => [
    ...Array.from({ length: 20 }, (_, replica) => `web-${n}-7c9d5b6f4-x${replica}`),
    ...Array.from({ length: 20 }, (_, replica) => `web-${n}-55d5b6f4-y${replica}`),
    `db-${n}-0`,
    `db-${n}-1`,
  ]).flat();
  const pods = names.map(name => ({ pod: pod(name), at: random() })).sort((a, b) => a.at - b.at);
  const nodes = [{ name: 'n', used }];
  const parts = [...reportParts({ kind: 'usage', nodes, pods: pods.map(each => each.pod) })];
  expect(parts.map(part => part.nodes)).toEqual([nodes, ...parts.slice(1).map(() => [])]);
  expect(
    parts
      .flatMap(part => part.pods)
      .map(each => each.name)
      .sort(),
  ).toEqual([...names].sort());
  expect(parts.length).toBeGreaterThan(3);
  for (const part of parts) expect(part.pods.length).toBeLessThan(700);
  for (let n = 0; n < 60; n++) {
    const holders = parts.filter(part => part.pods.some(each => each.name.startsWith(`web-${n}-`)));
    expect(holders).toHaveLength(1);
  }
});

it('tells of a cluster without pods, too', () => {
  expect([...reportParts({ kind: 'usage', nodes: [], pods: [] })]).toEqual([
    { kind: 'usage', nodes: [], pods: [] },
  ]);
});
