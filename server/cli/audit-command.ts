import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline as piped, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Command } from 'commander';
import { type AuditFileKind, auditFileKinds } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import {
  AuditLog,
  auditFile,
  type BrokenEntry,
  ChainCheck,
  type ChainedEntry,
  loadSettings,
  openReadOnly,
  readAuditFile,
  systemClock,
} from '../platform/index.ts';
import { EXIT_VERDICT_NO } from './as-verdict.ts';
import { timeOf } from './parse-values.ts';

const FORMATS = auditFileKinds.map(kind => kind.replace('audit.', ''));

interface PlaceFlags {
  readonly data?: string;
  readonly databaseUrl?: string;
}

interface ExportFlags extends PlaceFlags {
  readonly format: string;
  readonly from?: string;
  readonly to?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly output?: string;
}

/** `cloudoptim audit export|verify`: what an auditor needs, from a database or a file, without an engine. */
export function addAuditCommand(program: Command): void {
  const audit = program.command('audit').description('Export the audit log, or check its chain of hashes');
  const data = ['--data <folder>', 'Data folder of the engine, which may run (CLOUDOPTIM_DATA)'] as const;
  const database = [
    '--database-url <url>',
    'PostgreSQL database instead of the one in the data folder (CLOUDOPTIM_DATABASE_URL)',
  ] as const;
  audit
    .command('export')
    .description('Write entries with their hashes, oldest first')
    .option(...data)
    .option(...database)
    .option('--format <format>', FORMATS.join(' or '), 'jsonl')
    .option('--from <time>', 'First time, e.g. 2026-10-01T00:00:00Z')
    .option('--to <time>', 'Time before which it ends')
    .option('--actor <text>', 'Only those by whom this is a part of')
    .option('--action <name>', 'Only this action, or the beginning of some: plan.*')
    .option('--output <file>', 'File to write; else standard output')
    .action(exportEntries);
  audit
    .command('verify [file]')
    .description(
      'Check a file that was exported (.gz or not, - for standard input), or else the whole log of a database; exit code 3 names the first entry that does not hold',
    )
    .option(...data)
    .option(...database)
    .option('--holds <entry>', 'An entry noted earlier, NUMBER:HASH, which has to be among them')
    .action(verify);
}

async function exportEntries(flags: ExportFlags): Promise<void> {
  const { format, from, to, actor, action, output, ...place } = flags;
  const kind = auditFileKinds.find(one => one === `audit.${format}`);
  if (kind === undefined)
    throw new AppError('input.invalid', `--format is "${format}"; it is one of ${FORMATS.join(', ')}.`);
  const query = {
    fromMs: from === undefined ? undefined : timeOf('--from', from),
    toMs: to === undefined ? undefined : timeOf('--to', to),
    actor,
    action,
  };
  await withLog(place, async log => {
    await write(kind, counted(log.entries(query)), output);
  });
}

async function write(kind: AuditFileKind, entries: AsyncIterable<ChainedEntry>, output: string | undefined) {
  const text = Readable.from(auditFile(kind, entries));
  if (output === undefined) {
    for await (const piece of text)
      if (!process.stdout.write(String(piece))) await new Promise(done => process.stdout.once('drain', done));
    return;
  }
  try {
    // Not over another export: what was handed to an auditor stays as it was.
    await pipeline(text, createWriteStream(output, { flags: 'wx', mode: 0o600 }));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (cause instanceof AppError || code === undefined) throw cause;
    const isThere = code === 'EEXIST';
    throw new AppError(
      'input.invalid',
      `--output is ${output}, which ${isThere ? 'exists already' : 'cannot be written'}.`,
      { cause, hint: isThere ? 'Name a new file.' : 'Check that the folder exists and may be written to.' },
    );
  }
}

async function* counted(entries: AsyncIterable<ChainedEntry>): AsyncGenerator<ChainedEntry> {
  let count = 0;
  for await (const entry of entries) {
    count++;
    yield entry;
  }
  process.stderr.write(`${count} entries\n`);
}

async function verify(file: string | undefined, flags: PlaceFlags & { holds?: string }): Promise<void> {
  const { holds, ...place } = flags;
  const known = holds === undefined ? undefined : notedEntry(holds);
  if (file !== undefined) return check(readAuditFile(openInput(file), shownName(file)), false, known);
  await withLog(place, log => check(log.entries(), true, known));
}

async function check(
  entries: AsyncIterable<ChainedEntry>,
  isWhole: boolean,
  known: { seq: number; hash: string } | undefined,
): Promise<void> {
  const chain = new ChainCheck(isWhole);
  let found: string | undefined;
  for await (const entry of entries) {
    const broken = chain.take(entry);
    if (broken) return refuse(broken, entry);
    if (entry.seq === known?.seq) found = entry.hash;
  }
  const { entries: count, first, last, lastHash, gaps } = chain.summary();
  if (known && found !== known.hash) {
    const what =
      found === undefined ? 'is not there' : `has the hash ${found}: what lies before it was written anew`;
    process.stdout.write(`Entry ${known.seq} ${what}.\n`);
    process.exitCode = EXIT_VERDICT_NO;
    return;
  }
  if (first === null) {
    process.stdout.write('There are no entries.\n');
    return;
  }
  const left = gaps > 0 ? ` ${gaps} stretches between them are left out, and not proven.` : '';
  process.stdout.write(`${count} entries, ${first} to ${last}, hold.${left}\n`);
  process.stdout.write(
    `Note ${last}:${lastHash} to prove at the next check that none of them was written anew.\n`,
  );
}

function refuse({ seq, reason }: BrokenEntry, { at, actor, action }: ChainedEntry): void {
  const told = `${new Date(at).toISOString()}, ${action} by ${actor}`;
  process.stdout.write(`Entry ${seq} (${told}) does not hold: ${reason}.\n`);
  process.exitCode = EXIT_VERDICT_NO;
}

function notedEntry(text: string): { seq: number; hash: string } {
  const [, seq, hash = ''] = /^(\d+):([\da-f]{64})$/.exec(text) ?? [];
  if (seq === undefined)
    throw new AppError('input.invalid', `--holds is "${text}", which is no NUMBER:HASH.`, {
      hint: 'Give what an earlier "cloudoptim audit verify" told to note.',
    });
  return { seq: Number(seq), hash };
}

function shownName(file: string): string {
  return file === '-' ? 'standard input' : file;
}

function openInput(file: string): Readable {
  return file === '-' ? process.stdin : Readable.from(bytesOf(file), { objectMode: false });
}

async function* bytesOf(file: string): AsyncGenerator<Buffer> {
  try {
    const input = createReadStream(file);
    if (file.endsWith('.gz')) yield* piped(input, createGunzip(), () => undefined) as AsyncIterable<Buffer>;
    else yield* input as AsyncIterable<Buffer>;
  } catch (cause) {
    throw new AppError('input.invalid', `The file ${file} cannot be read.`, {
      cause,
      hint: 'Check the path.',
    });
  }
}

async function withLog(flags: PlaceFlags, work: (log: AuditLog) => Promise<void>): Promise<void> {
  const database = await openReadOnly(loadSettings(flags, process.env));
  const refuseWrites = () => Promise.reject(new Error('an audit log that is only read was to be written'));
  try {
    await work(new AuditLog({ ...database, write: refuseWrites }, systemClock));
  } finally {
    await database.close();
  }
}
