import { z } from 'zod';
import { type CatalogTypeFacts, catalogTypeFacts, type Provenance } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { parseTime } from '../../../common/units/index.ts';
import { packAdvice, unpackAdvice } from './advisor-codec.ts';
import type { Allocatable, CatalogLayer, ZonesLayer } from './catalog-layers.ts';

const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const names = z.array(z.string());
const origin = { source: z.string().min(1), asOf: z.string() };

/**
 * A layer on disk. Tables lie in columns and sparse grids as text of fixed width, because the snapshot ships with the
 * product and is read at the start: a third of the bytes and of the time of one object for each type.
 */
const layerFile = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('types'), ...origin, columns: z.record(z.string(), z.array(cell)) }),
  z.object({
    kind: z.literal('allocatable'),
    ...origin,
    instanceTypes: names,
    pods: z.array(z.number()),
    cpuMilli: z.array(z.number()),
    memoryMib: z.array(z.number()),
  }),
  z.object({
    kind: z.literal('zones'),
    ...origin,
    instanceTypes: names,
    /** Two hexadecimal digits for each type: bit n is the n-th zone. */
    regions: z.record(z.string(), z.object({ zones: names.max(8), offered: z.string() })),
  }),
  z.object({
    kind: z.literal('on-demand'),
    ...origin,
    region: z.string(),
    /** Product → instance type → micro-USD per hour. */
    prices: z.record(z.string(), z.record(z.string(), z.number().int().positive())),
  }),
  z.object({
    kind: z.literal('advisor'),
    ...origin,
    bands: z.array(z.object({ label: z.string(), maxPercent: z.number() })),
    instanceTypes: names,
    /** Region → product → what `packAdvice` makes of its types. */
    regions: z.record(z.string(), z.record(z.string(), z.string())),
  }),
]);
export type LayerFile = z.input<typeof layerFile>;

/**
 * Checks the shape of a layer that was written by an earlier run.
 * @throws AppError `storage.damaged` that names the first wrong field
 */
export function checkLayerFile(value: unknown, path: string): LayerFile {
  const result = layerFile.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new AppError(
    'storage.damaged',
    `The catalog layer ${path} is damaged: ${issue?.path.join('.') || 'the whole'} is ${issue?.message ?? 'wrong'}.`,
    { hint: 'Refresh or import it again; until then the layer beneath it serves.' },
  );
}

/** A layer on disk as one that can be asked. The shape is what `checkLayerFile` vouches for. */
export function decodeLayer(file: LayerFile): CatalogLayer {
  const provenance = { source: file.source, asOf: parseTime(file.asOf) ?? 0 };
  switch (file.kind) {
    case 'types':
      return { kind: 'types', provenance, types: rowsOf(file.columns) };
    case 'allocatable': {
      const types = new Map<string, Allocatable>();
      for (const [index, instanceType] of file.instanceTypes.entries()) {
        types.set(instanceType, {
          pods: file.pods[index] ?? 0,
          allocatableCpuMilli: file.cpuMilli[index] ?? 0,
          allocatableMemoryMib: file.memoryMib[index] ?? 0,
        });
      }
      return { kind: 'allocatable', provenance, types };
    }
    case 'zones':
      return zonesLayer(file, provenance);
    case 'on-demand': {
      const prices = new Map(
        Object.entries(file.prices).map(([product, of]) => [product, new Map(Object.entries(of))]),
      );
      return { kind: 'on-demand', provenance, region: file.region, prices };
    }
    case 'advisor': {
      const indexOf = new Map(file.instanceTypes.map((name, index) => [name, index]));
      return {
        kind: 'advisor',
        provenance,
        regions: Object.keys(file.regions),
        products: [...new Set(Object.values(file.regions).flatMap(of => Object.keys(of)))],
        find: (region, product, instanceType) => {
          const index = indexOf.get(instanceType);
          const packed = file.regions[region]?.[product];
          return index === undefined || packed === undefined
            ? undefined
            : unpackAdvice(packed, index, file.bands);
        },
      };
    }
  }
}

/** Sizes as they go to disk. @param asOf ISO 8601 */
export function encodeTypes(types: readonly CatalogTypeFacts[], source: string, asOf: string): LayerFile {
  const columns: Record<string, (string | number | boolean | null)[]> = {};
  for (const name of Object.keys(catalogTypeFacts.shape) as (keyof CatalogTypeFacts)[]) {
    columns[name] = types.map(type => type[name]);
  }
  return { kind: 'types', source, asOf, columns };
}

/** Advisor entries as they go to disk: region → product → type → (band index, savings percent). */
export function encodeAdvisor(
  advice: ReadonlyMap<
    string,
    ReadonlyMap<string, ReadonlyMap<string, { band: number; savingsPercent: number }>>
  >,
  bands: readonly { label: string; maxPercent: number }[],
  source: string,
  asOf: string,
): LayerFile {
  const known = new Set<string>();
  for (const products of advice.values())
    for (const types of products.values()) for (const name of types.keys()) known.add(name);
  const instanceTypes = [...known].sort();
  const regions: Record<string, Record<string, string>> = {};
  for (const [region, products] of [...advice].sort(([a], [b]) => (a < b ? -1 : 1))) {
    regions[region] = Object.fromEntries(
      [...products].map(([product, types]) => [
        product,
        instanceTypes.map(name => packAdvice(types.get(name), bands.length)).join(''),
      ]),
    );
  }
  return { kind: 'advisor', source, asOf, bands: [...bands], instanceTypes, regions };
}

function rowsOf(columns: Readonly<Record<string, readonly unknown[]>>): CatalogTypeFacts[] {
  const fields = Object.entries(columns);
  return (columns.instanceType ?? []).map((_, index) => {
    // Assigned in the same order each time, which is several times as fast as from a list of entries.
    const row: Record<string, unknown> = {};
    for (const [name, values] of fields) row[name] = values[index];
    return row as unknown as CatalogTypeFacts;
  });
}

/** Each type is unpacked when it is asked for: seven regions of all types are ten thousand lists. */
function zonesLayer(file: Extract<LayerFile, { kind: 'zones' }>, provenance: Provenance): ZonesLayer {
  const indexOf = new Map(file.instanceTypes.map((name, index) => [name, index]));
  return {
    kind: 'zones',
    provenance,
    regions: Object.keys(file.regions),
    find: (region, instanceType) => {
      const known = file.regions[region];
      const index = indexOf.get(instanceType);
      if (known === undefined || index === undefined) return undefined;
      const mask = Number.parseInt(known.offered.slice(2 * index, 2 * index + 2), 16);
      return known.zones.filter((_, bit) => (mask >> bit) & 1);
    },
  };
}
