import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../common/errors.ts';

export const MANIFEST_FILE = 'manifest.json';
/** The database of a backup from SQLite. */
export const SQLITE_PART = 'database.sqlite';

const count = z.number().int().nonnegative();
const digest = z.string().regex(/^[0-9a-f]{64}$/);
/** Below the folder of the backup, whoever wrote the manifest. */
const partPath = z
  .string()
  .regex(/^[\w.-]+(\/[\w.-]+)*$/)
  .refine(path => !path.split('/').includes('..'));
const name = z.string().regex(/^\w+$/);
const wholeText = z.string().regex(/^-?\d+$/);

/** A table as the text of PostgreSQL's `copy`, compressed by zstd; rows in the order of their key. */
const copiedTable = z.object({
  name,
  columns: z.array(name).min(1),
  /** By which rows are ordered: the primary key, else all columns. */
  order: z.array(name).min(1),
  part: partPath,
  /** Of the text before it was compressed: what a restored table must give again. */
  textSha256: digest,
  /** Bounds of the tables that it is partitioned into. */
  partitions: z.array(z.object({ name, from: wholeText, to: wholeText })),
});
export type CopiedTable = z.output<typeof copiedTable>;

const backupManifest = z.object({
  format: z.literal(1),
  madeBy: z.string(),
  madeAt: z.iso.datetime(),
  kind: z.enum(['sqlite', 'postgres']),
  /** The schema: names of all migrations that the database had. */
  migrations: z.array(z.string()),
  /** Rows by table. */
  rows: z.record(z.string(), count),
  parts: z.array(z.object({ path: partPath, bytes: count, sha256: digest })),
  /** In an order in which rows come after those that they refer to; none from SQLite. */
  tables: z.array(copiedTable),
  /** Numbers that were given last. */
  sequences: z.array(z.object({ name, last: wholeText })),
});
/** What a backup consists of. It is written last, so that a folder that has one is whole. */
export type BackupManifest = z.output<typeof backupManifest>;
export type BackupPart = BackupManifest['parts'][number];

/** How far a backup or a restore is. */
export interface BackupStep {
  readonly phase: 'files' | 'database' | 'checking' | 'restoring' | 'comparing';
  readonly done: number;
  readonly of: number;
  readonly unit: 'bytes' | 'rows';
}

/**
 * The manifest of a backup.
 * @param known names of all migrations of this version
 * @throws AppError `input.invalid` for a folder that holds no whole backup, or one of a newer version
 */
export async function readManifest(folder: string, known: readonly string[]): Promise<BackupManifest> {
  const text = await readFile(join(folder, MANIFEST_FILE), 'utf8').catch((cause: unknown) => {
    throw new AppError('input.invalid', `The folder ${folder} holds no whole backup.`, {
      hint: 'Name a folder that "cloudoptim database backup" made and finished.',
      cause,
    });
  });
  const format = /"format":\s*(\d+)/.exec(text)?.[1];
  const parsed = backupManifest.safeParse(asJson(text));
  if (!parsed.success) {
    const isNewer = format !== undefined && Number(format) > 1;
    throw new AppError(
      'input.invalid',
      isNewer
        ? `The backup ${folder} has the format ${format}, which this version does not know.`
        : `The file ${join(folder, MANIFEST_FILE)} is damaged.`,
      {
        hint: isNewer ? 'Restore it with the version that made it, or a newer one.' : 'Take another backup.',
      },
    );
  }
  const unknown = parsed.data.migrations.find(migration => !known.includes(migration));
  if (unknown !== undefined)
    throw new AppError(
      'input.invalid',
      `The backup ${folder} was made by version ${parsed.data.madeBy}, whose database is newer than this version knows (${unknown}).`,
      { hint: 'Restore it with that version or a newer one.' },
    );
  return parsed.data;
}

/** Reads every part of a backup. @throws AppError `storage.damaged` naming the first that is not what it was */
export async function checkParts(
  folder: string,
  parts: readonly BackupPart[],
  signal: AbortSignal,
  onStep: (step: BackupStep) => void,
): Promise<void> {
  const of = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  for (const { path, bytes, sha256 } of parts) {
    const full = join(folder, path);
    const found = await stat(full).catch(() => undefined);
    const hash = createHash('sha256');
    if (found?.size === bytes)
      for await (const chunk of createReadStream(full, { highWaterMark: 1024 ** 2 })) {
        signal.throwIfAborted();
        hash.update(chunk as Buffer);
        done += (chunk as Buffer).length;
        onStep({ phase: 'checking', done, of, unit: 'bytes' });
      }
    if (found?.size !== bytes || hash.digest('hex') !== sha256)
      throw new AppError(
        'storage.damaged',
        `The file ${full} of the backup ${found ? 'is not what was backed up' : 'is missing'}.`,
        { hint: 'Use another copy of this backup, or an older one. Nothing was changed.' },
      );
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
