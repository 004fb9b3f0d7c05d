import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';

const PYTHON = '/usr/bin/python3';

/** Fits both models on the same data, and writes them, rows to predict and what they say to a folder. */
const FIT = `
import pickle, sys
import numpy as np
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
folder = sys.argv[1]
random = np.random.default_rng(7)
def table(count):
    return random.normal(size=(count, 22))
def target(X):
    return 2 * X[:, 0] + np.sin(3 * X[:, 1]) + X[:, 2] * X[:, 3] + random.normal(size=len(X)) * 0.1
X = table(10_000); y = target(X); rows = table(10_000)
forest = RandomForestRegressor(n_estimators=100, max_features=5, random_state=1, n_jobs=2).fit(X, y)
boosted = GradientBoostingRegressor(n_estimators=300, max_depth=5, subsample=0.5, max_features=8, random_state=1).fit(X[:4_000], y[:4_000])
forest.n_jobs = 1
rows.tofile(folder + '/rows.f64')
for name, model in (('forest', forest), ('boosted', boosted)):
    with open(f'{folder}/{name}.pkl', 'wb') as file:
        pickle.dump(model, file)
    model.predict(rows).tofile(f'{folder}/{name}.f64')
print(int(np.mean([tree.tree_.node_count for tree in forest.estimators_])))
`;

/** Answers each line "rows repetitions" with the milliseconds of one `predict`, on one thread. */
const PREDICT = `
import pickle, sys, time
import numpy as np
folder = sys.argv[1]
rows = np.fromfile(folder + '/rows.f64').reshape(-1, 22)
with open(folder + '/boosted.pkl', 'rb') as file:
    model = pickle.load(file)
print('ready', flush=True)
for line in sys.stdin:
    count, times = map(int, line.split())
    start = time.perf_counter()
    for _ in range(times):
        model.predict(rows[:count])
    print((time.perf_counter() - start) * 1000 / times, flush=True)
`;
const environment = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };

/** Version of scikit-learn here; `undefined` where there is none. */
export function scikitLearnVersion(): string | undefined {
  const { status, stdout } = spawnSync(PYTHON, ['-c', 'import sklearn; print(sklearn.__version__)'], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** Writes `forest.pkl`, `boosted.pkl`, `rows.f64` and what each model says. @returns nodes of one tree of the forest */
export function fitModels(folder: string): number {
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', FIT, folder], {
    encoding: 'utf8',
    env: environment,
  });
  if (status !== 0) throw new Error(`scikit-learn could not fit the models: ${stderr}`);
  return Number(stdout);
}

/** scikit-learn's own `predict` in a process that stays. */
export class PythonPredictor {
  readonly #process: ChildProcess;
  readonly #lines: Interface;

  private constructor(folder: string) {
    this.#process = spawn(PYTHON, ['-c', PREDICT, folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: environment,
    });
    if (!this.#process.stdout) throw new Error('Python has no standard output.');
    this.#lines = createInterface({ input: this.#process.stdout });
  }

  static async start(folder: string): Promise<PythonPredictor> {
    const predictor = new PythonPredictor(folder);
    await once(predictor.#lines, 'line');
    return predictor;
  }

  /** Milliseconds of one call for so many rows, the mean of so many calls. */
  async measure(rows: number, calls: number): Promise<number> {
    const answer = once(this.#lines, 'line');
    this.#process.stdin?.write(`${rows} ${calls}\n`);
    return Number((await answer)[0]);
  }

  close(): void {
    this.#process.kill('SIGKILL');
  }
}
