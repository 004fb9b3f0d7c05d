import type {
  EngineChoice,
  EngineExperiment,
  EngineExperimentOrder,
  EngineExperimentResult,
  EngineLedgerEntry,
} from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { assignArm } from '../../models/index.ts';
import { newId } from '../../platform/index.ts';
import type { RunnableEngine } from '../engines/engine.ts';
import { answerOf, type MadeRun } from '../trigger-run.ts';
import { EngineExperimentStore, type ExperimentEnd } from './engine-experiment-store.ts';
import type { EngineExperimentParts } from './experiment-parts.ts';
import { hourOf, judgeTrials } from './judge-trials.ts';
import { freshExperiment } from './start-engine-experiment.ts';
import { figuresOf } from './trial-figures.ts';
import { type EngineTrial, TrialStore } from './trial-store.ts';

/** Who plans for a cluster in a run. */
export interface RunPart {
  readonly engine: RunnableEngine;
  /** The experiment that the cluster takes part in, and on which side its plans are made. */
  readonly experiment?: EngineExperiment;
  readonly arm?: 'champion' | 'challenger';
  /** Asked the same question afterwards. Its answer becomes figures and nothing else. */
  readonly shadow?: RunnableEngine;
}

type Said = Pick<EngineTrial, 'champion' | 'challenger' | 'failure'>;

const nothingSaid: Said = { champion: null, challenger: null, failure: null };

/** Compares engines on the runs of clusters. One experiment runs at a time; a person promotes, a guardrail may end it. */
export class EngineExperiments {
  readonly #parts: EngineExperimentParts;
  readonly #store: EngineExperimentStore;
  readonly #trials: TrialStore;
  /** Clusters whose run still waits for the challenger: there is one question of each at most. */
  readonly #waiting = new Set<string>();
  #last: Promise<void> = Promise.resolve();
  #isStopped = false;
  #toldHour: number | undefined;

  constructor(parts: EngineExperimentParts) {
    this.#parts = parts;
    this.#store = new EngineExperimentStore(parts.database);
    this.#trials = new TrialStore(parts.database);
    parts.live.define('engine-experiments', async () =>
      (await this.list()).map(experiment => ({ key: experiment.id, value: experiment })),
    );
    parts.live.define('engine-experiment/*', async topic => {
      const { result } = await this.get(topic.slice('engine-experiment/'.length));
      return [{ key: 'result', value: result }];
    });
  }

  /** Newest first. */
  list(): Promise<EngineExperiment[]> {
    return this.#store.all();
  }

  /** @throws AppError `resource.not-found` */
  async get(id: string): Promise<{ experiment: EngineExperiment; result: EngineExperimentResult }> {
    const experiment = (await this.list()).find(one => one.id === id);
    if (!experiment) throw new AppError('resource.not-found', `There is no experiment "${id}".`);
    return { experiment, result: await this.#judge(experiment) };
  }

  ledger(page: { limit: number; before?: number | undefined }): Promise<EngineLedgerEntry[]> {
    return this.#store.ledger(page);
  }

  /** @throws AppError as `freshExperiment` does; `resource.conflict` when one runs already */
  async start(order: EngineExperimentOrder, actor: string): Promise<EngineExperiment> {
    const experiment = await freshExperiment(this.#parts, order, actor);
    if (!(await this.#store.start(experiment))) {
      throw new AppError('resource.conflict', 'An experiment between engines runs already.', {
        hint: 'Stop it, or wait for its result; one runs at a time.',
      });
    }
    return this.#publish(experiment);
  }

  /** Ends an experiment. @throws AppError `resource.not-found`, or `resource.conflict` when it has ended already */
  async stop(id: string, actor: string, reason: string | null): Promise<EngineExperiment> {
    const experiment = await this.#running(id);
    const how = { outcome: 'stopped', endedBy: actor, endReason: reason } as const;
    const ended = await this.#end(experiment, how);
    if (!ended) throw hasEnded();
    return ended;
  }

  /**
   * Ends an experiment, and the challenger becomes the engine of every cluster that uses the champion, by the same commit.
   * @throws AppError `resource.not-found`; `resource.conflict` when it has ended already; `engine.faulty`
   */
  async promote(id: string, actor: string): Promise<EngineExperiment> {
    const { engines, clock } = this.#parts;
    const experiment = await this.#running(id);
    const { championId, challengerId: engineId, challengerParameters } = experiment;
    const parameters = await engines.parametersFor(engineId, challengerParameters);
    const changedAt = clock.now();
    const how = { outcome: 'promoted', endedAt: changedAt, endedBy: actor, endReason: null } as const;
    const choices = (await this.#usersOf(championId)).map(
      (clusterId): EngineChoice => ({ clusterId, engineId, parameters, changedAt, changedBy: actor }),
    );
    await engines.chooseAll(choices, async transaction => {
      if (!(await this.#store.endIn(transaction, experiment, how))) throw hasEnded();
    });
    return this.#publish({ ...experiment, ...how });
  }

  /** Who plans for a cluster in its next run. @throws AppError `engine.faulty`, `resource.not-found` */
  async partOf(clusterId: string): Promise<RunPart> {
    const { engines } = this.#parts;
    const use = await engines.usedBy(clusterId);
    const champion = () => engines.engineFor(use);
    const experiment = await this.#store.running();
    if (experiment?.championId !== use.engineId) return { engine: await champion() };
    const challenger = await this.#challengerOf(experiment);
    if (!challenger) return { engine: await champion() };
    const arm = assignArm(experiment.rule, { clusterId });
    if (arm === 'challenger') return { engine: challenger, experiment, arm };
    const part = { engine: await champion(), experiment, arm };
    return experiment.rule.mode === 'shadow' ? { ...part, shadow: challenger } : part;
  }

  /** Keeps what a run showed; in shadow the challenger is asked first, in the background. */
  observe(part: RunPart, made: MadeRun): void {
    const { experiment, shadow, arm } = part;
    const { clusterId, costNowMicroUsdPerHour: cost } = made.run;
    if (!experiment || !arm) return;
    if (shadow) this.#inBackground(clusterId, () => this.#askInShadow(experiment, shadow, made));
    else
      this.#inBackground(clusterId, () =>
        this.#keep(experiment, clusterId, { ...nothingSaid, [arm]: figuresOf(made.answer, cost) }),
      );
  }

  /** Counts a run that failed because the challenger, whose turn it was, gave no answer. */
  observeFailure({ experiment, arm }: RunPart, clusterId: string, error: unknown): void {
    const failure = failureOf(error);
    if (!experiment || arm !== 'challenger' || !failure) return;
    this.#inBackground(clusterId, () => this.#keep(experiment, clusterId, { ...nothingSaid, failure }));
  }

  /** Tells what is known anew when an hour of the experiment is over, which counts from then on. */
  async refresh(): Promise<void> {
    const experiment = await this.#store.running();
    const hour = experiment && hourOf(experiment, this.#parts.clock.now());
    if (!experiment || hour === this.#toldHour) return;
    this.#toldHour = hour;
    await this.#tell(experiment);
  }

  /** Asks nothing more; resolves when what is under way has come to an end. */
  async close(): Promise<void> {
    this.#isStopped = true;
    await this.#last;
  }

  async #askInShadow(experiment: EngineExperiment, shadow: RunnableEngine, made: MadeRun): Promise<void> {
    const { run, question, answer } = made;
    try {
      const other = await answerOf(shadow, question);
      const cost = answer.costNowMicroUsdPerHour ?? other.costNowMicroUsdPerHour;
      const said = { champion: figuresOf(answer, cost), challenger: figuresOf(other, cost), failure: null };
      await this.#keep(experiment, run.clusterId, said);
    } catch (error) {
      this.#parts.log.warn({ experiment: experiment.id, err: error }, 'a challenger gave no answer');
      const failure = failureOf(error);
      if (failure) await this.#keep(experiment, run.clusterId, { ...nothingSaid, failure });
    }
  }

  /** Keeps what was said, tells what is known by it, and ends the experiment when a guardrail is breached. */
  async #keep(experiment: EngineExperiment, clusterId: string, said: Said): Promise<void> {
    // What is broken off at the end of this process is no answer that one could compare.
    if (this.#isStopped || (await this.#store.running())?.id !== experiment.id) return;
    const at = this.#parts.clock.now();
    const hour = hourOf(experiment, at);
    await this.#trials.add({
      ...said,
      id: newId('trial'),
      experimentId: experiment.id,
      clusterId,
      at,
      hour,
    });
    const result = await this.#tell(experiment);
    const breached = result.guardrails.find(guardrail => guardrail.breached);
    if (breached) await this.#endByGuardrail(experiment, breached.sentence);
  }

  async #judge(experiment: EngineExperiment): Promise<EngineExperimentResult> {
    const asOfMs = experiment.endedAt ?? this.#parts.clock.now();
    const hours = await this.#trials.hours(experiment.id, hourOf(experiment, asOfMs));
    return judgeTrials(experiment, hours, await this.#trials.totals(experiment.id), asOfMs);
  }

  async #tell(experiment: EngineExperiment): Promise<EngineExperimentResult> {
    const result = await this.#judge(experiment);
    this.#parts.live.publish(`engine-experiment/${experiment.id}`, 'result', result);
    return result;
  }

  /** The challenger, where it may be asked; one that is faulty ends the experiment. */
  async #challengerOf(experiment: EngineExperiment): Promise<RunnableEngine | undefined> {
    const { engines } = this.#parts;
    const { challengerId: engineId, challengerParameters: parameters } = experiment;
    const found = (await engines.list()).find(({ id }) => id === engineId);
    if (found?.state === 'ready') return engines.engineFor({ engineId, parameters });
    await this.#endByGuardrail(experiment, `The challenger is faulty. ${found?.faultyReason ?? ''}`.trim());
    return undefined;
  }

  async #endByGuardrail(experiment: EngineExperiment, endReason: string): Promise<void> {
    this.#parts.log.warn({ experiment: experiment.id, endReason }, 'an experiment between engines ended');
    await this.#end(experiment, { outcome: 'guardrail', endedBy: 'engine', endReason });
  }

  async #end(
    experiment: EngineExperiment,
    how: Omit<ExperimentEnd, 'endedAt'>,
  ): Promise<EngineExperiment | undefined> {
    const ended = await this.#store.end(experiment, { ...how, endedAt: this.#parts.clock.now() });
    return ended && this.#publish(ended);
  }

  async #running(id: string): Promise<EngineExperiment> {
    const { experiment } = await this.get(id);
    if (experiment.endedAt !== null) throw hasEnded();
    return experiment;
  }

  async #usersOf(engineId: string): Promise<string[]> {
    const { engines, clusters } = this.#parts;
    const uses = await Promise.all(
      clusters.summaries().map(async ({ id }) => ({ id, use: await engines.usedBy(id) })),
    );
    return uses.filter(({ use }) => use.engineId === engineId).map(({ id }) => id);
  }

  #publish(experiment: EngineExperiment): EngineExperiment {
    this.#parts.live.publish('engine-experiments', experiment.id, experiment);
    return experiment;
  }

  /** One after the other: each question may take a processor for a while, and nobody waits for it. */
  #inBackground(clusterId: string, work: () => Promise<void>): void {
    if (this.#waiting.has(clusterId)) return;
    this.#waiting.add(clusterId);
    this.#last = this.#last
      .then(async () => {
        if (!this.#isStopped) await work();
      })
      .catch((error: unknown) =>
        this.#parts.log.error({ clusterId, err: error }, 'a run could not be counted for an experiment'),
      )
      .finally(() => this.#waiting.delete(clusterId));
  }
}

/** Why an engine gave no answer, as far as that is its own doing: a cluster that is away is not. */
function failureOf(error: unknown): EngineTrial['failure'] {
  if (error instanceof AppError && error.code === 'cluster.away') return null;
  const reason = error instanceof Error ? error.message : String(error);
  const details = error instanceof AppError ? (error.details as { isOverrun?: boolean } | undefined) : {};
  return { kind: details?.isOverrun === true ? 'overrun' : 'invalid', reason };
}

function hasEnded(): AppError {
  return new AppError('resource.conflict', 'The experiment has ended already.');
}
