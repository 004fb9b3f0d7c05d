"""Trains a model of change in two parts, how likely the price changes and by how much if it does, and writes one joblib file.

    python train_change.py --rows rows.csv --out ..                                                  # rows of export-training-data.ts
    python train_change.py --rows rows.csv --region eu-west-1 --trained-until T --out .              # of export-recorded-rows.ts

The file is uploaded as it is: the control-center converts it, and multiplies both for the price. On rows of the pretend market it
prints, as Markdown, how that does on those that begin after "trained until"; recorded prices are for `cloudoptim evaluate`.
"""

import argparse
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from training_rows import (
    HORIZON_HOURS, NEIGHBOURS, SCOPE, SEED, TRAINED_ON, TRAINED_UNTIL, TREE_FEATURES, compare, golden_places, read_rows,
    reported,
)

OUTPUTS = [
    {"name": "change.label", "unused": True},
    {"name": "change.probabilities_0", "unused": True},
    {"name": "change.probabilities_1", "part": "change-probability"},
    {"name": "size", "part": "change-size"},
]


def fit(rows, target, trees):
    """How likely a change is, from all rows; its log-return, from those that changed."""
    shape = {
        "max_iter": trees, "max_leaf_nodes": 15, "learning_rate": 0.1, "min_samples_leaf": 100, "early_stopping": False,
        "random_state": SEED,
    }
    changed = target != 0
    return {
        "change": HistGradientBoostingClassifier(**shape).fit(rows, changed.astype(int)),
        "size": HistGradientBoostingRegressor(loss="squared_error", **shape).fit(rows[changed], target[changed]),
    }


def answers(models, rows):
    """All outputs of the file, in its order."""
    probabilities = models["change"].predict_proba(rows)
    return np.column_stack([models["change"].predict(rows), probabilities, models["size"].predict(rows)])


def manifest_of(name, trained_until, features, scope):
    return {
        "name": name, "version": "1.0.0", "task": "spot-price", "trainedUntil": trained_until,
        "features": [{"name": feature} for feature in features], "target": "log-return", "outputs": OUTPUTS,
        "horizonHours": HORIZON_HOURS, "resolutionMinutes": 60, "scope": scope,
    }


def pretend(arguments):
    train, price, later, table, names = read_rows(arguments.rows)
    target = np.log(later / price)
    held_out = ~train
    rows = table[:, [names.index(name) for name in TREE_FEATURES]]
    models = fit(rows[train], target[train], trees=80)
    given = answers(models, rows[held_out])
    expected = given[:, 2] * given[:, 3]
    figures = compare(price[held_out], later[held_out], expected)
    manifest = {
        **manifest_of("Spot price, change", TRAINED_UNTIL, TREE_FEATURES, SCOPE),
        "golden": [
            {"input": rows[held_out][place].tolist(), "output": given[place].tolist()}
            for place in golden_places(expected).tolist()
        ],
        "description": "Probability and size of a change, 80 trees of 15 leaves each (scikit-learn HistGradientBoosting); the price follows from their product.",
        "trainedOn": TRAINED_ON,
        "reported": reported(figures),
    }
    write(arguments, "spot-price-change", models, TREE_FEATURES, manifest)
    happened = (later != price)[held_out]
    brier = np.mean((given[:, 2] - happened) ** 2)
    base = np.mean((np.mean(target[train] != 0) - happened) ** 2)
    print("| points | MASE | MAE where it changed | \"stays\" there | where it rested | Brier score of a change | of the base rate |")
    print("|---|---|---|---|---|---|---|")
    print(
        f"| {figures['points']} | {figures['mase']:.3f} | {figures['changedMae']:.6f} | {figures['changedBaselineMae']:.6f} | "
        f"{figures['restingMae']:.6f} | {brier:.4f} | {base:.4f} |"
    )


def recorded(arguments):
    rows = pd.read_csv(arguments.rows)
    features = [name for name in TREE_FEATURES + NEIGHBOURS if name != "price_to_on_demand"]
    rows = rows.dropna(subset=features)
    target = np.log(rows["price_at_horizon_usd"] / rows["price_usd"]).to_numpy()
    print(f"{len(rows)} rows, {len(features)} features; {np.mean(target != 0):.1%} of the prices change")
    models = fit(rows[features].to_numpy(), target, trees=200)
    scope = {"regions": [arguments.region], "instanceTypes": [], "products": ["Linux/UNIX"]}
    manifest = manifest_of("Recorded change in two parts", arguments.trained_until, features, scope)
    write(arguments, "recorded-change", models, features, manifest)


def write(arguments, name, models, features, manifest):
    bundle = {"models": models, "feature_names": list(features), "manifest": manifest}
    joblib.dump(bundle, Path(arguments.out) / f"{name}.joblib", compress=("zlib", 9))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", default="rows.csv")
    parser.add_argument("--region", help="of recorded rows")
    parser.add_argument("--trained-until", help="of recorded rows")
    parser.add_argument("--out", default="..")
    arguments = parser.parse_args()
    if arguments.region:
        recorded(arguments)
    else:
        pretend(arguments)


if __name__ == "__main__":
    main()
