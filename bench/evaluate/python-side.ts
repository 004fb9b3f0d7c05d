import { spawnSync } from 'node:child_process';

const PYTHON = '/usr/bin/python3';

/** The backtest as somebody writes it with pandas and scikit-learn: pool by pool, rolling windows of an hourly grid. */
const COMMON = `
import json, pickle, resource, sys, time
import numpy as np
import pandas as pd

def pools_of(path):
    table = pd.read_csv(path, parse_dates=['timestamp'])
    end = table['timestamp'].max()
    for key, group in table.groupby(['instance_type', 'availability_zone']):
        series = group.set_index('timestamp')['price_usd']
        yield key, series.reindex(pd.date_range(series.index[0], end, freq='1h')).ffill(limit=24)

def features_of(price):
    log = np.log(price)
    changed = price.ne(price.shift(1)); changed.iloc[0] = False
    place = np.arange(len(price))
    ago = pd.Series(place - pd.Series(np.where(changed, place, np.nan)).ffill().to_numpy(), index=price.index)
    known = pd.Series(np.where(place >= 168, 0.0, np.nan), index=price.index)
    table = {'log_last_price': log}
    for hours in (1, 6, 24, 72, 168):
        table[f'return_{hours}h'] = log - log.shift(hours)
    before = price.shift(1)
    for hours in (24, 168):
        table[f'mean_{hours}h_to_last'] = before.rolling(hours).mean() / price - 1
        table[f'std_{hours}h_to_last'] = before.rolling(hours).std(ddof=0) / price
        table[f'min_{hours}h_to_last'] = price.rolling(hours + 1).min() / price - 1
        table[f'max_{hours}h_to_last'] = price.rolling(hours + 1).max() / price - 1
        table[f'changes_{hours}h'] = changed.rolling(hours).sum()
    table['hours_since_change'] = ago.where(ago < 168, known + 168)
    table['last_change_return'] = (log - log.shift(1)).where(changed).ffill().where(ago < 168, known)
    day = 2 * np.pi * price.index.hour / 24
    week = 2 * np.pi * (((price.index.dayofweek + 1) % 7) * 24 + price.index.hour) / 168
    table['hour_of_day_sin'] = np.sin(day); table['hour_of_day_cos'] = np.cos(day)
    table['day_of_week_sin'] = np.sin(week); table['day_of_week_cos'] = np.cos(week)
    return pd.DataFrame(table, index=price.index)
`;

const FIT = `${COMMON}
from sklearn.ensemble import GradientBoostingRegressor
prices, model = sys.argv[1:]
X, y = [], []
for index, (key, price) in enumerate(pools_of(prices)):
    if index % 14: continue
    price = price.dropna()
    table = features_of(price)
    target = np.log(price.shift(-24) / price)
    use = table.notna().all(axis=1) & target.notna()
    X.append(table[use].iloc[::50]); y.append(target[use].iloc[::50])
X = pd.concat(X).to_numpy(); y = np.concatenate(y)
fitted = GradientBoostingRegressor(n_estimators=300, max_depth=5, subsample=0.5, max_features=8, random_state=1).fit(X, y)
with open(model, 'wb') as file:
    pickle.dump(fitted, file)
`;

const BACKTEST = `${COMMON}
started = time.perf_counter()
prices, path = sys.argv[1:]
with open(path, 'rb') as file:
    model = pickle.load(file)
rows, names = [], ('model', 'persistence', 'seasonal', 'drift')
absolute = dict.fromkeys(names, 0.0); squares = dict.fromkeys(names, 0.0); mapes = {name: [] for name in names}
points, changed_points, changed, gains = 0, 0, 0.0, []
spent = 0.0
for key, price in pools_of(prices):
    price = price.dropna()
    table = features_of(price)
    later = price.shift(-24)
    table = table[table.notna().all(axis=1) & later.notna()]
    if table.empty: continue
    now = price[table.index]; came = later[table.index]
    predicting = time.perf_counter()
    returns = model.predict(table.to_numpy())
    spent += time.perf_counter() - predicting
    said = {
        'model': (now * np.exp(returns)).round(6),
        'persistence': now,
        'seasonal': price.shift(144)[table.index],
        'drift': now + (now - price.shift(168)[table.index]) / 7,
    }
    error = {name: (said[name] - came).abs() for name in names}
    for name in names:
        absolute[name] += error[name].sum(); squares[name] += (error[name] ** 2).sum()
        mapes[name].append(100 * (error[name] / came).mean())
    moved = came != now
    changed += error['model'][moved].sum(); changed_points += int(moved.sum())
    points += len(now)
    gains.append(error['persistence'] - error['model'])
gain = pd.concat(gains, axis=1).mean(axis=1).to_numpy()
count = len(gain); away = gain - gain.mean()
variance = away @ away / count + sum(2 * (1 - lag / 24) * (away[lag:] @ away[:-lag]) / count for lag in range(1, 24))
statistic = np.sqrt((count + 1 - 48 + 24 * 23 / count) / count) * gain.mean() / np.sqrt(variance / count)
print(json.dumps({
    'points': points, 'mae': absolute['model'] / points, 'mape': float(np.mean(mapes['model'])),
    'persistenceMae': absolute['persistence'] / points, 'driftMae': absolute['drift'] / points,
    'seasonalMae': absolute['seasonal'] / points,
    'changedPoints': changed_points, 'changedMae': changed / changed_points, 'statistic': float(statistic),
    'seconds': time.perf_counter() - started, 'predictSeconds': spent,
    'peakMib': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
`;

/** What Python finds out, and what it took: from the start of its work, without starting Python. */
export interface PythonBacktest {
  readonly points: number;
  readonly mae: number;
  readonly mape: number;
  readonly persistenceMae: number;
  readonly driftMae: number;
  readonly seasonalMae: number;
  readonly changedPoints: number;
  readonly changedMae: number;
  readonly statistic: number;
  readonly seconds: number;
  readonly predictSeconds: number;
  readonly peakMib: number;
}

/** Versions of scikit-learn and pandas here; `undefined` where one is missing. */
export function pythonVersions(): string | undefined {
  const print =
    'import sklearn, pandas; print("scikit-learn", sklearn.__version__, "pandas", pandas.__version__)';
  const { status, stdout } = spawnSync(PYTHON, ['-c', print], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** Fits 300 trees on a part of the prices, and pickles them. */
export function fitModel(prices: string, model: string): void {
  run(FIT, prices, model);
}

/** One backtest of all pools. */
export function backtestInPython(prices: string, model: string): PythonBacktest {
  return JSON.parse(run(BACKTEST, prices, model)) as PythonBacktest;
}

function run(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-W', 'ignore', '-c', program, ...args], {
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  if (status !== 0) throw new Error(`Python failed: ${stderr}`);
  return stdout;
}
