import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { PriceOf } from './cluster/index.ts';
import { createScenario, onDemandPriceOf } from './cluster/index.ts';
import { startEc2Endpoint } from './ec2-endpoint/index.ts';
import type { KubernetesApi } from './kubernetes-api/index.ts';
import { startKubernetesApi } from './kubernetes-api/index.ts';
import type { CatalogInstanceType, InstanceCatalog, SpotMarket } from './market/index.ts';
import { createPretendMarket, openRecordedMarket, readInstanceCatalog } from './market/index.ts';
import type { WorldFlags } from './world-flags.ts';
import { WrongFlag } from './world-flags.ts';

/** Where the pretend region and the pretend cluster are to be found, as printed in one JSON line. */
interface WorldAddress {
  readonly ec2Url: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Plain HTTP; the kubeconfig names the same port over TLS. */
  readonly kubernetesUrl: string;
  readonly kubernetesToken: string;
  /** The path that was written, when one was asked for. */
  readonly kubeconfig?: string;
  readonly region: string;
  /** What the cluster is called. */
  readonly clusterName: string;
}

/** A running world. */
export interface PretendWorld {
  readonly address: WorldAddress;
  close(): Promise<void>;
}

const TICK_MS = 250;

/** Starts the EC2 endpoint and the cluster that buys its nodes there. Throws `WrongFlag` for files and ports that do not do. */
export async function startPretendWorld(flags: WorldFlags, clock: () => number): Promise<PretendWorld> {
  const catalog = await readCatalog(flags.catalogPath);
  const market = await openMarket(flags, catalog.types, clock());
  const zones = [...new Set(market.pools().map(pool => pool.availabilityZone))].toSorted().slice(0, 3);
  const accessKeyId = `AKIA${randomBytes(8).toString('hex').toUpperCase()}`;
  const kubernetesToken = randomBytes(24).toString('base64url');
  const cluster = createScenario(flags.scenario, {
    catalog: catalog.types,
    seed: flags.seed,
    nowMs: clock(),
    region: market.region,
    zones,
    priceOf: priceFrom(market, catalog.types, clock),
    generalOwner: flags.generalOwner,
  });
  const ec2 = await onPort('--ec2-port', flags.ec2Port, port =>
    startEc2Endpoint({
      market,
      instanceTypes: catalog.types,
      account: {
        host: cluster.ec2,
        groups: cluster.groups,
        templates: [{ id: 'lt-0123456789abcdef0', name: `${flags.scenario.name}-nodes`, versions: [1] }],
        subnets: Object.fromEntries(
          zones.map((zone, n) => [`subnet-0${String(n + 1).padStart(16, '0')}`, zone]),
        ),
      },
      clock,
      port,
      accessKeyIds: [accessKeyId],
      pageLatencyMs: flags.ec2LatencyMs,
    }),
  );
  const api = await onPort('--kubernetes-port', flags.kubernetesPort, port =>
    startKubernetesApi({ cluster, clock, token: kubernetesToken, port }),
  ).catch(async (error: unknown) => {
    await ec2.close();
    throw error;
  });
  let timer: NodeJS.Timeout;
  const tickLater = (afterMs: number): void => {
    timer = setTimeout(() => {
      const startedMs = performance.now();
      cluster.tick(clock());
      // A large cluster leaves most of the time to those who ask.
      tickLater(Math.max(TICK_MS, 3 * (performance.now() - startedMs)));
    }, afterMs);
  };
  tickLater(TICK_MS);
  const close = async (): Promise<void> => {
    clearTimeout(timer);
    await Promise.all([ec2.close(), api.close()]);
  };
  try {
    const written = await writeKubeconfig(flags.kubeconfigPath, api);
    return {
      address: {
        ec2Url: ec2.url,
        accessKeyId,
        secretAccessKey: randomBytes(30).toString('base64'),
        kubernetesUrl: api.url,
        kubernetesToken,
        ...written,
        region: market.region,
        clusterName: flags.scenario.name,
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function readCatalog(path: string): Promise<InstanceCatalog> {
  try {
    return await readInstanceCatalog(path);
  } catch (error) {
    throw new WrongFlag(`--catalog ${path} cannot be used: ${sentenceOf(error)}`);
  }
}

async function openMarket(
  flags: WorldFlags,
  types: readonly CatalogInstanceType[],
  nowMs: number,
): Promise<SpotMarket> {
  const { region, seed, replayPath } = flags;
  if (replayPath === undefined) {
    const zones = ['a', 'b', 'c'].map(letter => `${region}${letter}`);
    return createPretendMarket({ seed, region, types, zones });
  }
  try {
    // EC2 answers for 90 days back only, so an old recording is moved until it ends now.
    return await openRecordedMarket(replayPath, { endAtMs: nowMs });
  } catch (error) {
    throw new WrongFlag(`--replay ${replayPath} cannot be used: ${sentenceOf(error)}`);
  }
}

/** On demand from the catalog, Spot from the market at this moment. */
function priceFrom(market: SpotMarket, types: readonly CatalogInstanceType[], clock: () => number): PriceOf {
  const onDemand = onDemandPriceOf(types);
  const keyOf = (instanceType: string, zone: string): string => `${zone}/${instanceType}`;
  const pools = new Map(
    market
      .pools()
      .filter(pool => pool.product.startsWith('Linux/UNIX'))
      .map(pool => [keyOf(pool.instanceType, pool.availabilityZone), pool]),
  );
  return offering => {
    if (offering.capacityType === 'on-demand') return onDemand(offering);
    const pool = pools.get(keyOf(offering.instanceType, offering.zone));
    return pool && market.priceAt(pool, clock());
  };
}

async function onPort<T>(flag: string, port: number, start: (port: number) => Promise<T>): Promise<T> {
  try {
    return await start(port);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE') {
      throw new WrongFlag(`${flag} ${port} is in use by another program; give another port, or 0 for any.`);
    }
    if (code === 'EACCES') {
      throw new WrongFlag(`${flag} ${port} may not be opened by this user; give a port above 1023.`);
    }
    throw error;
  }
}

async function writeKubeconfig(
  path: string | undefined,
  api: KubernetesApi,
): Promise<{ kubeconfig?: string }> {
  if (path === undefined) return {};
  try {
    // The file holds a token.
    await writeFile(path, api.kubeconfig(), { mode: 0o600 });
  } catch (error) {
    throw new WrongFlag(`--kubeconfig-out ${path} cannot be written: ${sentenceOf(error)}`);
  }
  return { kubeconfig: path };
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
