import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type CatalogType, catalogType, type Provenance } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { microUsdFromUsd, parseTime } from '../../common/units/index.ts';

const catalogFile = z.object({
  asOf: z.string(),
  region: z.string(),
  sources: z.array(z.object({ what: z.string(), where: z.string(), asOf: z.string() })),
  types: z.array(
    catalogType.omit({ onDemandMicroUsdPerHour: true }).extend({ onDemandUsdPerHour: z.number().nullable() }),
  ),
});

/** Instance types as of a date. What it does not know is `undefined`, never zero. */
export interface Catalog {
  readonly region: string;
  /** Of sizes and on-demand prices. */
  readonly provenance: Provenance;
  /** Of interruption bands. */
  readonly riskProvenance: Provenance;
  all(): readonly CatalogType[];
  typeOf(instanceType: string): CatalogType | undefined;
  /** List price, Linux, shared tenancy. The snapshot is of one region: other regions are unknown. */
  onDemandMicroUsdPerHour(region: string, instanceType: string): number | undefined;
  /** Upper end of the advisor's band: percent of instances interrupted in a month. */
  interruptionMaxPercent(region: string, instanceType: string): number | undefined;
}

/** Reads a catalog snapshot. @throws AppError `config.invalid` when the file is absent or no catalog. */
export async function readCatalog(path: string): Promise<Catalog> {
  const file = await readFile(path, 'utf8')
    .then(text => catalogFile.parse(JSON.parse(text)))
    .catch((cause: unknown) => {
      throw new AppError('config.invalid', `The instance catalog ${path} cannot be read.`, {
        cause,
        hint: 'Install CloudOptim anew; the file is part of it.',
      });
    });
  const types = new Map<string, CatalogType>();
  for (const { onDemandUsdPerHour, ...type } of file.types) {
    const onDemand = onDemandUsdPerHour === null ? undefined : microUsdFromUsd(onDemandUsdPerHour);
    types.set(type.instanceType, { ...type, onDemandMicroUsdPerHour: onDemand ?? null });
  }
  const risk = file.sources.find(source => /interruption/i.test(source.what));
  return {
    region: file.region,
    provenance: { source: 'catalog snapshot', asOf: parseTime(file.asOf) ?? 0 },
    riskProvenance: { source: 'Spot Instance Advisor', asOf: parseTime(risk?.asOf ?? file.asOf) ?? 0 },
    all: () => [...types.values()],
    typeOf: instanceType => types.get(instanceType),
    onDemandMicroUsdPerHour: (region, instanceType) =>
      region === file.region ? (types.get(instanceType)?.onDemandMicroUsdPerHour ?? undefined) : undefined,
    interruptionMaxPercent: (region, instanceType) =>
      region === file.region ? types.get(instanceType)?.interruptionBand?.maxPercent : undefined,
  };
}
