import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PackingPlan } from '../../common/contracts/index.ts';
import {
  budget,
  deployment,
  listOf,
  node,
  pod,
} from '../../server/decisions/snapshot/small-snapshot.fixture.ts';

const root = join(import.meta.dirname, '..', '..');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-plan-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const nodes = Array.from({ length: 5 }, (_, index) => node(`n${index}`));
const pods = nodes.map((_, index) => pod(`web-${index}`, 'web', `n${index}`));
const snapshot = listOf(nodes, pods, deployment('web', 5), budget('web', 1));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function plan(args: readonly string[], input?: string) {
  return spawnSync(process.execPath, [join(root, 'server/main.ts'), 'plan', '--data', folder, ...args], {
    encoding: 'utf8',
    input,
  });
}

describe('cloudoptim plan', () => {
  it('plans from a file, gzipped or not, and from standard input, the same each time', () => {
    const fromFile = plan(['--snapshot', file('shop.json.gz', gzipSync(snapshot)), '--json']);
    expect(fromFile.stderr).toContain('Planning for 5 nodes and 5 pods');
    const answer = JSON.parse(fromFile.stdout) as PackingPlan;
    // List price of m5.xlarge in us-east-1: $0.192 an hour.
    expect(answer.before).toEqual({ nodes: 5, costUsdHour: 0.96 });
    expect(answer.after.costUsdHour).toBeLessThanOrEqual(0.192);
    expect(answer.after.costUsdHour).toBeGreaterThanOrEqual(answer.lowerBoundUsdHour);
    expect(answer.savesUsdMonth).toBeCloseTo((0.96 - answer.after.costUsdHour) * 730, 1);
    for (const { budgets } of answer.waves) expect(budgets[0]?.evictions ?? 0).toBeLessThanOrEqual(1);
    const piped = plan(['--snapshot', '-', '--json'], snapshot);
    expect(JSON.parse(piped.stdout)).toEqual(answer);
    expect(piped.status).toBe(0);
  });

  it('prints text and Markdown, in which no name becomes markup', () => {
    const evil = listOf(nodes, [
      ...pods,
      pod('x', 'web', 'n0', { metadata: { name: '<img>|*x*', ownerReferences: [] } }),
    ]);
    const path = file('evil.json', evil);
    expect(plan(['--snapshot', path]).stdout).toMatch(/^now {10}5 nodes, \$0\.96\d*\/h\nplanned /);
    const { stdout } = plan(['--snapshot', path, '--markdown']);
    expect(stdout).toContain('## Nodes that stay');
    expect(stdout).toContain('\\<img\\>\\|\\*x\\*');
    expect(stdout).not.toContain('<img>');
  });

  it('says it in the language of the owners where that is asked for, in text, Markdown and JSON', () => {
    const ofKarpenter = nodes.map((_, index) =>
      node(`n${index}`, {
        labels: {
          'karpenter.sh/nodepool': 'web',
          'karpenter.sh/registered': 'true',
          'karpenter.sh/capacity-type': 'on-demand',
        },
      }),
    );
    const pool = {
      apiVersion: 'karpenter.sh/v1',
      kind: 'NodePool',
      metadata: { name: 'web', uid: 'p' },
      spec: {
        template: {
          spec: {
            requirements: [{ key: 'karpenter.sh/capacity-type', operator: 'In', values: ['on-demand'] }],
            nodeClassRef: { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name: 'web' },
          },
        },
        disruption: {
          consolidationPolicy: 'WhenEmpty',
          consolidateAfter: 'Never',
          budgets: [{ nodes: '1' }],
        },
      },
    };
    const path = file(
      'owned.json',
      listOf(ofKarpenter, pods, deployment('web', 5), budget('web', 1), [pool]),
    );
    const windows = 'windows:\n  deny:\n    - { name: day, zone: UTC, from: "08:00", to: "18:00" }\n';
    const args = ['--snapshot', path, '--owner-changes', '--policy', file('w.yaml', windows)];
    const text = plan(args).stdout;
    expect(text).toContain('n0: Karpenter, NodePool web');
    expect(text).toContain('spec.disruption.consolidationPolicy: WhenEmpty → WhenEmptyOrUnderutilized');
    expect(text).toContain('schedule: 0 8 * * *');
    expect(plan([...args, '--markdown']).stdout).toMatch(
      /## For the owner: NodePool web.*```yaml\n.*kind: NodePool/s,
    );
    const { ownerChanges } = JSON.parse(plan([...args, '--json']).stdout) as PackingPlan;
    expect(ownerChanges?.nodes.every(({ owner, problem }) => owner.name === 'web' && problem === null)).toBe(
      true,
    );
    expect(ownerChanges?.changes.map(({ check }) => check?.verdict).filter(Boolean)).toEqual([
      expect.stringMatching(/as-planned|may-differ/),
    ]);
    const without = JSON.parse(plan(['--snapshot', path, '--json']).stdout) as PackingPlan;
    expect(without.ownerChanges).toBeUndefined();
  });

  it('takes a policy, and refuses what it cannot mean by one line that names it', () => {
    const path = file('shop.json', snapshot);
    const strict = plan([
      '--snapshot',
      path,
      '--json',
      '--policy',
      file('p.json', '{"maximumWaveShare": 1}'),
    ]);
    expect((JSON.parse(strict.stdout) as PackingPlan).waves.length).toBeGreaterThan(0);
    const asDocument = file('p.yaml', 'mode: approve\ndecisions:\n  maximumWaveShare: 1\n');
    const same = plan(['--snapshot', path, '--json', '--policy', asDocument]);
    expect(JSON.parse(same.stdout).waves).toEqual(JSON.parse(strict.stdout).waves);
    for (const [text, message] of [
      ['{"minimumSavingShare": 7}', /minimumSavingShare is 7; it must be from 0 to 1/],
      ['{"minimum": 1}', /there is no setting "minimum"/],
      ['{"allowLocalStorage": "yes"}', /allowLocalStorage is "yes", not a boolean/],
      ['nothing', /is no object of settings/],
      ['decisions: {maximumPoolShare: 2}', /decisions.maximumPoolShare is 2; it must be from 0 to 1/],
      ['a: [1', /is neither YAML nor JSON/],
    ] as const) {
      const refused = plan(['--snapshot', path, '--policy', file('bad.json', text)]);
      expect(refused.stderr).toMatch(message);
      expect(refused.status).toBe(2);
    }
    for (const args of [
      ['--snapshot', join(folder, 'none.json')],
      ['--snapshot', path, '--engine', 'spot'],
      [],
    ]) {
      const refused = plan(args);
      expect(refused.status).toBe(2);
      expect(refused.stderr.trim().split('\n')).toHaveLength(1);
    }
  });

  it('prices Spot nodes by files, as of their last record, and lets them go', () => {
    const labels = { 'eks.amazonaws.com/capacityType': 'SPOT' };
    const spot = [node('s0', { labels }), node('s1', { labels })];
    const path = file(
      'spot.json',
      listOf(spot, pod('a', 'web', 's0'), pod('b', 'web', 's1'), deployment('web', 2)),
    );
    const header = 'timestamp,instance_type,availability_zone,product,price_usd\n';
    const row = (at: string, price: string) => `${at},m5.xlarge,us-east-1a,Linux/UNIX,${price}\n`;
    const prices = file(
      'prices.csv',
      header + row('2026-11-01T00:00:00Z', '0.07') + row('2026-11-01T12:00:00Z', '0.06'),
    );
    const unpriced = JSON.parse(plan(['--snapshot', path, '--json']).stdout) as PackingPlan;
    expect(unpriced.unknownPrices.map(({ node: name }) => name)).toEqual(['s0', 's1']);
    const answered = plan(['--snapshot', path, '--json', '--prices', prices]);
    expect(answered.stderr).toContain('as of 2026-11-01T12:00:00.000Z');
    const answer = JSON.parse(answered.stdout) as PackingPlan;
    expect(answer).toMatchObject({ before: { costUsdHour: 0.12 }, after: { nodes: 1, costUsdHour: 0.06 } });
    expect(answer.nodes.add).toEqual([]);
  });

  it('changes nothing: the snapshot is as it was', () => {
    const path = file('same.json', snapshot);
    plan(['--snapshot', path]);
    expect(readFileSync(path, 'utf8')).toBe(snapshot);
  });
});
