import { readFile } from 'node:fs/promises';

/** An instance type as the catalog snapshot describes it; see the README beside the snapshot for where each figure is from. */
export interface CatalogInstanceType {
  readonly instanceType: string;
  readonly vcpu: number;
  readonly memoryMib: number;
  readonly arch: 'amd64' | 'arm64';
  readonly gpuCount: number;
  /** Most pods a node of this type can run. */
  readonly pods: number;
  readonly allocatableCpuMilli: number;
  readonly allocatableMemoryMib: number;
  /** List price of Linux, shared tenancy, in the region of the snapshot; `null` when unknown. */
  readonly onDemandUsdPerHour: number | null;
  /** Spot Instance Advisor band; `null` when unknown. */
  readonly interruptionBand: { readonly label: string; readonly maxPercent: number } | null;
}

/** The catalog snapshot: dated facts of one region. */
export interface InstanceCatalog {
  readonly asOf: string;
  readonly region: string;
  readonly types: readonly CatalogInstanceType[];
}

/** Reads a catalog snapshot (`resources/catalog/instance-types.json`). Throws when the file is missing or is no snapshot. */
export async function readInstanceCatalog(path: string): Promise<InstanceCatalog> {
  const parsed: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (!isCatalog(parsed))
    throw new Error(`${path} is no instance catalog: it needs asOf, region and a non-empty list of types.`);
  return parsed;
}

function isCatalog(value: unknown): value is InstanceCatalog {
  if (typeof value !== 'object' || value === null) return false;
  const { asOf, region, types } = value as Record<string, unknown>;
  return typeof asOf === 'string' && typeof region === 'string' && Array.isArray(types) && types.length > 0;
}
