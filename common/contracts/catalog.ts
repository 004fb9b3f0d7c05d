import { z } from 'zod';
import { procedure } from './procedure.ts';
import { microUsd, microUsdPerHourOrUnknown, provenance, timeMs } from './values.ts';

/** What `DescribeInstanceTypes` says of a type. `null` is "unknown". */
export const catalogTypeFacts = z.object({
  instanceType: z.string(),
  vcpu: z.number(),
  memoryMib: z.number(),
  arch: z.enum(['amd64', 'arm64']),
  cpuVendor: z.string().nullable(),
  gpuCount: z.number(),
  gpuManufacturer: z.string().nullable(),
  gpuModel: z.string().nullable(),
  gpuMemoryMib: z.number().nullable().meta({ description: 'Of all GPUs of the instance together' }),
  acceleratorCount: z.number().meta({ description: 'Inference and training chips that are no GPUs' }),
  acceleratorModel: z.string().nullable(),
  burstable: z.boolean(),
  bareMetal: z.boolean(),
  currentGeneration: z.boolean(),
  soldAsSpot: z.boolean(),
  networkPerformance: z.string().nullable(),
  networkBaselineMbps: z.number().nullable(),
  networkPeakMbps: z.number().nullable(),
  ebsBaselineMbps: z.number().nullable(),
  localStorageGb: z.number().nullable(),
});
export type CatalogTypeFacts = z.output<typeof catalogTypeFacts>;

const band = z.object({
  label: z.string(),
  maxPercent: z.number().meta({ description: 'Upper end: percent of instances interrupted in 30 days' }),
});

/** An instance type that can be planned with: what it offers to pods is known. */
export const catalogType = z.object({
  instanceType: z.string(),
  vcpu: z.number(),
  memoryMib: z.number(),
  arch: z.enum(['amd64', 'arm64']),
  gpuCount: z.number(),
  pods: z.number(),
  allocatableCpuMilli: z.number(),
  allocatableMemoryMib: z.number(),
  onDemandMicroUsdPerHour: microUsd.nullable(),
  interruptionBand: band.nullable(),
});
export type CatalogType = z.output<typeof catalogType>;

/** Position in the answer's `layers`; `null` where no layer knows the figure. */
const layerIndex = z.number().int().nullable();

/** All that is known of an instance type in one region, figure by figure with the layer it is from. */
export const catalogEntry = catalogTypeFacts.extend({
  pods: z.number().nullable(),
  allocatableCpuMilli: z.number().nullable(),
  allocatableMemoryMib: z.number().nullable(),
  zones: z
    .array(z.string())
    .nullable()
    .meta({ description: 'Where it is offered, by the zone names of one account; yours may differ' }),
  onDemandMicroUsdPerHour: microUsdPerHourOrUnknown.meta({ description: 'List price, Linux' }),
  onDemandByProduct: z.record(z.string(), microUsd),
  interruptionBand: band.nullable(),
  savingsPercent: z.number().nullable().meta({ description: 'Spot against on-demand by the advisor, Linux' }),
  advisorByProduct: z.record(z.string(), band.extend({ savingsPercent: z.number() })),
  from: z.object({
    size: layerIndex,
    allocatable: layerIndex,
    zones: layerIndex,
    onDemand: layerIndex,
    advisor: layerIndex,
  }),
});
export type CatalogEntry = z.output<typeof catalogEntry>;

/** A dated set of figures of one source. */
const catalogLayerView = provenance.extend({
  kind: z.enum(['types', 'allocatable', 'zones', 'on-demand', 'advisor', 'commitments']),
  region: z.string().nullable().meta({ description: 'null: not of one region' }),
  ageMs: z.number().int(),
});
export type CatalogLayerView = z.output<typeof catalogLayerView>;

export const catalogParts = ['types', 'on-demand', 'advisor'] as const;
export type CatalogPart = (typeof catalogParts)[number];

const regionName = z
  .string()
  .regex(/^[a-z]{2}(-[a-z]+)+-\d+$/, 'a region is written like us-east-1')
  .max(40);

/** A refresh as it goes on: one step for each part and region. */
export const catalogRefresh = z.object({
  jobId: z.string(),
  state: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']),
  percent: z.number().min(0).max(100),
  steps: z.array(
    z.object({
      part: z.enum(catalogParts),
      region: z.string().nullable(),
      state: z.enum(['waiting', 'running', 'done', 'failed']),
      bytes: z.number().int(),
      totalBytes: z.number().int().nullable(),
      message: z.string().nullable().meta({ description: 'What was learned, or why the old figures stay' }),
    }),
  ),
  startedAt: timeMs.nullable(),
  endedAt: timeMs.nullable(),
  message: z.string().nullable(),
});
export type CatalogRefresh = z.output<typeof catalogRefresh>;

/** What to bring up to date. */
export const catalogRefreshOrder = z.object({
  parts: z
    .array(z.enum(catalogParts))
    .min(1)
    .default([...catalogParts]),
  regions: z.array(regionName).min(1).max(40),
});
export type CatalogRefreshOrder = z.output<typeof catalogRefreshOrder>;

/** What an imported file brought. */
export const catalogImport = z.object({
  kind: z.enum(['types', 'on-demand', 'advisor']),
  region: z.string().nullable(),
  asOf: timeMs,
  figures: z.number().int(),
  message: z.string(),
});
export type CatalogImport = z.output<typeof catalogImport>;

/** Multipart form with the file in `file`; it streams, so it is no procedure of the typed client. Answers `catalogImport`. */
export const catalogImportPath = '/api/v1/ml/market/catalog/import';

/** Calls of the instance catalog; part of `api.market`. */
export const catalogProcedures = {
  catalog: procedure({
    method: 'GET',
    path: '/api/v1/ml/market/catalog',
    access: 'viewer',
    tag: 'market',
    summary: 'Instance types with size, on-demand price and interruption band in a region',
    query: z.object({ region: regionName.optional() }),
    response: z.object({
      types: z.array(catalogEntry),
      region: z.string(),
      provenance,
      regions: z.array(z.string()).meta({ description: 'Regions of which any figure is known' }),
      layers: z.array(catalogLayerView),
    }),
  }),
  refreshCatalog: procedure({
    method: 'POST',
    path: '/api/v1/ml/market/catalog/refresh',
    access: 'operator',
    tag: 'market',
    summary: 'Fetch sizes from EC2, list prices and the Spot advisor anew; what fails stays as it was',
    action: 'catalog.refresh',
    body: catalogRefreshOrder,
    response: catalogRefresh,
  }),
  getCatalogRefresh: procedure({
    method: 'GET',
    path: '/api/v1/ml/market/catalog/refresh/:job',
    access: 'viewer',
    tag: 'market',
    summary: 'Progress of a refresh',
    params: z.object({ job: z.string() }),
    response: catalogRefresh,
  }),
  listCatalogRefreshes: procedure({
    method: 'GET',
    path: '/api/v1/ml/market/catalog/refreshes',
    access: 'viewer',
    tag: 'market',
    summary: 'Refreshes, newest first',
    response: z.object({ refreshes: z.array(catalogRefresh) }),
  }),
  cancelCatalogRefresh: procedure({
    method: 'POST',
    path: '/api/v1/ml/market/catalog/refresh/:job/cancel',
    access: 'operator',
    tag: 'market',
    summary: 'Stop a refresh; steps that are done stay',
    action: 'catalog.cancel',
    params: z.object({ job: z.string() }),
    response: catalogRefresh,
  }),
};
