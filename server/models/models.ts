import type { Readable } from 'node:stream';
import type {
  ActivationEntry,
  ActiveModel,
  Experiment,
  ExperimentOrder,
  MarketScope,
  Model,
  ModelDraft,
} from '../../common/contracts/index.ts';
import type { Clock, Database, LiveHub, Logger } from '../platform/index.ts';
import type { ForecastSubject } from './assign-arm.ts';
import type { FeatureNames } from './manifest.ts';
import type { FileLimits } from './model-files.ts';
import type { ModelSession } from './model-session.ts';
import type { ModelTask } from './model-tables.ts';
import type { ChildSettings } from './start-inference-child.ts';

/** What a model needs from the market to predict for today. */
export interface ModelNeed {
  readonly scope: MarketScope;
  readonly trainedUntilMs: number;
  readonly lookbackMs: number;
}

/** The room of models. */
export interface Models {
  /** Newest first. */
  list(): Promise<Model[]>;
  /** @throws AppError `resource.not-found`. */
  get(id: string): Promise<Model>;
  /** Entries of the activation ledger about a model, oldest first. */
  activationsOf(id: string): Promise<ActivationEntry[]>;
  /**
   * Takes a model into the registry; see `registerModel` for what it may throw. A sound file whose manifest is missing or
   * wrong waits for an hour; the error's `details.draft` says what is needed.
   * @param source a stream, or the path of a file
   * @param manifestText manifest from beside the file, or how to get it once the file has been read
   */
  register(
    source: Readable | string,
    fileName: string,
    manifestText?: string | (() => Promise<string | undefined>),
  ): Promise<Model>;
  /** Takes a waiting file in. @throws AppError as `register`; the file goes on waiting then */
  registerDraft(draftId: string, manifest: unknown): Promise<Model>;
  /** Files that wait for their manifest, oldest first. */
  drafts(): Promise<ModelDraft[]>;
  discardDraft(draftId: string): Promise<void>;
  /** Changes notes or tags. */
  annotate(
    id: string,
    change: { readonly notes?: string; readonly tags?: readonly string[] },
  ): Promise<Model>;
  /** Removes a version and its files. @throws AppError `resource.conflict` while the ledger or an experiment names it. */
  delete(id: string): Promise<void>;
  /** A version's file for download, from a byte on; `bytes` is the size of the whole. @throws AppError `storage.damaged` */
  readFile(
    id: string,
    kind: 'onnx' | 'original',
    fromByte?: number,
  ): Promise<{ readonly model: Model; readonly stream: Readable; readonly bytes: number }>;
  /** Makes a model the champion of its task. @throws AppError `model.not-ready` or `model.faulty`; the old one serves on. */
  activate(id: string, actor: string): Promise<Model>;
  /** Makes the champion before the present one champion again. @throws AppError `resource.conflict` when there is none. */
  rollback(task: ModelTask, actor: string): Promise<Model>;
  /** A champion turned out worse than what served without it: see `fallBack`. */
  breachGate(id: string, reason: string): Promise<void>;
  champion(task: ModelTask): Promise<Model | undefined>;
  /** Which model answers for a subject, by the ledger; as of now unless told. */
  activeFor(task: ModelTask, subject: ForecastSubject | undefined, atMs?: number): Promise<ActiveModel>;
  /** The same for many subjects at once, in their order. */
  activeForEach(task: ModelTask, subjects: readonly ForecastSubject[]): Promise<ActiveModel[]>;
  /** Newest first. */
  experiments(): Promise<Experiment[]>;
  /** See `startExperiment`. */
  startExperiment(order: ExperimentOrder, actor: string): Promise<Experiment>;
  /** See `endExperiment`. */
  endExperiment(id: string, how: Pick<Experiment, 'outcome' | 'endedBy' | 'endReason'>): Promise<Experiment>;
  /** The model's one process, started and checked when it does not run yet. */
  openSession(modelId: string): Promise<ModelSession>;
  need(modelId: string): Promise<ModelNeed | undefined>;
  /** Looks again how much of what today's features need is on disk; models become ready or not by it. */
  refreshCoverage(): Promise<void>;
  /** Hears of each model that became champion. */
  onActivated(listener: (model: Model) => void): void;
  /** Hears of each model that was taken in. */
  onRegistered(listener: (model: Model) => void): void;
  /** Hears the id of each version that was removed. */
  onDeleted(listener: (id: string) => void): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface ModelParts {
  readonly database: Database;
  readonly live: LiveHub;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where the files are kept. */
  readonly folder: string;
  readonly limits: FileLimits;
  /** Part of `[fromMs, toMs)` that is on disk for a scope. */
  readonly coveredShare: (scope: MarketScope, fromMs: number, toMs: number) => Promise<number>;
  readonly features: FeatureNames;
  /** The Node program for child processes. */
  readonly nodePath: string;
  /** Other limits of children than the usual ones. */
  readonly children?: Omit<ChildSettings, 'nodePath'>;
}
