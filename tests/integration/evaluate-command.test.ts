import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BacktestReport, backtestReport, policyReport } from '../../common/contracts/index.ts';
import { readCsv } from '../../server/models/index.ts';

const root = join(import.meta.dirname, '..', '..');
const ridge = join(root, 'resources/models/spot-price-ridge.onnx');
const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 0, 1);

let folder: string;
let wave: string;
let trend: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-evaluate-'));
  // Up and down over nine days; and up by a little every six hours.
  wave = fileOf('wave.csv.gz', gzipSync(csv(40, hour => 0.04 + 0.008 * Math.sin(hour / 34))));
  trend = fileOf(
    'trend.csv',
    csv(30, hour => 0.04 + hour * 0.00001 + (hour % 48) * 0.000001),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Two pools of us-east-1, a record every six hours. */
function csv(days: number, usdAt: (hour: number) => number): string {
  const rows = ['m5.large', 'c5.large'].flatMap(type =>
    Array.from({ length: days * 4 }, (_, index) => {
      const at = new Date(START_MS + index * 6 * HOUR_MS).toISOString();
      return `${at},${type},us-east-1a,Linux/UNIX,${usdAt(index * 6).toFixed(6)}`;
    }),
  );
  return `timestamp,instance_type,availability_zone,product,price_usd\n${rows.join('\n')}\n`;
}

function fileOf(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** The sample model as if it had been trained before these prices. */
function manifestOf(trainedUntil: string): string {
  const text = readFileSync(ridge.replace('.onnx', '.manifest.json'), 'utf8');
  return fileOf('m.json', JSON.stringify({ ...(JSON.parse(text) as object), trainedUntil }));
}

function evaluate(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const command = [join(root, 'server/main.ts'), 'evaluate', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

const reportOf = (stdout: string): BacktestReport => backtestReport.parse(JSON.parse(stdout));

describe('cloudoptim evaluate', () => {
  it('shows the bar without a model', () => {
    const { code, stdout } = evaluate('persistence', '--prices', wave, '--json');
    expect(code).toBe(0);
    expect(reportOf(stdout)).toMatchObject({
      model: 'persistence',
      horizonHours: 24,
      pools: 2,
      mase: 1,
      verdict: 'baseline',
      baseline: { name: 'persistence' },
    });
  });

  it('exits 0 for what is better than persistence, and 3 for what is not', () => {
    const better = evaluate('drift', '--prices', trend, '--horizon', '6h', '--json');
    expect(reportOf(better.stdout)).toMatchObject({ horizonHours: 6, verdict: 'better', model: 'drift' });
    expect(better.code).toBe(0);
    const worse = evaluate('seasonal', '--prices', trend);
    expect(worse.code).toBe(3);
    expect(worse.stdout).toMatch(/no gain, so persistence serves/);
  });

  it('tests a model file from what came after its training and a horizon, with a table and a page', () => {
    const [table, page] = [join(folder, 'pools.csv'), join(folder, 'report.html')];
    const manifest = manifestOf('2026-01-20T00:00:00Z');
    const { code, stdout, stderr } = evaluate(
      ...[ridge, '--manifest', manifest, '--prices', wave, '--json', '--csv', table, '--html', page],
    );
    expect([0, 3]).toContain(code);
    const report = reportOf(stdout);
    expect(report.from).toBe('2026-01-21T00:00:00Z');
    expect(report.embargo).toMatchObject({ until: '2026-01-21T00:00:00Z', lifted: false, pointsBefore: 0 });
    expect(report.leftOut.noForecast).toBe(0);
    expect(report.points).toBe(report.timeline.reduce((sum, { points }) => sum + points, 0));
    expect(code).toBe(report.verdict === 'better' ? 0 : 3);
    expect(stderr).toContain('wave.csv.gz');
    const { columns, rows } = readCsv(readFileSync(table, 'utf8'));
    expect(columns.slice(0, 3)).toEqual(['pool', 'points', 'mae']);
    expect(rows.map(([pool]) => pool).sort()).toEqual([
      'us-east-1/us-east-1a/c5.large/Linux/UNIX',
      'us-east-1/us-east-1a/m5.large/Linux/UNIX',
    ]);
    const html = readFileSync(page, 'utf8');
    expect(html).toContain('<svg');
    expect(html).toContain('prefers-color-scheme:dark');
    expect(html).not.toMatch(/<script|<link|<img|https?:/);
  });

  it('says loudly when the embargo is lifted', () => {
    const manifest = manifestOf('2026-01-20T00:00:00Z');
    const { stdout } = evaluate(ridge, '--manifest', manifest, '--prices', wave, '--include-trained');
    expect(stdout).toMatch(/EMBARGO LIFTED: \d+ points before 2026-01-21T00:00:00Z/);
  });

  it.each([
    ['a model that is nowhere', ['nothing.onnx'], /"nothing.onnx" is no file, and no baseline: those are/],
    [
      'a horizon without a unit',
      ['persistence', '--horizon', '24'],
      /--horizon is "24", which is no length of time/,
    ],
    [
      'another horizon than the model has',
      [ridge, '--horizon', '6h'],
      /--horizon is 6h, but the model says 24h/,
    ],
    ['a time that is none', ['persistence', '--from', 'soon'], /--from is "soon", which is no time/],
    [
      'a product that is not there',
      ['persistence', '--product', 'Windows'],
      /None of the 2 pools .* asked for are Windows/,
    ],
    ['prices from before the training', [ridge], /trained until 2026-10-20T00:00:00Z, and the prices end/],
    [
      'a page that cannot be written',
      ['persistence', '--html', '/nowhere/r.html'],
      /--html is \/nowhere\/r.html/,
    ],
    ['quantiles in disorder', [ridge, '--quantiles', '0.9,0.1'], /--quantiles is "0.9,0.1"/],
  ])('refuses %s with exit code 2 and one line', (_, args, sentence) => {
    const { code, stdout, stderr } = evaluate(...args, '--prices', wave);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const lines = stderr
      .trim()
      .split('\n')
      .filter(line => !line.includes('wave.csv.gz') && !line.includes('%'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(sentence);
  });

  it('answers a file that is no model with exit code 3', () => {
    const { code, stderr } = evaluate(
      fileOf('model.pkl', Buffer.from('80049505000000000000004b012e', 'hex')),
      '--prices',
      wave,
    );
    expect(code).toBe(3);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('stops on Ctrl-C', async () => {
    const many = fileOf(
      'many.csv',
      csv(2_000, hour => 0.04 + 0.008 * Math.sin(hour / 34)).replaceAll('us-east-1a', 'us-east-1b'),
    );
    const child = spawn(process.execPath, [
      ...[join(root, 'server/main.ts'), 'evaluate', 'persistence', '--prices', many, '--step', '5m'],
    ]);
    const ended = once(child, 'exit');
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await once(child.stderr, 'data');
    child.kill('SIGINT');
    expect((await ended)[0]).toBe(2);
    expect(said).toContain('Stopped.');
  });
});

describe('cloudoptim evaluate --policy and cloudoptim backtest', () => {
  it('say what a forecaster is worth in dollars where zones can stand in for each other', () => {
    const zoneB = csv(40, hour => 0.04 + 0.008 * Math.cos(hour / 34)).replaceAll('us-east-1a', 'us-east-1b');
    const other = fileOf('zone-b.csv', zoneB);
    const { code, stdout } = evaluate('drift', '--prices', wave, other, '--policy', '--json');
    expect([0, 3]).toContain(code);
    const { policy } = reportOf(stdout);
    expect(policy).toMatchObject({ traces: 2, pools: 4 });
    expect(policy?.policies.map(each => each.policy)).toContain('model');
    expect(policy?.policies[0]).toMatchObject({ policy: 'hindsight-optimal', ofOptimum: 1, late: 0 });
    expect(policy?.modelSavesUsd).not.toBeNull();
  });

  it('hold policies against the optimum on a recording of availability', () => {
    const head = 'trace,instance_type,zone,start_date,gap_seconds,tick_start,ticks,available,price_usd\n';
    const runs = Array.from(
      { length: 40 },
      (_, run) => `a,m5.large,us-east-1a,2026-01-01,600,${run * 9},9,${run % 3 === 2 ? 0 : 1},\n`,
    );
    const traces = fileOf('traces.csv.gz', gzipSync(head + runs.join('')));
    const backtest = (...args: string[]) =>
      spawnSync(process.execPath, [join(root, 'server/main.ts'), 'backtest', '--traces', traces, ...args], {
        encoding: 'utf8',
      });
    const page = join(folder, 'policies.html');
    const ran = backtest(
      '--spot-price',
      '0.03',
      '--job',
      '8h',
      '--deadline',
      '12h',
      '--json',
      '--html',
      page,
    );
    expect(ran.status).toBe(0);
    const report = policyReport.parse(JSON.parse(ran.stdout));
    // The list price of m5.large in us-east-1 comes with the program.
    expect(report.policies.map(({ policy }) => policy)).toContain('on-demand');
    for (const { ofOptimum, late } of report.policies)
      if (late === 0) expect(ofOptimum).toBeGreaterThanOrEqual(1);
    expect(readFileSync(page, 'utf8')).toContain('Foreseeing availability');

    for (const [args, sentence] of [
      [[], /"traces.csv.gz" tells no price of m5.large/],
      [['--spot-price', 'cheap'], /--spot-price is "cheap", which is no price/],
      [['--spot-price', '0.03', '--nodes', '0'], /--nodes is "0"/],
      [['--spot-price', '0.03', '--job', '8'], /--job is "8", which is no length of time/],
    ] as const) {
      const refused = backtest(...args);
      expect([refused.status, refused.stdout]).toEqual([2, '']);
      expect(refused.stderr).toMatch(sentence);
    }
  });
});
