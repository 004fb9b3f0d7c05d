import type { EngineCheck, EngineInput, EngineManifest } from '../../../common/contracts/index.ts';
import { seededRandom } from '../../../common/seeded-random.ts';
import { formatBytes } from '../../../common/units/index.ts';
import type { Logger } from '../../platform/index.ts';
import { defaultPolicy } from '../policy.ts';
import { askPlugIn, type PlugInModule, type PlugInSettings } from './ask-plug-in.ts';
import { parameterValues } from './check-parameters.ts';
import { engineInput } from './engine-input.ts';
import { judgeAnswer } from './judge-answer.ts';
import { type MadeCluster, madeCluster } from './made-clusters.ts';
import { defaultPlugInLimits } from './plug-in-messages.ts';
import { readManifest } from './read-manifest.ts';
import { type PlugInRun, runPlugIn } from './run-plug-in.ts';

/** What the conformance kit says of an engine. */
export interface EngineVerdict {
  readonly manifest: EngineManifest | null;
  readonly checks: readonly EngineCheck[];
  readonly passed: boolean;
}

const LARGE_NODES = 1_000;
const LARGE_PODS_PER_NODE = 20;

/** Small ones, so that what is refused can be understood; the seeds are arbitrary. */
const tried = (): readonly MadeCluster[] => [
  madeCluster('three-nodes', 3, 3, 1),
  madeCluster('twelve-nodes', 12, 12, 2),
  madeCluster('forty-nodes', 40, 20, 3),
];

/**
 * The conformance kit: runs an engine on made clusters and says of each thing that an engine must do whether it does.
 * An engine that breaks a cap is not tried any further: it would only take its time again.
 * @param manifestText JSON from beside the module, where there is such a file
 */
export async function checkEngine(
  module: PlugInModule,
  manifestText: string | undefined,
  settings: PlugInSettings,
  log: Logger,
): Promise<EngineVerdict> {
  const checks: EngineCheck[] = [];
  const note = (name: string, problem: string | undefined, fine: string): boolean => {
    checks.push({ name, passed: problem === undefined, text: problem ?? fine });
    return problem === undefined;
  };
  const verdict = (manifest: EngineManifest | null): EngineVerdict => ({
    manifest,
    checks,
    passed: checks.every(check => check.passed),
  });

  // 1. It loads, and says what it is.
  const opened = await askPlugIn(module, settings, log);
  const size = formatBytes(module.bytes.length);
  if (!note('loads', opened.ok ? undefined : opened.reason, `${module.kind}, ${size}`) || !opened.ok) {
    return verdict(null);
  }
  const read = readManifest(manifestText, opened.manifestText);
  const { manifest } = read;
  if (!note('manifest', manifest ? undefined : read.problems.join('; '), nameOf(manifest)) || !manifest) {
    return verdict(null);
  }

  const parameters = parameterValues(manifest, {});
  const run = (
    { state, forecasts }: MadeCluster,
    change = (input: EngineInput) => input,
  ): Promise<PlugInRun> =>
    runPlugIn(module, change(engineInput(state, forecasts, defaultPolicy, parameters)), settings, log);

  // 2. Nothing in, nothing out.
  const empty = await run(madeCluster('empty', 0, 0, 1));
  const proposed = empty.ok ? empty.answer.proposals.length : 0;
  const onEmpty = proposed > 0 ? `it proposes ${proposed} moves in an empty cluster` : undefined;
  note('empty cluster', empty.ok ? onEmpty : empty.reason, 'no proposals');

  if (isFault(empty)) return verdict(manifest);

  // 3. A function of its input, not of its order.
  const [, twelve] = tried();
  const first = twelve && (await run(twelve));
  if (twelve && first?.ok) {
    const again = await run(twelve);
    const differs = again.ok ? again.text !== first.text : true;
    note(
      'same answer twice',
      differs ? reasonOr(again, 'the same input gave two answers') : undefined,
      'yes',
    );
    const shuffled = await run(twelve, shuffle);
    const depends = shuffled.ok ? movesOf(shuffled) !== movesOf(first) : true;
    const text = 'the same cluster in another order gave other moves; sort what you choose from';
    note('order does not matter', depends ? reasonOr(shuffled, text) : undefined, 'yes');
  }

  if (first && isFault(first)) {
    note('same answer twice', first.reason, '');
    return verdict(manifest);
  }

  // 4. Nothing that it proposes is refused.
  for (const cluster of tried()) {
    const outcome = cluster === twelve && first ? first : await run(cluster);
    note(`rules: ${cluster.name}`, ...judged(manifest, outcome, cluster));
    if (isFault(outcome)) return verdict(manifest);
  }

  // 5. In time.
  const large = madeCluster('thousand-nodes', LARGE_NODES, LARGE_PODS_PER_NODE, 4);
  const seconds = (settings.limits ?? defaultPlugInLimits).deadlineMs / 1000;
  const outcome = await run(large);
  const pods = large.state.inventory.pods.length.toLocaleString('en-US');
  const fine = `within ${seconds} s, with ${pods} pods`;
  note('1,000 nodes', outcome.ok ? judged(manifest, outcome, large)[0] : outcome.reason, fine);
  return verdict(manifest);
}

function isFault(run: PlugInRun): run is Extract<PlugInRun, { ok: false }> {
  return !run.ok && run.isFault;
}

/** The problem, if any, and what is said when there is none. */
function judged(
  manifest: EngineManifest,
  outcome: PlugInRun,
  { state, forecasts }: MadeCluster,
): [string | undefined, string] {
  if (!outcome.ok) return [outcome.reason, ''];
  const { proposals, refused = [] } = judgeAnswer(
    manifest.name,
    outcome.answer,
    state,
    forecasts,
    defaultPolicy,
  );
  const [worst] = refused;
  const accepted = `${proposals.length} of ${outcome.answer.proposals.length} moves accepted`;
  if (!worst) return [undefined, accepted];
  const why = worst.reasons.map(({ text }) => text).join(' ');
  return [`${accepted}; ${worst.node} to ${worst.target}: ${why}`, ''];
}

function nameOf(manifest: EngineManifest | null): string {
  return manifest ? `${manifest.name} ${manifest.version}, contract ${manifest.contractVersion}` : '';
}

function reasonOr(run: PlugInRun, text: string): string {
  return run.ok ? text : run.reason;
}

function movesOf(run: Extract<PlugInRun, { ok: true }>): string {
  return run.answer.proposals
    .map(({ nodeUid, target }) => `${nodeUid} ${target.instanceType} ${target.zone}`)
    .toSorted()
    .join('\n');
}

/** The same facts in another order. */
function shuffle(input: EngineInput): EngineInput {
  const random = seededRandom(5);
  const mixed = <T>(items: readonly T[]): T[] =>
    items
      .map(item => ({ item, at: random() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ item }) => item);
  return {
    ...input,
    nodes: mixed(input.nodes),
    pods: mixed(input.pods),
    workloads: mixed(input.workloads),
    budgets: mixed(input.budgets),
    types: mixed(input.types),
    pools: mixed(input.pools),
  };
}
