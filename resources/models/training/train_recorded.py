"""Trains models of the change of a price on the rows of export-recorded-rows.ts, and writes them as joblib files.

    python train_recorded.py --rows rows.csv --region eu-west-1 --trained-until 2022-01-27T00:00:00Z --out .

What they learn is ln(price at the horizon / price now): how far a price moves, if it does. Nothing is measured here: that is
what `cloudoptim evaluate` is for, on prices that begin where the rows end.
"""

import argparse
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor

from training_rows import HORIZON_HOURS, NEIGHBOURS, SEED, TREE_FEATURES

QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}


def forest(**options):
    return HistGradientBoostingRegressor(
        max_iter=200, max_leaf_nodes=31, learning_rate=0.08, min_samples_leaf=200, early_stopping=False,
        random_state=SEED, **options,
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", default="rows.csv")
    parser.add_argument("--region", required=True)
    parser.add_argument("--trained-until", required=True)
    parser.add_argument("--out", default=".")
    arguments = parser.parse_args()

    rows = pd.read_csv(arguments.rows)
    features = [name for name in TREE_FEATURES + NEIGHBOURS if name != "price_to_on_demand"]
    rows = rows.dropna(subset=features)
    table = rows[features].to_numpy()
    target = np.log(rows["price_at_horizon_usd"] / rows["price_usd"]).to_numpy()
    print(f"{len(rows)} rows, {len(features)} features; {np.mean(target != 0):.1%} of the prices change")

    median = forest(loss="absolute_error").fit(table, target)
    mean = forest(loss="squared_error").fit(table, target)
    band = {name: forest(loss="quantile", quantile=q).fit(table, target) for name, q in QUANTILES.items()}
    write(arguments, features, "median", {"model": median})
    write(arguments, features, "mean", {"model": mean})
    outputs = [{"name": name, "quantile": q} for name, q in QUANTILES.items()]
    write(arguments, features, "quantiles", {"models": band}, outputs)


def write(arguments, features, kind, bundle, outputs=None):
    manifest = {
        "name": f"Recorded change, {kind}", "version": "1.0.0", "task": "spot-price",
        "trainedUntil": arguments.trained_until, "features": [{"name": feature} for feature in features],
        "target": "log-return", "horizonHours": HORIZON_HOURS, "resolutionMinutes": 60,
        "scope": {"regions": [arguments.region], "instanceTypes": [], "products": ["Linux/UNIX"]},
        **({"outputs": outputs} if outputs else {}),
    }
    path = Path(arguments.out) / f"recorded-{kind}.joblib"
    joblib.dump({**bundle, "feature_names": features, "manifest": manifest}, path, compress=("zlib", 9))


if __name__ == "__main__":
    main()
