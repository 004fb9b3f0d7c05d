import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { riskBacktestReport } from '../../common/contracts/index.ts';
import { readCsv } from '../../server/models/index.ts';
import { linearModel } from '../support/linear-model.ts';
import { madeRecording, madeZones } from '../support/made-recording.ts';

const root = join(import.meta.dirname, '..', '..');
let folder: string;
let recording: string;
let good: string;
let bad: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-evaluate-risk-'));
  recording = fileOf('recording.csv.gz', gzipSync(madeRecording(30)));
  // What the recording was made with, and the other way round.
  good = modelOf('good', 6, -5);
  bad = modelOf('bad', -6, 2);
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** A model of the price alone, trained until ten days after the recording began. */
function modelOf(name: string, weight: number, bias: number): string {
  const manifest = {
    ...{ name, version: '1', task: 'interruption', target: 'probability', horizonHours: 1 },
    ...{ trainedUntil: '2026-09-11T00:00:00Z', features: [{ name: 'last_price_usd' }] },
    scope: { regions: ['us-east-1'] },
  };
  fileOf(`${name}.manifest.json`, JSON.stringify(manifest));
  return fileOf(`${name}.onnx`, linearModel([{ name: 'p', weights: [weight], bias, isLogistic: true }]));
}

function evaluate(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const command = [join(root, 'server/main.ts'), 'evaluate', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

describe('cloudoptim evaluate --availability', () => {
  it('finds a true model better, with a table of pools and a page with its calibration', () => {
    const [table, page] = [join(folder, 'pools.csv'), join(folder, 'report.html')];
    const files = ['--csv', table, '--html', page];
    const { code, stdout, stderr } = evaluate(good, '--availability', recording, '--json', ...files);
    expect(stderr).toContain('of 4 pools');
    expect(code).toBe(0);
    const report = riskBacktestReport.parse(JSON.parse(stdout));
    expect(report).toMatchObject({
      ...{ task: 'interruption', model: 'good', verdict: 'better', pools: 4, horizonHours: 1 },
      from: '2026-09-11T01:00:00Z',
      embargo: { until: '2026-09-11T01:00:00Z', lifted: false, pointsBefore: 0 },
    });
    expect(report.baseRate.skill).toBeGreaterThan(0.1);
    // Each pool at each hour but those whose horizon ends with the recording.
    expect(report.points + report.leftOut.unknownOutcome).toBe(4 * (20 * 24 - 1));
    const { rows } = readCsv(readFileSync(table, 'utf8'));
    expect(rows.map(([pool]) => pool).sort()).toEqual(
      madeZones.map(({ zone }) => `us-east-1/${zone}/m5.large/Linux/UNIX`),
    );
    const html = readFileSync(page, 'utf8');
    expect(html).toContain('Calibration: how often it happened, by what was foretold');
    expect(html).not.toMatch(/<script|<link|<img|https?:/);
  });

  it('exits 3 for a model without skill, and says so', () => {
    const { code, stdout } = evaluate(bad, '--availability', recording);
    expect(code).toBe(3);
    expect(stdout).toMatch(/no better than the base rate/);
    expect(stdout).toMatch(/skill against persistence/);
  });

  it('takes prices of the pools from files of prices, where these tell them', () => {
    const rows = madeZones.flatMap(({ zone, usd }) =>
      Array.from({ length: 60 }, (_, half) => {
        const at = new Date(Date.UTC(2026, 8, 1) + half * 12 * 3_600_000).toISOString();
        return `${at},m5.large,${zone},Linux/UNIX,${usd.toFixed(4)}`;
      }),
    );
    const head = 'timestamp,instance_type,availability_zone,product,price_usd';
    const prices = fileOf('prices.csv', `${head}\n${rows.join('\n')}\n`);
    // The recording without its prices: the model asks for them.
    const silent = fileOf('silent.csv', madeRecording(30).replace(/,[\d.]+$/gm, ','));
    const without = evaluate(good, '--availability', silent);
    expect(without.code).toBe(2);
    expect(without.stderr).toMatch(
      /its feature "last_price_usd" is unknown at 1,9\d\d of 1,9\d\d pool-times/,
    );
    const { code, stdout } = evaluate(good, '--availability', silent, '--prices', prices, '--json');
    expect(code).toBe(0);
    expect(riskBacktestReport.parse(JSON.parse(stdout))).toMatchObject({ verdict: 'better', pools: 4 });
  });

  it('says what it is worth in dollars and interruptions beside persistence', () => {
    const jobs = ['--policy', '--every', '24h', '--on-demand-price', '2'];
    const { code, stdout } = evaluate(good, '--availability', recording, '--json', ...jobs);
    expect(code).toBe(0);
    const { policy } = riskBacktestReport.parse(JSON.parse(stdout));
    expect(policy).toMatchObject({ traces: 1, pools: 4 });
    expect(policy?.policies.map(each => each.policy)).toEqual([
      ...[
        'hindsight-optimal',
        'on-demand',
        'spot-cheapest',
        'greedy',
        'uniform-progress',
        'persistence',
        'model',
      ],
    ]);
    const text = evaluate(good, '--availability', recording, ...jobs).stdout;
    expect(text).toMatch(/^model +[\d.]+ +[\d.]+ +\d+/m);
    expect(text).toMatch(/The model (saves|costs) \$[\d.]+ (beside|more than) persistence\./);
  });

  it('shows the bar without a model', () => {
    const { code, stdout } = evaluate(
      'persistence',
      '--availability',
      recording,
      '--horizon',
      '1h',
      '--json',
    );
    expect(code).toBe(0);
    const report = riskBacktestReport.parse(JSON.parse(stdout));
    expect(report).toMatchObject({ verdict: 'baseline', persistence: { skill: 0 } });
    expect(report.brier).toBe(report.persistence.brier);
  });

  it.each([
    [
      'a model of interruptions on prices',
      () => [good, '--prices', recording],
      /"good" is a model for interruption, which is tested on recordings/,
    ],
    ['neither prices nor recordings', () => ['persistence'], /--prices names no file/],
    [
      'a model of prices on recordings',
      () => [join(root, 'resources/models/spot-price-ridge.onnx'), '--availability', recording],
      /is a model for spot-price, which is tested on prices/,
    ],
    [
      'a baseline of prices',
      () => ['drift', '--availability', recording],
      /no baseline: those are persistence, base-rate/,
    ],
    [
      'a type that was not recorded',
      () => [good, '--availability', recording, '--type', 'c5.large'],
      /None of the 4 recorded pools can be tested/,
    ],
    ['no number of nodes', () => [good, '--availability', recording, '--nodes', 'two'], /--nodes is "two"/],
  ])('refuses %s with exit code 2 and one line', (_, args, sentence) => {
    const { code, stdout, stderr } = evaluate(...args());
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trim().split('\n').at(-1)).toMatch(sentence);
  });
});
