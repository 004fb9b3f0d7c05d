import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { type CostShares, noShares, type WorkloadShare } from './cost-shares.ts';
import { type Holding, MeasuredHour, type MeasuredNode } from './measured-hour.ts';

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** A measured hour as JSON, gzipped: workloads are named once, holdings are rows of figures. Off the event loop. */
export async function writeMeasured(hour: MeasuredHour): Promise<Buffer> {
  const names = [...hour.labels.keys()];
  const indexOf = new Map(names.map((name, index) => [name, index]));
  return pack(
    JSON.stringify({
      observedMs: hour.observedMs,
      workloads: [...hour.labels],
      nodes: [...hour.nodes.values()].map(({ holdings, priceMs, ...node }) => ({
        ...node,
        priceMs: String(priceMs),
        holdings: [...holdings].map(([name, holding]) => [
          indexOf.get(name) ?? -1,
          ...HOLDING_FIELDS.map(field => holding[field]),
        ]),
      })),
    }),
  );
}

const HOLDING_FIELDS = ['cpuMilliMs', 'memoryKibMs', 'podMs', 'requestOnlyMs', 'unpricedMs'] as const;
const SHARE_FIELDS = [
  'cpuMicroUsd',
  'memoryMicroUsd',
  'cpuMilliMs',
  'memoryKibMs',
  'podMs',
  'requestOnlyMs',
  'unpricedMs',
] as const;

interface WrittenMeasure {
  readonly observedMs: number;
  readonly workloads: [string, Record<string, string>][];
  readonly nodes: (Omit<MeasuredNode, 'holdings' | 'priceMs'> & {
    readonly priceMs: string;
    readonly holdings: number[][];
  })[];
}

/** What `writeMeasured` wrote. */
export async function readMeasured(
  clusterId: string,
  hourMs: number,
  body: Uint8Array,
): Promise<MeasuredHour> {
  const written = JSON.parse((await unpack(body)).toString()) as WrittenMeasure;
  const hour = new MeasuredHour(clusterId, hourMs);
  hour.observedMs = written.observedMs;
  for (const [name, labels] of written.workloads) hour.labels.set(name, labels);
  const names = [...hour.labels.keys()];
  for (const { priceMs, holdings, ...node } of written.nodes) {
    const read = holdings.map(([index = -1, ...figures]): [string, Holding] => [
      names[index] ?? '',
      figuresBy(HOLDING_FIELDS, figures),
    ]);
    hour.nodes.set(node.uid, { ...node, priceMs: BigInt(priceMs), holdings: new Map(read) });
  }
  return hour;
}

type WrittenShares = Omit<CostShares, 'workloads' | 'unpricedMs'> & {
  readonly workloads: [string, Record<string, string>, ...number[]][];
  readonly unpricedMs: [string, number][];
};

/** Shares as JSON, gzipped. */
export async function writeShares({ workloads, unpricedMs, ...sums }: CostShares): Promise<Buffer> {
  return pack(
    JSON.stringify({
      ...sums,
      unpricedMs: [...unpricedMs],
      workloads: [...workloads].map(([name, share]) => [
        name,
        share.labels,
        ...SHARE_FIELDS.map(field => share[field]),
      ]),
    }),
  );
}

/** What `writeShares` wrote. */
export async function readShares(body: Uint8Array): Promise<CostShares> {
  const { workloads, unpricedMs, ...sums } = JSON.parse((await unpack(body)).toString()) as WrittenShares;
  const read = workloads.map(([name, labels, ...figures]): [string, WorkloadShare] => [
    name,
    { labels, ...figuresBy(SHARE_FIELDS, figures) },
  ]);
  return { ...noShares(), ...sums, workloads: new Map(read), unpricedMs: new Map(unpricedMs) };
}

function figuresBy<Field extends string>(
  fields: readonly Field[],
  figures: readonly number[],
): Record<Field, number> {
  return Object.fromEntries(fields.map((field, index) => [field, figures[index] ?? 0])) as Record<
    Field,
    number
  >;
}
