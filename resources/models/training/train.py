"""Trains the sample models on the rows of export-training-data.ts and writes them as ONNX with a manifest.

    python train.py --rows rows.csv --out ..

Prints, as Markdown, how the models compare with "the last price stays" on rows that begin after "trained until".
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from training_rows import (
    HORIZON_HOURS, SCOPE, SEED, TRAINED_ON, TRAINED_UNTIL, TREE_FEATURES, compare, golden_places, read_rows, reported,
)

# Only features that are zero while a price rests: without an intercept, a resting price is then predicted to rest.
RIDGE_FEATURES = [
    "return_1h", "return_6h", "return_24h", "return_72h", "return_168h",
    "mean_24h_to_last", "min_24h_to_last", "max_24h_to_last",
    "mean_168h_to_last", "min_168h_to_last", "max_168h_to_last",
    "last_change_return",
]


def tensor(name, values):
    return numpy_helper.from_array(np.asarray(values), name)


def model_of(nodes, initializers, columns, opsets):
    graph = helper.make_graph(
        nodes, "spot-price",
        [helper.make_tensor_value_info("X", TensorProto.DOUBLE, ["rows", columns])],
        [helper.make_tensor_value_info("log_return", TensorProto.DOUBLE, ["rows", 1])],
        initializers,
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid(domain, version) for domain, version in opsets],
        ir_version=9, producer_name="cloudoptim resources/models/training",
    )


def ridge_to_onnx(pipeline):
    scaler, ridge = pipeline[0], pipeline[1]
    nodes = [
        helper.make_node("Div", ["X", "scale"], ["scaled"]),
        helper.make_node("MatMul", ["scaled", "coefficients"], ["log_return"]),
    ]
    initializers = [
        tensor("scale", scaler.scale_.astype(np.float64)),
        tensor("coefficients", ridge.coef_.astype(np.float64).reshape(-1, 1)),
    ]
    return model_of(nodes, initializers, len(scaler.scale_), [("", 19)])


def trees_to_onnx(model, columns):
    """HistGradientBoosting compares in float64, so thresholds, values and sums are double (TreeEnsemble, ai.onnx.ml 5)."""
    features, splits, true_ids, true_leafs, false_ids, false_leafs, missing = [], [], [], [], [], [], []
    weights, roots = [], []

    for (predictor,) in model._predictors:
        table = predictor.nodes
        inner = {}
        leaf = {}
        for index, node in enumerate(table):
            if node["is_leaf"]:
                leaf[index] = len(weights)
                weights.append(float(node["value"]))
            else:
                inner[index] = len(features) + len(inner)
        roots.append(inner[0])
        for index in inner:
            node = table[index]
            assert not node["is_categorical"]
            left, right = int(node["left"]), int(node["right"])
            features.append(int(node["feature_idx"]))
            splits.append(float(node["num_threshold"]))
            missing.append(int(node["missing_go_to_left"]))
            true_leafs.append(int(left in leaf))
            true_ids.append(leaf[left] if left in leaf else inner[left])
            false_leafs.append(int(right in leaf))
            false_ids.append(leaf[right] if right in leaf else inner[right])

    ensemble = helper.make_node(
        "TreeEnsemble", ["X"], ["sum"], domain="ai.onnx.ml",
        n_targets=1, aggregate_function=1, post_transform=0, tree_roots=roots,
        nodes_featureids=features, nodes_splits=tensor("splits", np.array(splits, dtype=np.float64)),
        nodes_modes=tensor("modes", np.zeros(len(features), dtype=np.uint8)),
        nodes_truenodeids=true_ids, nodes_trueleafs=true_leafs,
        nodes_falsenodeids=false_ids, nodes_falseleafs=false_leafs,
        nodes_missing_value_tracks_true=missing,
        leaf_targetids=[0] * len(weights), leaf_weights=tensor("weights", np.array(weights, dtype=np.float64)),
    )
    baseline = tensor("baseline", np.array([[float(model._baseline_prediction.ravel()[0])]]))
    nodes = [ensemble, helper.make_node("Add", ["sum", "baseline"], ["log_return"])]
    return model_of(nodes, [baseline], columns, [("", 19), ("ai.onnx.ml", 5)])


def write(out, name, title, description, onnx_model, features, rows, expected, figures):
    chosen = golden_places(expected)
    manifest = {
        "name": title, "version": "1.0.0", "task": "spot-price", "trainedUntil": TRAINED_UNTIL,
        "features": [{"name": feature} for feature in features],
        "target": "log-return", "horizonHours": HORIZON_HOURS, "resolutionMinutes": 60,
        "scope": SCOPE,
        "golden": [{"input": rows[i].tolist(), "output": [float(expected[i])]} for i in chosen],
        "description": description,
        "trainedOn": TRAINED_ON,
        "reported": reported(figures),
    }
    helper.set_model_props(onnx_model, {"cloudoptim_manifest": json.dumps(manifest)})
    onnx.checker.check_model(onnx_model, full_check=True)
    data = onnx_model.SerializeToString(deterministic=True)
    session = onnxruntime.InferenceSession(data)
    got = session.run(None, {"X": np.ascontiguousarray(rows)})[0].ravel()
    worst = np.max(np.abs(got - expected) / np.maximum(np.abs(expected), 1e-12))
    assert worst <= 1e-9, worst
    (out / f"{name}.onnx").write_bytes(data)
    (out / f"{name}.manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf8")
    print(
        f"| {name} | {figures['points']} | {figures['mae']:.6f} | {figures['baselineMae']:.6f} | {figures['mase']:.3f} | "
        f"{figures['changedPoints']} | {figures['changedMae']:.6f} | {figures['changedBaselineMae']:.6f} | "
        f"{figures['restingMae']:.6f} | {worst:.1e} | {len(data)} |"
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", default="rows.csv")
    parser.add_argument("--out", default="..")
    arguments = parser.parse_args()
    out = Path(arguments.out)

    train, price, later, table, names = read_rows(arguments.rows)
    target = np.log(later / price)
    held_out = ~train
    print("| model | points | MAE USD/h | MAE of \"stays\" | MASE | changed points | MAE there | \"stays\" there | MAE where it rested | parity | bytes |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")

    rows = table[:, [names.index(name) for name in RIDGE_FEATURES]]
    ridge = make_pipeline(StandardScaler(with_mean=False), Ridge(alpha=100.0, fit_intercept=False))
    ridge.fit(rows[train], target[train])
    expected = ridge.predict(rows[held_out])
    write(
        out, "spot-price-ridge", "Spot price, ridge",
        "Ridge regression on scaled returns; a resting price is predicted to rest.",
        ridge_to_onnx(ridge), RIDGE_FEATURES, rows[held_out], expected,
        compare(price[held_out], later[held_out], expected),
    )

    rows = table[:, [names.index(name) for name in TREE_FEATURES]]
    trees = HistGradientBoostingRegressor(
        loss="absolute_error", max_iter=120, max_leaf_nodes=15, learning_rate=0.1,
        min_samples_leaf=100, early_stopping=False, random_state=SEED,
    )
    trees.fit(rows[train], target[train])
    expected = trees.predict(rows[held_out])
    write(
        out, "spot-price-gbt", "Spot price, gradient-boosted trees",
        "120 trees of 15 leaves that minimise the absolute error of the log-return (scikit-learn HistGradientBoosting).",
        trees_to_onnx(trees, len(TREE_FEATURES)), TREE_FEATURES, rows[held_out], expected,
        compare(price[held_out], later[held_out], expected),
    )


if __name__ == "__main__":
    main()
