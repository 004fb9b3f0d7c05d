import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type CatalogRefresh,
  catalogImportPath,
  commitmentsUploadPath,
} from '../../common/contracts/index.ts';
import { madeType, offerFileText } from '../../server/market/catalog/offer-file.fixture.ts';
import { createMarket, type Market, marketMigrations, openCatalogFiles } from '../../server/market/index.ts';
import { createLog, JobQueue, jobMigrations, LiveHub, openSqlite } from '../../server/platform/index.ts';
import { type Ec2EndpointOptions, startEc2Endpoint } from '../../simulator/ec2-endpoint/index.ts';
import { readInstanceCatalog } from '../../simulator/market/index.ts';
import { catalogFilesOfTest } from '../support/catalog-files-of-test.ts';
import { startEngineProcess } from '../support/engine-process.ts';
import { openMarketOfTest } from '../support/market-of-test.ts';

const root = join(import.meta.dirname, '..', '..');
const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const step of closing.splice(0).reverse()) await step();
});

const offer = [...offerFileText({ region: 'us-east-1', types: 6, reserved: 100 })].join('');
const feed = JSON.stringify({
  ranges: [
    { index: 0, label: '<5%', dots: 0, max: 5 },
    { index: 1, label: '5-10%', dots: 1, max: 11 },
  ],
  spot_advisor: { 'us-east-1': { Linux: { 'm5.large': { s: 61, r: 1 }, 't1.large': { s: -3, r: 0 } } } },
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-catalog-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The public files as a web server; a path that is not named answers 404. */
async function servePublicFiles(files: Readonly<Record<string, RequestListener>>): Promise<string> {
  const server = createServer((request, response) => {
    const file = files[request.url ?? ''];
    if (file) file(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const PRICES = '/offers/v1.0/aws/AmazonEC2/current/us-east-1/index.json';
const FEED = '/spot-advisor-data.json';
const sends =
  (body: string | Buffer, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(200, headers).end(body);

/** A market room on a folder, with the real SDK against the pretend EC2 and `files` as what AWS publishes. */
async function openRoom(
  folder: string,
  files: Readonly<Record<string, RequestListener>>,
  ec2: Partial<Ec2EndpointOptions> = {},
): Promise<Market> {
  const { types } = await readInstanceCatalog(join(root, 'resources/catalog/instance-types.json'));
  const endpoint = await startEc2Endpoint({
    market: await openMarketOfTest(undefined),
    instanceTypes: [...types, { ...(types[0] as (typeof types)[0]), instanceType: 'm99.huge', vcpu: 999 }],
    ...ec2,
  });
  closing.push(() => endpoint.close());
  const url = await servePublicFiles(files);
  const clock = { now: () => Date.now() };
  const log = createLog('silent');
  const database = await openSqlite(folder, { ...jobMigrations, ...marketMigrations });
  closing.push(() => database.close());
  const jobs = new JobQueue(database, clock, log);
  const market = await createMarket({
    database,
    jobs,
    live: new LiveHub(),
    clock,
    log,
    importsFolder: join(folder, 'imports'),
    catalog: { ...catalogFilesOfTest(folder), addresses: { priceListUrl: url, spotAdvisorUrl: url + FEED } },
    ec2: { endpoint: endpoint.url, credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' } },
    needOfModel: async () => undefined,
  });
  await market.start();
  await jobs.start();
  closing.push(async () => {
    await jobs.stop();
    await market.stop();
  });
  return market;
}

const all = { parts: ['types', 'on-demand', 'advisor'] as const, regions: ['us-east-1'] };

async function refreshed(market: Market, order = all): Promise<CatalogRefresh> {
  const { jobId } = await market.catalogKeeper.refresh({
    parts: [...order.parts],
    regions: [...order.regions],
  });
  for (;;) {
    const refresh = await market.catalogKeeper.getRefresh(jobId);
    if (!['queued', 'running'].includes(refresh.state)) return refresh;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

describe('a refresh', { timeout: 60_000 }, () => {
  it('lays sizes, list prices and advice over the snapshot, and a restart keeps them', async () => {
    const folder = temporaryFolder();
    const files = {
      [PRICES]: sends(gzipSync(offer)),
      [FEED]: sends(feed, { 'last-modified': 'Sun, 01 Nov 2026 00:00:00 GMT' }),
    };
    const market = await openRoom(folder, files, { throttleEveryNth: 2 });
    let changes = 0;
    market.catalogKeeper.onChanged(() => changes++);
    const { state, percent, steps } = await refreshed(market);
    expect({ state, percent, changes }).toEqual({ state: 'succeeded', percent: 100, changes: 3 });
    expect(steps.map(step => [step.part, step.state, step.message])).toEqual([
      ['types', 'done', '90 instance types'],
      ['on-demand', 'done', '12 list prices of us-east-1'],
      ['advisor', 'done', '2 entries of the Spot advisor'],
    ]);
    const check = ({ catalog }: Market) => {
      expect(catalog.typeOf('m99.huge')?.vcpu).toBe(999);
      expect(catalog.typeOf('x2idn.metal')).toBeDefined();
      const { instanceType, linuxUsd } = madeType(1);
      expect(catalog.onDemandMicroUsdPerHour('us-east-1', instanceType)).toBe(linuxUsd * 1e6);
      expect(catalog.interruptionMaxPercent('us-east-1', 'm5.large')).toBe(11);
      expect(catalog.riskProvenance.asOf).toBe(Date.UTC(2026, 10, 1));
      const entry = catalog.entries('us-east-1').find(one => one.instanceType === 'm99.huge');
      expect(entry).toMatchObject({ pods: null, onDemandMicroUsdPerHour: null });
    };
    check(market);
    const catalog = catalogFilesOfTest(folder);
    const again = await openCatalogFiles({
      ...catalog,
      clock: { now: () => Date.now() },
      log: createLog('silent'),
    });
    check({ catalog: again.catalog } as Market);
  });

  it('leaves the old figures where a step fails, says why, and goes on with the others', async () => {
    const folder = temporaryFolder();
    let priceList: RequestListener = sends(offer);
    const files = {
      [PRICES]: ((...both) => priceList(...both)) as RequestListener,
      [FEED]: sends('<html>Sign in</html>'),
      '/elsewhere': sends(offer),
    };
    const market = await openRoom(folder, files, { deniedActions: ['DescribeInstanceTypes'] });
    const first = await refreshed(market);
    expect(first.state).toBe('failed');
    expect(first.steps.map(step => step.state)).toEqual(['failed', 'done', 'failed']);
    expect(first.steps[0]?.message).toContain('may not do ec2:DescribeInstanceTypes');
    expect(first.steps[2]?.message).toContain('begins with "<html>Sign in');
    expect(market.catalog.interruptionMaxPercent('us-east-1', 'm5.large')).toBe(22);

    const known = market.catalog.onDemandMicroUsdPerHour('us-east-1', 't1.large');
    const problems: [RequestListener, string][] = [
      [sends(offer.slice(0, -200)), 'cut off after'],
      [sends('', {}), 'It is empty'],
      [(_, response) => response.writeHead(503).end(), 'HTTP 503'],
      [(_, response) => response.writeHead(302, { location: '/elsewhere' }).end(), 'cannot be fetched'],
      [
        (_, response) => {
          response.writeHead(200, { 'content-length': String(offer.length) });
          response.write(offer.slice(0, 1_000), () => response.destroy());
        },
        'cannot be fetched',
      ],
      [
        sends([...offerFileText({ region: 'us-east-1', types: 2, reserved: 1 })].join('')),
        '4 figures where the one in use has 12',
      ],
      [
        sends([...offerFileText({ region: 'eu-west-1', types: 6, reserved: 1 })].join('')),
        'is of eu-west-1, not of us-east-1',
      ],
    ];
    for (const [answer, sentence] of problems) {
      priceList = answer;
      const { state, message } = await refreshed(market, { ...all, parts: ['on-demand'] as never });
      expect([state, message]).toEqual(['failed', expect.stringContaining(sentence)]);
      expect(market.catalog.onDemandMicroUsdPerHour('us-east-1', 't1.large')).toBe(known);
    }
    expect(readdirSync(join(folder, 'catalog'))).toEqual(['on-demand-us-east-1.json']);
  });

  it('is cancelled in the middle of a file', async () => {
    const folder = temporaryFolder();
    let isAsked = () => {};
    const asked = new Promise<void>(resolve => {
      isAsked = resolve;
    });
    const market = await openRoom(folder, {
      [PRICES]: (_, response) => {
        response.writeHead(200);
        response.write(offer.slice(0, 5_000), isAsked);
      },
    });
    const { jobId } = await market.catalogKeeper.refresh({ parts: ['on-demand'], regions: ['us-east-1'] });
    await asked;
    const { state, steps } = await market.catalogKeeper.cancelRefresh(jobId);
    expect([state, steps[0]?.state]).toEqual(['cancelled', 'running']);
    expect(market.catalog.onDemandMicroUsdPerHour('us-east-1', 'm5.large')).toBe(96_000);
  });
});

describe('an engine', { timeout: 120_000 }, () => {
  it('takes files and commitments in over HTTP, shows them, and forgets commitments', async () => {
    const engine = await startEngineProcess(temporaryFolder());
    closing.push(() => engine.end());
    const call = async (method: string, path: string, file?: string) => {
      const form = new FormData();
      if (file !== undefined) form.set('file', new Blob([file]), 'file');
      const response = await fetch(engine.url + path, {
        method,
        headers: { authorization: `Bearer ${engine.token}` },
        ...(file === undefined ? {} : { body: form }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, never> };
    };
    const imported = await call('POST', catalogImportPath, offer);
    expect(imported).toMatchObject({
      status: 200,
      body: { kind: 'on-demand', region: 'us-east-1', figures: 12 },
    });
    expect(await call('POST', catalogImportPath, '<html>')).toMatchObject({
      status: 400,
      body: { error: { code: 'input.invalid' } },
    });
    const csv = 'kind,region,instance_type,count,usd_per_hour\nreserved-instance,us-east-1,m5.large,3,0.06\n';
    expect(await call('POST', commitmentsUploadPath, csv)).toMatchObject({
      status: 200,
      body: { totals: { committedMicroUsdPerHour: 180_000 } },
    });
    expect(await call('POST', commitmentsUploadPath, `${csv}discount`)).toMatchObject({ status: 400 });
    const { body } = await call('GET', '/api/v1/ml/market/catalog?region=eu-west-1');
    const { types, layers, region } = body as unknown as {
      types: { onDemandMicroUsdPerHour: number | null }[];
      layers: { kind: string; ageMs: number }[];
      region: string;
    };
    expect([types.length, region]).toEqual([1_373, 'eu-west-1']);
    expect(types.every(type => type.onDemandMicroUsdPerHour === null)).toBe(true);
    expect(layers.map(layer => layer.kind).slice(-2)).toEqual(['on-demand', 'commitments']);
    expect(await call('GET', '/api/v1/ml/market/catalog?region=../etc')).toMatchObject({ status: 400 });
    expect(await call('GET', commitmentsUploadPath)).toMatchObject({
      body: { commitments: { totals: { notInForce: 0 } } },
    });
    expect(await call('DELETE', commitmentsUploadPath)).toMatchObject({ status: 200 });
    expect(await call('GET', commitmentsUploadPath)).toEqual({ status: 200, body: { commitments: null } });
  });
});

describe('cloudoptim market catalog', { timeout: 60_000 }, () => {
  const run = (...args: string[]) => {
    const all = [join(root, 'server/main.ts'), 'market', 'catalog', ...args];
    const { status, stdout, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8' });
    return { status, stdout, stderr };
  };

  it('imports files and shows what is known', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'index.json.gz');
    writeFileSync(path, gzipSync(offer));
    const types = join(folder, 'types.json');
    writeFileSync(
      types,
      JSON.stringify({
        InstanceTypes: [
          {
            InstanceType: 't1.large',
            VCpuInfo: { DefaultVCpus: 2 },
            MemoryInfo: { SizeInMiB: 4_096 },
            ProcessorInfo: { SupportedArchitectures: ['arm64'] },
          },
        ],
      }),
    );
    const imported = run('import', path, types, '--data', folder);
    expect(imported).toMatchObject({
      status: 0,
      stdout: `${path}: 12 list prices of us-east-1\n${types}: 1 instance types\n`,
    });
    const shown = run('show', 't1.large', '--data', folder);
    expect(shown.stdout).toContain(
      't1.large: 2 vCPU, 4096 MiB, $0.0200/h on demand, interruptions unknown\n',
    );
    const json = JSON.parse(run('show', 'm5.large', '--data', folder, '--json').stdout) as {
      types: object[];
    };
    expect(json.types).toMatchObject([{ instanceType: 'm5.large', onDemandMicroUsdPerHour: null }]);
  });

  it('refuses with exit code 2 and one line', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'cut.json');
    writeFileSync(path, offer.slice(0, 9_000));
    const cut = run('import', path, '--data', folder);
    expect(cut.status).toBe(2);
    expect(cut.stderr.trim().split('\n').at(-1)).toContain(`${path}: It is cut off after 9000 bytes`);
    expect(run('show', 'nonsense', '--data', folder)).toMatchObject({ status: 2 });
    expect(run('import', join(folder, 'none'), '--data', folder).stderr).toContain('cannot be read');
  });
});
