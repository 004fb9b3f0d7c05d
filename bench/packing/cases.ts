import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { seededRandom } from '../../common/seeded-random.ts';
import {
  ARCH_LABEL,
  anywhere,
  HOSTNAME_LABEL,
  type Offer,
  type PodClass,
  type PodRules,
  ZONE_LABEL,
} from '../../server/decisions/packing/problem.ts';
import { readPackingCsv } from '../../server/decisions/packing/read-packing-csv.ts';
import type { PackingCase } from './packing-case.ts';

const root = join(import.meta.dirname, '..', '..');
const data = join(root, '../shared/data');
const MIB = 2 ** 20;
const GPU = 'nvidia.com/gpu';

interface CatalogFile {
  readonly types: readonly {
    readonly instanceType: string;
    readonly arch: string;
    readonly gpuCount: number;
    readonly pods: number;
    readonly allocatableCpuMilli: number | null;
    readonly allocatableMemoryMib: number | null;
    readonly onDemandUsdPerHour: number | null;
  }[];
}

/** Recorded instances and slices of a real trace when the recordings are there, then generated clusters; the same every time. */
export function benchCases(): PackingCase[] {
  return [...recordedCases(), ...traceCases(), ...generatedCases(12, 10)];
}

/** Clusters of many small services, then clusters of few kinds of large pods. */
export function generatedCases(webs: number, batches: number): PackingCase[] {
  return [...generated('web', webs, webCluster), ...generated('batch', batches, batchCluster)];
}

export function recordedCase(name: string): PackingCase | undefined {
  const path = (table: string) => join(data, 'packing-classes', `${name}-${table}.csv.gz`);
  if (!existsSync(path('pods'))) return undefined;
  const text = (table: string) => gunzipSync(readFileSync(path(table))).toString();
  return { name, problem: readPackingCsv(text('pods'), text('types'), 'pods', 'types') };
}

function recordedCases(): PackingCase[] {
  return ['cmr-5k', 'cmr-20k', 'ondemand-5k', 'ondemand-100k', 'spot-5k', 'spot-100k'].flatMap(
    name => recordedCase(name) ?? [],
  );
}

/** Slices of the openb trace (a GPU cluster of Alibaba) on the 700 recorded types. A shared GPU counts as a whole one. */
function traceCases(): PackingCase[] {
  const path = join(data, 'packing-openb-pods.csv.gz');
  const types = recordedCase('ondemand-5k');
  if (!existsSync(path) || !types) return [];
  const [header = '', ...lines] = gunzipSync(readFileSync(path)).toString().trim().split(/\r?\n/);
  const columns = header.split(',');
  const at = (name: string) => columns.indexOf(name);
  const slices = 6;
  return Array.from({ length: slices }, (_, slice) => {
    const counts = new Map<string, number>();
    const size = Math.ceil(lines.length / slices);
    for (const line of lines.slice(slice * size, (slice + 1) * size)) {
      const cells = line.split(',');
      const key = ['cpu_milli', 'memory_mib', 'gpu'].map(name => cells[at(name)] ?? '0').join(',');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const pods = [...counts].map(([key, count], i): PodClass => {
      const [cpuMilli = 0, memory = 0, gpu = 0] = key.split(',').map(Number);
      return podClass(`class-${i}`, count, cpuMilli, memory, anywhere, gpu);
    });
    return { name: `openb-${slice + 1}`, problem: { ...types.problem, pods } };
  });
}

function generated(kind: string, count: number, make: (random: () => number) => PodClass[]): PackingCase[] {
  return Array.from({ length: count }, (_, i) => {
    const pods = make(seededRandom(1_000 + i));
    return {
      name: `${kind}-${i + 1}`,
      problem: { pods, offers: catalogOffers(), daemonSets: [], existing: [], maxNodes: null },
    };
  });
}

/** Types of the catalog that ships, in three zones. */
function catalogOffers(): Offer[] {
  const { types } = JSON.parse(
    readFileSync(join(root, 'resources/catalog/instance-types.json'), 'utf8'),
  ) as CatalogFile;
  return types.flatMap(type =>
    type.onDemandUsdPerHour === null ||
    type.allocatableCpuMilli === null ||
    type.allocatableMemoryMib === null
      ? []
      : ['a', 'b', 'c'].map(
          (zone): Offer => ({
            instanceType: type.instanceType,
            zone,
            capacityType: 'on-demand',
            labels: { [ARCH_LABEL]: type.arch, [ZONE_LABEL]: zone },
            taints: [],
            allocatable: {
              cpuMilli: type.allocatableCpuMilli ?? 0,
              memoryBytes: (type.allocatableMemoryMib ?? 0) * MIB,
              extended: type.gpuCount > 0 ? { [GPU]: type.gpuCount } : {},
            },
            podLimit: type.pods,
            priceMicroUsdPerHour: Math.round((type.onDemandUsdPerHour ?? 0) * 1e6),
          }),
        ),
  );
}

/** Many small services with a sidecar; half spread over zones, some keep their replicas on different nodes. */
function webCluster(random: () => number): PodClass[] {
  return Array.from({ length: 40 + Math.floor(random() * 60) }, (_, i) => {
    const app = `web-${i}`;
    const selector = { matchLabels: { app }, matchExpressions: [] };
    const spread: PodRules['topologySpread'] = [
      {
        topologyKey: ZONE_LABEL,
        maxSkew: 1,
        whenUnsatisfiable: 'DoNotSchedule',
        minDomains: 1,
        selector,
        matchLabelKeys: [],
        nodeAffinityPolicy: 'Honor',
        nodeTaintsPolicy: 'Ignore',
      },
    ];
    const rules: PodRules = {
      ...anywhere,
      labels: { app },
      nodeSelector: random() < 0.6 ? { [ARCH_LABEL]: 'amd64' } : {},
      topologySpread: random() < 0.5 ? spread : [],
      podAntiAffinity:
        random() < 0.15 ? [{ topologyKey: HOSTNAME_LABEL, selector, namespaces: [anywhere.namespace] }] : [],
    };
    const sidecar = { cpu: 50, memory: 64 };
    const replicas =
      rules.podAntiAffinity.length > 0 ? 2 + Math.floor(random() * 4) : 2 + Math.floor(random() ** 3 * 60);
    return podClass(
      app,
      replicas,
      sidecar.cpu + 10 * Math.ceil(2 + random() ** 2 * 90),
      sidecar.memory + 16 * Math.ceil(2 + random() ** 2 * 100),
      rules,
    );
  });
}

/** Few kinds of large pods, in great number, each kind heavy on CPU or on memory. */
function batchCluster(random: () => number): PodClass[] {
  return Array.from({ length: 4 + Math.floor(random() * 12) }, (_, i) => {
    const cpu = 500 * Math.ceil(random() * 14);
    return podClass(
      `job-${i}`,
      10 + Math.floor(random() * 120),
      cpu,
      Math.round((cpu / 1000) * 1024 * (1 + random() ** 2 * 9)),
    );
  });
}

function podClass(
  name: string,
  count: number,
  cpuMilli: number,
  memoryMib: number,
  rules = anywhere,
  gpu = 0,
): PodClass {
  const extended = gpu > 0 ? { [GPU]: gpu } : {};
  return { name, count, requests: { cpuMilli, memoryBytes: memoryMib * MIB, extended }, rules };
}
