import { Command, CommanderError } from 'commander';
import { AppError } from '../../common/errors.ts';
import { version } from '../version.ts';

/** Exit codes: a fault of the program, and input that it cannot use. */
const EXIT_BUG = 1;
const EXIT_BAD_INPUT = 2;

/** Adds a verb to the program. */
type AddVerb = (program: Command) => void;

/** What adds each verb, loaded only where it is asked for: a verb does not wait for the others. */
const verbs: Readonly<Record<string, () => Promise<AddVerb>>> = {
  server: async () => (await import('./server-command.ts')).addServerCommand,
  models: async () => (await import('./models-command.ts')).addModelsCommand,
  engines: async () => (await import('./engines-command.ts')).addEnginesCommand,
  market: async () => {
    const [{ addMarketCommand }, { addCatalogCommand }] = await Promise.all([
      import('./market-command.ts'),
      import('./catalog-command.ts'),
    ]);
    return program => {
      addMarketCommand(program);
      addCatalogCommand(program);
    };
  },
  evaluate: async () => (await import('./evaluate-command.ts')).addEvaluateCommand,
  backtest: async () => (await import('./backtest-command.ts')).addBacktestCommand,
  pack: async () => (await import('./pack-command.ts')).addPackCommand,
  plan: async () => (await import('./plan-command.ts')).addPlanCommand,
  database: async () => (await import('./database-command.ts')).addDatabaseCommand,
};

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
  const [, , verb = ''] = argv;
  // A help text, or a word that is none of them, needs them all.
  const asked = Object.hasOwn(verbs, verb) ? [verb] : Object.keys(verbs);
  for (const name of asked) (await verbs[name]?.())?.(program);
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
