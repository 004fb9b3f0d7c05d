import { z } from 'zod';
import { fillStates } from './market.ts';
import { procedure } from './procedure.ts';
import { timeMs } from './values.ts';

export const archiveCompressions = ['none', 'gzip', 'xz', 'zstd'] as const;
export type ArchiveCompression = (typeof archiveCompressions)[number];

/** `aws-text` is what `aws … --output text` and the older `ec2-describe-spot-price-history` print. */
export const archiveFormats = ['aws-text', 'csv', 'tsv', 'json'] as const;
export type ArchiveFormat = (typeof archiveFormats)[number];

/** Where a file stops making sense. Lines count from 1. */
export const archiveDamage = z.object({
  line: z.number().int(),
  reason: z.string().meta({ description: 'What is wrong there, in words' }),
});
export type ArchiveDamage = z.output<typeof archiveDamage>;

/** What came of a file of prices. */
export const importSummary = z.object({
  file: z.string(),
  format: z.enum(archiveFormats),
  compression: z.enum(archiveCompressions),
  outcome: z
    .enum(['imported', 'imported-up-to-damage', 'refused'])
    .meta({ description: '`refused`: the file is damaged and nothing of it was imported' }),
  rows: z.number().int().meta({ description: 'Price records that were read, before what is left out' }),
  newRows: z.number().int(),
  duplicates: z.number().int().meta({ description: 'Records that were on disk with the same price' }),
  conflicts: z
    .number()
    .int()
    .meta({ description: 'Records that were on disk with another price; the one on disk stays' }),
  firstConflict: z
    .object({
      pool: z.string(),
      atMs: timeMs,
      heldMicroUsdPerHour: z.number(),
      fileMicroUsdPerHour: z.number(),
    })
    .nullable(),
  leftOut: z.array(z.object({ reason: z.string(), count: z.number().int(), firstLine: z.number().int() })),
  fromMs: timeMs.nullable(),
  toMs: timeMs.nullable().meta({ description: 'Time of the last record' }),
  pools: z.number().int(),
  covered: z
    .array(
      z.object({
        region: z.string(),
        product: z.string(),
        instanceTypes: z.number().int().meta({ description: '0: all of them' }),
        fromMs: timeMs,
        toMs: timeMs,
      }),
    )
    .meta({ description: 'Time that the file vouches for' }),
  zoneIds: z
    .array(z.string())
    .meta({ description: 'Zone ids in the file without a name; their pools stand beside those by name' }),
  notes: z.array(z.string()),
  damagedAt: archiveDamage.nullable(),
});
export type ImportSummary = z.output<typeof importSummary>;

export const importProgress = z.object({
  jobId: z.string(),
  fileName: z.string(),
  state: z.enum(fillStates),
  phase: z
    .enum(['reading', 'writing'])
    .meta({ description: 'A file is first read to its end, and only then written to the database' }),
  rows: z.number().int().meta({ description: 'Rows of this phase so far' }),
  newRows: z.number().int(),
  percent: z.number().min(0).max(100),
  rowsPerSecond: z.number(),
  startedAt: timeMs.nullable(),
  endedAt: timeMs.nullable(),
  message: z.string().nullable(),
  summary: importSummary.nullable(),
});
export type ImportProgress = z.output<typeof importProgress>;

/** Fields of the upload form beside `file`; all are text. */
export const importFields = z.object({
  region: z.string().optional().meta({ description: 'Region of zones that do not tell theirs' }),
  product: z.string().optional().meta({ description: 'Product of rows that name none: Linux/UNIX' }),
  zones: z
    .string()
    .optional()
    .meta({ description: 'Names of zone ids in this account: eu-west-1a=euw1-az1,eu-west-1b=euw1-az2' }),
  upToDamage: z.stringbool().default(false).meta({ description: 'Take what comes before a damage' }),
  allTypes: z
    .stringbool()
    .default(false)
    .meta({ description: 'The file holds every instance type of its regions' }),
});

/**
 * `POST /api/v1/ml/market/import` takes multipart form data: `file` and the fields of `importFields`. It streams, so it is
 * no procedure of the typed client; it answers `ImportProgress` once the file has arrived.
 */
export const importUploadPath = '/api/v1/ml/market/import';

export const imports = {
  listImports: procedure({
    method: 'GET',
    path: '/api/v1/ml/market/imports',
    access: 'viewer',
    tag: 'market',
    summary: 'Imports of price files, newest first',
    response: z.object({ imports: z.array(importProgress) }),
  }),
  getImport: procedure({
    method: 'GET',
    path: '/api/v1/ml/market/imports/:job',
    access: 'viewer',
    tag: 'market',
    summary: 'Progress of an import, and what came of it',
    params: z.object({ job: z.string() }),
    response: importProgress,
  }),
  cancelImport: procedure({
    method: 'POST',
    path: '/api/v1/ml/market/imports/:job/cancel',
    access: 'operator',
    tag: 'market',
    summary: 'Stop an import; rows that are on disk stay, and vouch for no time',
    action: 'market.import-cancel',
    params: z.object({ job: z.string() }),
    response: importProgress,
  }),
};
