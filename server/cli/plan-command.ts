import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import type { Command } from 'commander';
import { policyDocument } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { formatUsdPerHour, MS_PER_SECOND } from '../../common/units/index.ts';
import {
  changesOfSnapshot,
  decisionPolicyOf,
  planMarkdown,
  planSnapshot,
  planText,
  readPolicy,
  readSnapshot,
  type Snapshot,
} from '../decisions/index.ts';
import { type Catalog, openCatalogFiles } from '../market/index.ts';
import { createLog, loadSettings, systemClock } from '../platform/index.ts';
import { planMarket, readSpotPrices } from './plan-market.ts';
import { readContext } from './read-context.ts';
import { readText } from './read-text.ts';
import { secondsOption } from './seconds-option.ts';

const snapshotFile = join(import.meta.dirname, '..', '..', 'resources', 'catalog', 'snapshot.json');
const DEFAULT_SECONDS = 20;
/** The same snapshot always gives the same plan, unless time runs out. */
const SEED = 1;
const ENGINES = ['bin-packing'];

interface PlanOptions {
  readonly snapshot?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
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
    .description(
      'Plan the cheapest nodes for a cluster, from a snapshot or read from it; nothing is changed anywhere',
    )
    .option(
      '--snapshot <file>',
      'What "kubectl get nodes,pods,pdb,deploy,rs,sts,ds,job,pvc,pv,sc,hpa,ns -A -o json" prints; - reads it from standard input; gzip too',
    )
    .option(
      '--context <name>',
      'Instead of a snapshot: read the cluster of this context of the kubeconfig, by GET alone, with its credentials',
    )
    .option('--kubeconfig <file>', 'The kubeconfig of --context; else those of KUBECONFIG and ~/.kube/config')
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
      const interrupt = new AbortController();
      const onInterrupt = () => interrupt.abort();
      const policy =
        options.policy === undefined
          ? policyDocument.parse({})
          : readPolicy(await contents(options.policy), options.policy);
      process.once('SIGINT', onInterrupt);
      const snapshot = await snapshotOf(options, interrupt.signal);
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

async function snapshotOf(
  { snapshot, context, kubeconfig }: PlanOptions,
  signal: AbortSignal,
): Promise<Snapshot> {
  if (snapshot !== undefined && context === undefined && kubeconfig === undefined)
    return readSnapshot(await contents(snapshot), nameOf(snapshot));
  if (context !== undefined && snapshot === undefined) return readContext(context, kubeconfig, signal);
  throw new AppError(
    'input.invalid',
    snapshot === undefined
      ? 'It is not said which cluster to plan for.'
      : 'A plan is made either from --snapshot or from --context.',
    { hint: 'Give --snapshot FILE, or --context NAME of a kubeconfig.' },
  );
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
