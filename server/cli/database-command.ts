import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { AppError } from '../../common/errors.ts';
import { allMigrations } from '../engine.ts';
import { openPartitionsOf } from '../market/index.ts';
import { DatabaseUrl, loadSettings, moveDatabase, openPostgres, openSqlite } from '../platform/index.ts';
import { ProgressLine } from './progress-line.ts';
import { untilInterrupted } from './until-interrupted.ts';

/** `cloudoptim database move`: from the SQLite file of a data folder to PostgreSQL, with no engine running. */
export function addDatabaseCommand(program: Command): void {
  program
    .command('database')
    .description('Move the database of an engine')
    .command('move')
    .description(
      'Copy a SQLite database into an empty PostgreSQL one and compare both; run it again to go on',
    )
    .requiredOption(
      '--from-sqlite <folder>',
      'Data folder of the engine, which must not run; it stays as it is',
    )
    .option('--to <url>', 'postgresql://user@host:5432/name (CLOUDOPTIM_DATABASE_URL)')
    .action(async (options: { fromSqlite: string; to?: string }) => {
      const url =
        options.to === undefined ? loadSettings({}, process.env).databaseUrl : new DatabaseUrl(options.to);
      if (!url)
        throw new AppError('input.invalid', 'It is not said where to move the database to.', {
          hint: 'Give --to or CLOUDOPTIM_DATABASE_URL.',
        });
      if (!existsSync(join(options.fromSqlite, 'cloudoptim.sqlite')))
        throw new AppError('input.invalid', `The folder ${options.fromSqlite} holds no cloudoptim.sqlite.`);
      const { signal, end } = untilInterrupted();
      const line = new ProgressLine();
      const source = await openSqlite(options.fromSqlite, allMigrations);
      try {
        const target = await openPostgres(url, allMigrations);
        try {
          const counts = await moveDatabase(source, target, {
            signal,
            onStep: ({ phase, table, rows, ofRows }) =>
              line.show(`${phase} ${table}: ${rows} of ${ofRows} rows`),
            prepareIn: async (transaction, table, rows) => {
              if (table === 'spot_prices')
                await openPartitionsOf(
                  transaction as never,
                  rows.map(row => Number(row.key)),
                );
            },
          });
          line.end();
          for (const [table, rows] of counts) if (rows > 0) process.stdout.write(`${table}: ${rows} rows\n`);
          process.stdout.write(
            `Moved to ${url.place}; counts and checksums are the same. Start the engine with the same --data and this database.\n`,
          );
        } finally {
          await target.close();
        }
      } finally {
        line.end();
        end();
        await source.close();
      }
    });
}
