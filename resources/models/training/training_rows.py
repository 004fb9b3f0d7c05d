"""What the trainings share: the rows of export-training-data.ts, which features go in, and how errors are compared."""

import numpy as np

TRAINED_UNTIL = "2026-10-20T00:00:00Z"
HORIZON_HOURS = 24
SEED = 7
GOLDEN_ROWS = 16
TRAINED_ON = (
    "The built-in pretend market (seed 1, 89 types, 3 zones of us-east-1, Linux), 120 days; no price of it was ever paid."
)
SCOPE = {"regions": ["us-east-1"], "instanceTypes": [], "products": ["Linux/UNIX"]}

# No price level and no size of the type: the model is to learn how prices move, not which pool it sees.
TREE_FEATURES = [
    "price_to_on_demand",
    "return_1h", "return_6h", "return_24h", "return_72h", "return_168h",
    "mean_24h_to_last", "std_24h_to_last", "min_24h_to_last", "max_24h_to_last", "changes_24h",
    "mean_168h_to_last", "std_168h_to_last", "min_168h_to_last", "max_168h_to_last", "changes_168h",
    "hours_since_change", "last_change_return",
    "hour_of_day_sin", "hour_of_day_cos", "day_of_week_sin", "day_of_week_cos",
]


# Where other zones and sizes stand says where this one may go.
NEIGHBOURS = [
    "zones_known", "price_to_lowest_zone", "price_to_median_zone", "zones_return_24h",
    "per_vcpu_to_lowest_size", "per_vcpu_to_median_size", "sizes_return_24h",
]


def read_rows(path):
    """Whether each row is trained on, its price, the price at the horizon, all features, and their names."""
    with open(path, encoding="utf8") as file:
        header = file.readline().strip().split(",")
    split = np.loadtxt(path, delimiter=",", skiprows=1, usecols=[0], dtype=str)
    values = np.loadtxt(path, delimiter=",", skiprows=1, usecols=range(3, len(header)))
    return split == "train", values[:, 0], values[:, 1], values[:, 2:], header[5:]


def golden_places(expected):
    """Rows to check a model by: half of them are moving pools, or a model that always says zero would pass."""
    moving = np.flatnonzero(np.abs(expected) > 1e-3)
    random = np.random.default_rng(SEED)
    return np.concatenate([
        random.choice(moving, GOLDEN_ROWS // 2, replace=False),
        random.choice(len(expected), GOLDEN_ROWS // 2, replace=False),
    ])


def compare(price, later, predicted_log_return):
    """Errors in USD per hour; predictions are rounded to micro-USD as the control-center keeps them."""
    predicted = np.round(price * np.exp(predicted_log_return), 6)
    error, baseline = np.abs(predicted - later), np.abs(price - later)
    changed = baseline > 0
    return {
        "points": int(len(error)), "mae": error.mean(), "baselineMae": baseline.mean(),
        "mase": error.mean() / baseline.mean(),
        "changedPoints": int(changed.sum()), "changedMae": error[changed].mean(),
        "changedBaselineMae": baseline[changed].mean(),
        "restingMae": error[~changed].mean(),
    }


def reported(figures):
    """What a manifest says of the errors that were measured after the training."""
    return {
        "mae": round(figures["mae"], 9), "baselineMae": round(figures["baselineMae"], 9),
        "points": figures["points"],
        "note": (
            f"Pretend market after trainedUntil, every 4 h for 32 days: MASE {figures['mase']:.3f}; on the "
            f"{figures['changedPoints']} points whose price changed MAE {figures['changedMae']:.6f} against "
            f"{figures['changedBaselineMae']:.6f} USD/h."
        ),
    }
