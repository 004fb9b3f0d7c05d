import { Command, CommanderError } from 'commander';
import { AppError } from '../../common/errors.ts';
import { version } from '../version.ts';
import { addAuditCommand } from './audit-command.ts';
import { addBacktestCommand } from './backtest-command.ts';
import { addCatalogCommand } from './catalog-command.ts';
import { addDatabaseCommand } from './database-command.ts';
import { addEnginesCommand } from './engines-command.ts';
import { addEvaluateCommand } from './evaluate-command.ts';
import { addMarketCommand } from './market-command.ts';
import { addModelsCommand } from './models-command.ts';
import { addPackCommand } from './pack-command.ts';
import { addPlanCommand } from './plan-command.ts';
import { addServerCommand } from './server-command.ts';

/** Exit codes: a fault of the program, and input that it cannot use. */
const EXIT_BUG = 1;
const EXIT_BAD_INPUT = 2;

/** The `cloudoptim` command. Resolves with the exit code: 0, 1 (a bug), 2 (bad input, one line that says so) or 3 (a verdict of "no"). */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const program = new Command('cloudoptim')
    .description(
      'Cuts the AWS bill of Kubernetes clusters: forecasts, plans, carries out, books what was saved.',
    )
    .version(version)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ writeErr: text => process.stderr.write(text.replace(/^error: /, '')) });
  addServerCommand(program);
  addModelsCommand(program);
  addEnginesCommand(program);
  addMarketCommand(program);
  addEvaluateCommand(program);
  addBacktestCommand(program);
  addPackCommand(program);
  addPlanCommand(program);
  // Joins the market command.
  addCatalogCommand(program);
  addDatabaseCommand(program);
  addAuditCommand(program);
  try {
    await program.parseAsync([...argv]);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_BAD_INPUT;
    if (error instanceof AppError) {
      process.stderr.write(`${error.message} ${error.hint}\n`);
      return error.kind === 'bug' ? EXIT_BUG : EXIT_BAD_INPUT;
    }
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return EXIT_BUG;
  }
}
