import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const typesCsv = `instance_type,cpu_milli,memory_mib,gpu,pods,price_usd_hour,arch
m.large,1930,7000,0,29,0.10,amd64
m.xlarge,3920,14500,0,58,0.20,amd64
c.xlarge,3920,6500,0,58,0.17,amd64
g.large,1930,3200,0,29,0.07,arm64
gpu.xlarge,3920,14500,1,58,0.53,amd64
unpriced,64000,256000,0,200,,amd64
`;

interface Report {
  costUsdHour: number;
  lowerBoundUsdHour: number;
  gap: number;
  nodes: { instanceType: string; count: number; pods: { name: string; count: number }[] }[];
  unplaced: { name: string; count: number; reason: string }[];
  elapsedMs: number;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-pack-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function pack(
  pods: string,
  types: string,
  ...more: string[]
): { code: number | null; stdout: string; stderr: string } {
  const args = [join(root, 'server/main.ts'), 'pack', '--pods', pods, '--types', types, ...more];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

/** Adds the answer up again from the two tables, by nothing but their text. */
function verify(podsCsv: string, report: Report): void {
  const rows = (csv: string) =>
    csv
      .trim()
      .split('\n')
      .slice(1)
      .map(line => line.split(','));
  const pods = new Map(
    rows(podsCsv).map(([name = '', cpu, memory, gpu, count, arch = '']) => [
      name,
      { cpu: Number(cpu), memory: Number(memory), gpu: Number(gpu), count: Number(count), arch },
    ]),
  );
  const types = new Map(
    rows(typesCsv).map(([name = '', cpu, memory, gpu, limit, price, arch = '']) => [
      name,
      {
        cpu: Number(cpu),
        memory: Number(memory),
        gpu: Number(gpu),
        limit: Number(limit),
        price: Number(price),
        arch,
      },
    ]),
  );
  const found = new Map<string, number>();
  let cost = 0;
  for (const node of report.nodes) {
    const type = types.get(node.instanceType);
    if (!type) throw new Error(`no type ${node.instanceType}`);
    cost += type.price * node.count;
    const sum = { cpu: 0, memory: 0, gpu: 0, pods: 0 };
    for (const { name, count } of node.pods) {
      const pod = pods.get(name);
      if (!pod) throw new Error(`no pod ${name}`);
      if (pod.arch !== '') expect(type.arch).toBe(pod.arch);
      sum.cpu += pod.cpu * count;
      sum.memory += pod.memory * count;
      sum.gpu += pod.gpu * count;
      sum.pods += count;
      found.set(name, (found.get(name) ?? 0) + count * node.count);
    }
    expect(sum.cpu).toBeLessThanOrEqual(type.cpu);
    expect(sum.memory).toBeLessThanOrEqual(type.memory);
    expect(sum.gpu).toBeLessThanOrEqual(type.gpu);
    expect(sum.pods).toBeLessThanOrEqual(type.limit);
  }
  for (const { name, count } of report.unplaced) found.set(name, (found.get(name) ?? 0) + count);
  for (const [name, { count }] of pods) expect(found.get(name) ?? 0).toBe(count);
  expect(report.costUsdHour).toBeCloseTo(cost, 6);
  expect(report.lowerBoundUsdHour).toBeLessThanOrEqual(report.costUsdHour);
}

describe('cloudoptim pack', () => {
  const podsCsv = `name,cpu_milli,memory_mib,gpu,count,arch
web,250,512,0,120,
db,1800,6500,0,7,amd64
edge,100,128,0,40,arm64
train,3000,9000,1,3,
huge,100000,1000,0,1,
both,3900,300000,0,2,
`;

  it('packs two tables, and everything adds up', () => {
    const { code, stdout } = pack(
      file('pods.csv', podsCsv),
      file('types.csv', typesCsv),
      '--json',
      '--time-limit',
      '2',
    );
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as Report;
    verify(podsCsv, report);
    expect(report.gap).toBeLessThan(0.2);
    expect(report.unplaced).toEqual([
      { name: 'huge', count: 1, reason: 'It asks for 100000 m of CPU; the largest type has 3920 m.' },
      { name: 'both', count: 2, reason: 'It asks for 300000 MiB of memory; the largest type has 14500 MiB.' },
    ]);
  });

  it('reads gzipped tables and prints a table for people', () => {
    const { code, stdout } = pack(
      file('pods.csv.gz', gzipSync(podsCsv)),
      file('types.csv.gz', gzipSync(typesCsv)),
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^cost +\$.*\/h/);
    expect(stdout).toContain('not placed: 1 × huge.');
  });

  it.each([
    ['a count that is no number', podsCsv.replace(',120,', ',many,'), typesCsv, 'line 2: count is "many"'],
    ['a negative request', podsCsv.replace('1800', '-5'), typesCsv, 'line 3: cpu_milli is "-5"'],
    ['a missing column', podsCsv.replace('memory_mib', 'ram'), typesCsv, 'no column "memory_mib"'],
    ['a line that is too short', `${podsCsv}short,1\n`, typesCsv, 'line 8: 2 cells'],
    [
      'a price that is no number',
      podsCsv,
      typesCsv.replace('0.17', 'cheap'),
      'line 4: price_usd_hour is "cheap"',
    ],
  ])('refuses %s with exit code 2 and one sentence', (_, pods, types, says) => {
    const { code, stdout, stderr } = pack(file('bad-pods.csv', pods), file('bad-types.csv', types));
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(says);
  });

  it('gives the best so far on Ctrl-C', async () => {
    const many = `name,cpu_milli,memory_mib,gpu,count\n${Array.from({ length: 400 }, (_, i) => `p${i},${50 + ((i * 37) % 900)},${64 + ((i * 91) % 3000)},0,${1 + (i % 30)}`).join('\n')}\n`;
    const args = [
      'pack',
      '--pods',
      file('many.csv', many),
      '--types',
      file('types.csv', typesCsv),
      '--json',
      '--time-limit',
      '120',
    ];
    const child = spawn(process.execPath, [join(root, 'server/main.ts'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    const timer = setTimeout(() => child.kill('SIGINT'), 3_000);
    const [code] = (await once(child, 'exit')) as [number | null];
    clearTimeout(timer);
    expect(code).toBe(0);
    verify(many, JSON.parse(stdout) as Report);
  });
});
