"""Trains three quantiles of the price on the rows of export-training-data.ts and writes them as one joblib file.

    python train_quantiles.py --rows rows.csv --out ..

It is uploaded as it is: the control-center converts it. Prints, as Markdown, how the band does on rows that begin after
"trained until".
"""

import argparse
from pathlib import Path

import joblib
import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from training_rows import (
    HORIZON_HOURS, SCOPE, SEED, TRAINED_ON, TRAINED_UNTIL, TREE_FEATURES, compare, golden_places, read_rows, reported,
)

QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}


def pinball(quantile, predicted, actual):
    above = actual - predicted
    return np.mean(np.maximum(quantile * above, (quantile - 1) * above))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", default="rows.csv")
    parser.add_argument("--out", default="..")
    arguments = parser.parse_args()

    train, price, later, table, names = read_rows(arguments.rows)
    target = np.log(later / price)
    held_out = ~train
    rows = table[:, [names.index(name) for name in TREE_FEATURES]]
    models = {
        name: HistGradientBoostingRegressor(
            loss="quantile", quantile=quantile, max_iter=150, max_leaf_nodes=15, learning_rate=0.1,
            min_samples_leaf=100, early_stopping=False, random_state=SEED,
        ).fit(rows[train], target[train])
        for name, quantile in QUANTILES.items()
    }
    given = np.column_stack([model.predict(rows[held_out]) for model in models.values()])
    figures = compare(price[held_out], later[held_out], np.sort(given, axis=1)[:, 1])
    manifest = {
        "name": "Spot price, quantiles", "version": "1.0.0", "task": "spot-price", "trainedUntil": TRAINED_UNTIL,
        "features": [{"name": feature} for feature in TREE_FEATURES],
        "target": "log-return",
        "outputs": [{"name": name, "quantile": quantile} for name, quantile in QUANTILES.items()],
        "horizonHours": HORIZON_HOURS, "resolutionMinutes": 60, "scope": SCOPE,
        "golden": [
            {"input": rows[held_out][place].tolist(), "output": given[place].tolist()}
            for place in golden_places(given[:, 1]).tolist()
        ],
        "description": "150 trees of 15 leaves for each of three quantiles of the log-return (scikit-learn HistGradientBoosting).",
        "trainedOn": TRAINED_ON,
        "reported": reported(figures),
    }
    bundle = {"models": models, "feature_names": TREE_FEATURES, "manifest": manifest}
    joblib.dump(bundle, Path(arguments.out) / "spot-price-quantiles.joblib", compress=("zlib", 9))

    prices = np.round(price[held_out, None] * np.exp(np.sort(given, axis=1)), 6)
    actual = later[held_out]
    within = (prices[:, 0] <= actual) & (actual <= prices[:, 2])
    changed = actual != price[held_out]
    loss = np.mean([pinball(q, prices[:, place], actual) for place, q in enumerate(QUANTILES.values())])
    crossed = np.mean(np.any(np.diff(given, axis=1) < 0, axis=1))
    print("| points | MASE | pinball loss USD/h | within 10 % to 90 % | of those that changed | crossed |")
    print("|---|---|---|---|---|---|")
    print(
        f"| {figures['points']} | {figures['mase']:.3f} | {loss:.6f} | {within.mean():.1%} | "
        f"{within[changed].mean():.1%} | {crossed:.1%} |"
    )


if __name__ == "__main__":
    main()
