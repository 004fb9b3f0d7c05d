/**
 * Makes `snapshot.json` from collected facts, by hand when a new collection is there:
 *
 *   npx -c 'node resources/catalog/make-snapshot.ts ../shared/data'
 *
 * The folder holds `instance-types.csv.gz`, `instance-type-offerings.csv.gz` and `spot-advisor.json.gz`; README.md beside
 * this file says where their figures are from. Same files, same bytes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { CatalogTypeFacts } from '../../common/contracts/index.ts';
import { microUsdFromUsd } from '../../common/units/index.ts';
import { encodeTypes, type LayerFile, layerOfAdvisorFeed, SNAPSHOT_FORMAT } from '../../server/market/index.ts';

const TYPES_AS_OF = '2026-08-02';
const ADVISOR_AS_OF = '2025-06-28';
const HOME_REGION = 'us-east-1';
const LINUX = 'Linux/UNIX';

const folder = process.argv[2];
if (folder === undefined) throw new Error('Give the folder with the collected files.');
const read = (name: string) => gunzipSync(readFileSync(join(folder, name))).toString();

const rows = readCsv(read('instance-types.csv.gz')).sort((a, b) => (a.instance_type < b.instance_type ? -1 : 1));
const names = rows.map(row => row.instance_type);
const known = rows.filter(row => row.karpenter_pods !== '');
const layers: LayerFile[] = [
  encodeTypes(rows.map(factsOf), 'EC2 DescribeInstanceTypes (as kept by getmoto/moto)', TYPES_AS_OF),
  {
    kind: 'allocatable',
    source: 'Karpenter reference of instance types (AL2023)',
    asOf: TYPES_AS_OF,
    instanceTypes: known.map(row => row.instance_type),
    pods: known.map(row => Number(row.karpenter_pods)),
    cpuMilli: known.map(row => Number(row.karpenter_alloc_cpu_milli)),
    memoryMib: known.map(row => Number(row.karpenter_alloc_memory_mib)),
  },
  zonesLayer(readCsv(read('instance-type-offerings.csv.gz'))),
  {
    kind: 'on-demand',
    source: 'AWS price list (as kept by aws/karpenter-provider-aws)',
    asOf: TYPES_AS_OF,
    region: HOME_REGION,
    prices: { [LINUX]: Object.fromEntries(rows.flatMap(priceOf)) },
  },
  layerOfAdvisorFeed(JSON.parse(read('spot-advisor.json.gz')), 'Spot Instance Advisor', ADVISOR_AS_OF).layer,
];
const text = `{"format":"${SNAPSHOT_FORMAT}","layers":[\n${layers.map(layer => JSON.stringify(layer)).join(',\n')}\n]}\n`;
const path = join(import.meta.dirname, 'snapshot.json');
writeFileSync(path, text);
process.stdout.write(`${path}: ${names.length} types, ${text.length} bytes\n`);

type Row = Readonly<Record<string, string>> & { readonly instance_type: string };

/** The files quote nothing. */
function readCsv(csv: string): Row[] {
  const [header = '', ...lines] = csv.trim().split('\n');
  const columns = header.split(',');
  return lines.map(line => {
    const cells = line.split(',');
    if (cells.length !== columns.length) throw new Error(`"${line}" has ${cells.length} cells, not ${columns.length}.`);
    return Object.fromEntries(columns.map((name, index) => [name, cells[index] ?? ''])) as unknown as Row;
  });
}

function factsOf(row: Row): CatalogTypeFacts {
  const number = (name: string) => (row[name] === '' || row[name] === undefined ? null : Number(row[name]));
  const megabits = (name: string) => {
    const gigabits = number(name);
    return gigabits === null ? null : Math.round(gigabits * 1000);
  };
  const gpu = row.gpu_name ?? '';
  return {
    instanceType: row.instance_type,
    vcpu: number('vcpu') ?? 0,
    memoryMib: number('memory_mib') ?? 0,
    arch: row.arch?.startsWith('arm64') ? 'arm64' : 'amd64',
    cpuVendor: row.cpu_vendor || null,
    gpuCount: number('gpu_count') ?? 0,
    gpuManufacturer: gpu.split(' ')[0] || null,
    gpuModel: gpu.split(' ').slice(1).join(' ') || null,
    gpuMemoryMib: number('gpu_memory_mib_total'),
    acceleratorCount: number('neuron_count') ?? 0,
    acceleratorModel: row.neuron_name || null,
    burstable: row.burstable === '1',
    bareMetal: row.bare_metal === '1',
    currentGeneration: row.current_generation === '1',
    soldAsSpot: row.usage_classes?.split('|').includes('spot') ?? false,
    networkPerformance: row.network_performance || null,
    networkBaselineMbps: megabits('network_baseline_gbps'),
    networkPeakMbps: megabits('network_peak_gbps'),
    ebsBaselineMbps: number('ebs_baseline_mbps'),
    localStorageGb: number('local_storage_gb'),
  };
}

function priceOf(row: Row): [string, number][] {
  const price = microUsdFromUsd(row.ondemand_usd_us_east_1 ?? '');
  return price === undefined ? [] : [[row.instance_type, price]];
}

function zonesLayer(offerings: readonly Row[]): LayerFile {
  const zonesOf = new Map<string, Set<string>>();
  const offered = new Set<string>();
  for (const { region = '', availability_zone: zone = '', instance_type: type } of offerings) {
    zonesOf.set(region, (zonesOf.get(region) ?? new Set()).add(zone));
    offered.add(`${zone} ${type}`);
  }
  const regions = Object.fromEntries(
    [...zonesOf].sort().map(([region, zones]) => {
      const sorted = [...zones].sort();
      const masks = names.map(name => {
        const mask = sorted.reduce((bits, zone, bit) => bits | (offered.has(`${zone} ${name}`) ? 1 << bit : 0), 0);
        return mask.toString(16).padStart(2, '0');
      });
      return [region, { zones: sorted, offered: masks.join('') }];
    }),
  );
  return {
    kind: 'zones',
    source: 'EC2 DescribeInstanceTypeOfferings (as kept by getmoto/moto; zone names of one account)',
    asOf: TYPES_AS_OF,
    instanceTypes: names,
    regions,
  };
}
