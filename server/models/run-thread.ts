import { parentPort, Worker, workerData } from 'node:worker_threads';
import { LoadedModel } from './loaded-model.ts';
import { runSlices, type SharedRun } from './shared-run.ts';
import { type RowModel, TreeModel, type TreePlan } from './trees/index.ts';

/**
 * What one more thread may take. Without a limit V8 reserves half a gigabyte of addresses for code alone, which the cap of
 * the child counts.
 */
const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8, codeRangeSizeMb: 16 };

/** What a thread tells: first that it has loaded the model, or that it cannot; then of each run whether it went well. */
type ThreadNews = 'loaded' | 'not loaded' | 'ran' | 'failed';

/** What a thread gets: the model's file, or how its trees are walked. */
type ThreadModel = { readonly content: Uint8Array<ArrayBuffer> } | { readonly plan: TreePlan };

/** Another thread of the inference child, with a session of its own. */
export class RunThread {
  readonly #worker: Worker;
  #isLoaded = false;
  #settle: (ran: boolean) => void = () => undefined;

  /**
   * @param script calls `serveAsThread` when it is not the main thread
   * @param model a file's content is taken away
   * @param onLost hears that a thread that had loaded the model ended, which nothing asked it to
   */
  constructor(script: string, model: ThreadModel, onLost: () => void) {
    this.#worker = new Worker(script, {
      workerData: model,
      transferList: 'content' in model ? [model.content.buffer] : [],
      resourceLimits,
    });
    this.#worker.on('message', (news: ThreadNews) => {
      if (news === 'loaded') this.#isLoaded = true;
      else this.#settle(news === 'ran');
    });
    // One that ends before it is ready, maybe for want of memory, is only not there.
    this.#worker.on('error', () => undefined);
    this.#worker.on('exit', () => {
      if (this.#isLoaded) onLost();
    });
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Ends it, which is no loss. */
  async close(): Promise<void> {
    this.#isLoaded = false;
    await this.#worker.terminate();
  }

  /** Takes part in a run. @returns whether all went well, once it has no slice under way any more */
  run(run: SharedRun): Promise<boolean> {
    return new Promise(resolve => {
      this.#settle = resolve;
      this.#worker.postMessage(run);
    });
  }
}

/** The other side: loads the model and takes part in runs. */
export function serveAsThread(): void {
  const tell = (news: ThreadNews) => parentPort?.postMessage(news);
  const model = loaded(workerData as ThreadModel);
  if (!model) {
    tell('not loaded');
    return;
  }
  parentPort?.on('message', (run: SharedRun) => {
    try {
      runSlices(model, run);
      tell('ran');
    } catch {
      // The main thread runs the rows again by itself, and says what is wrong with them.
      tell('failed');
    }
  });
  tell('loaded');
}

function loaded(model: ThreadModel): RowModel | undefined {
  try {
    return 'plan' in model ? new TreeModel(model.plan) : LoadedModel.load(model.content);
  } catch {
    return undefined;
  }
}
