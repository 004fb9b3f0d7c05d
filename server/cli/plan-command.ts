import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import type { Command } from 'commander';
import { policyDocument } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { formatUsdPerHour, MS_PER_SECOND } from '../../common/units/index.ts';
import {
  changesOfSnapshot,
  decisionPolicyOf,
  planSnapshot,
  readPolicy,
  readSnapshot,
} from '../decisions/index.ts';
import { type Catalog, openCatalogFiles } from '../market/index.ts';
import { createLog, loadSettings, systemClock } from '../platform/index.ts';
import { planMarkdown } from './plan-markdown.ts';
import { planMarket, readSpotPrices } from './plan-market.ts';
import { planText } from './plan-text.ts';
import { readText } from './read-text.ts';
import { secondsOption } from './seconds-option.ts';

const snapshotFile = join(import.meta.dirname, '..', '..', 'resources', 'catalog', 'snapshot.json');
const DEFAULT_SECONDS = 20;
/** The same snapshot always gives the same plan, unless time runs out. */
const SEED = 1;
const ENGINES = ['bin-packing'];

interface PlanOptions {
  readonly snapshot: string;
  readonly policy?: string;
  readonly engine: string;
  readonly prices?: readonly string[];
  readonly timeLimit: number;
  readonly data?: string;
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly ownerChanges?: boolean;
}

/** `cloudoptim plan`: a plan for any cluster from what kubectl prints, with nothing installed in it. */
export function addPlanCommand(program: Command): void {
  program
    .command('plan')
    .description('Plan the cheapest nodes for a cluster from a snapshot; nothing is changed anywhere')
    .requiredOption(
      '--snapshot <file>',
      'What "kubectl get nodes,pods,pdb,deploy,rs,sts,ds,job,pvc,pv,sc,hpa,ns -A -o json" prints; - reads it from standard input; gzip too',
    )
    .option(
      '--prices <files...>',
      'Files of Spot prices, as "market import" reads them: Spot nodes are then priced as of their last record',
    )
    .option(
      '--policy <file>',
      'Policy as YAML or JSON, as the Policies page exports it, or just the settings of its thresholds that differ from the usual',
    )
    .option('--engine <name>', `Which engine plans: ${ENGINES.join(', ')}`, 'bin-packing')
    .option(
      '--time-limit <seconds>',
      'Answer with the best so far after this time',
      secondsOption,
      DEFAULT_SECONDS,
    )
    .option(
      '--data <folder>',
      'Folder of the engine, for its catalog; else the prices that came with the program',
    )
    .option(
      '--owner-changes',
      'Say it in the language of those who own the nodes, too: Karpenter’s NodePools, node groups. List nodepools,nodeclaims in the snapshot',
    )
    .option('--json', 'Print JSON')
    .option('--markdown', 'Print Markdown')
    .action(async (options: PlanOptions) => {
      if (!ENGINES.includes(options.engine)) {
        throw new AppError('input.invalid', `There is no engine "${options.engine}" for snapshots.`, {
          hint: `Known are ${ENGINES.join(', ')}.`,
        });
      }
      const snapshot = readSnapshot(await contents(options.snapshot), nameOf(options.snapshot));
      const policy =
        options.policy === undefined
          ? policyDocument.parse({})
          : readPolicy(await contents(options.policy), options.policy);
      const interrupt = new AbortController();
      const onInterrupt = () => interrupt.abort();
      process.once('SIGINT', onInterrupt);
      process.stderr.write(
        `Planning for ${snapshot.nodes.length} nodes and ${snapshot.pods.length} pods; Ctrl-C takes the best so far …\n`,
      );
      const spot = options.prices && (await readSpotPrices(options.prices, interrupt.signal));
      if (spot) process.stderr.write(`Spot prices are as of ${new Date(spot.asOf).toISOString()}.\n`);
      const catalog = await openCatalog(options.data);
      const market = planMarket(catalog, spot);
      const startedAt = performance.now();
      const packed = await planSnapshot(snapshot, market, decisionPolicyOf(policy), {
        seed: SEED,
        timeLimitMs: options.timeLimit * MS_PER_SECOND,
        signal: interrupt.signal,
        report: cost => {
          const seconds = ((performance.now() - startedAt) / MS_PER_SECOND).toFixed(1);
          process.stderr.write(`${seconds} s: ${formatUsdPerHour(cost)}\n`);
        },
      });
      process.off('SIGINT', onInterrupt);
      const plan = options.ownerChanges
        ? {
            ...packed,
            ownerChanges: changesOfSnapshot(snapshot, packed, catalog, market, policy, systemClock.now()),
          }
        : packed;
      const printed = options.json
        ? `${JSON.stringify(plan)}\n`
        : options.markdown
          ? planMarkdown(plan)
          : planText(plan);
      process.stdout.write(printed);
    });
}

function nameOf(file: string): string {
  return file === '-' ? 'Standard input' : file;
}

async function contents(file: string): Promise<string> {
  return file === '-' ? textOf(process.stdin) : readText(file);
}

async function openCatalog(data: string | undefined): Promise<Catalog> {
  const settings = loadSettings(data === undefined ? {} : { data }, process.env);
  const { catalog } = await openCatalogFiles({
    snapshotFile,
    folder: join(settings.data, 'catalog'),
    clock: systemClock,
    log: createLog('warn'),
  });
  return catalog;
}
