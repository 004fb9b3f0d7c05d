import type { Tensor } from '../graph/index.ts';
import type { BoostedTree } from './boosted-trees.ts';

/** What is done to the sum of the leaves. */
export type BoosterLink =
  | { readonly kind: 'identity' }
  | { readonly kind: 'exp' }
  /** `1 / (1 + exp(-scale x))`, per output. */
  | { readonly kind: 'sigmoid'; readonly scale: number }
  | { readonly kind: 'softmax' }
  /** `sign(x) x²`: LightGBM's `reg_sqrt`. */
  | { readonly kind: 'signed-square' }
  /** `log(1 + exp(x))`: LightGBM's `cross_entropy_lambda`. */
  | { readonly kind: 'softplus' }
  /** 1 above zero, else 0. */
  | { readonly kind: 'step' };

/** A booster of either library, read and checked, ready to become a graph. */
export interface BoosterModel {
  readonly library: 'xgboost' | 'lightgbm';
  /** As the file says; empty when it does not. */
  readonly libraryVersion: string;
  /** In which floating-point numbers the library compares and adds. */
  readonly precision: 'float32' | 'float64';
  /** Columns the model was trained on. */
  readonly columns: number;
  readonly features: readonly string[] | undefined;
  /** Sums per row: 1, or one per class or target. */
  readonly outputs: number;
  readonly body: BoosterBody;
  /** The sums are divided by this (random forests of LightGBM). */
  readonly divisor: number;
  readonly link: BoosterLink;
  /** `binary` and `multiclass` have classes; a `regression` has values. `class-index` gives only the most likely class. */
  readonly task: 'regression' | 'binary' | 'multiclass';
  /** A value that stands for a missing one besides NaN. */
  readonly missing: number | undefined;
  /** Classes as the file names them; positions 0, 1, … when it does not. */
  readonly classes: readonly (string | number)[] | undefined;
  readonly warnings: readonly string[];
}

export type BoosterBody =
  | {
      readonly kind: 'trees';
      readonly trees: readonly BoostedTree[];
      /** Added first, one per output, as the library does. */
      readonly base: readonly number[] | undefined;
      /** LightGBM prepares columns: see `TreeColumns`. */
      readonly treeColumns: TreeColumns;
    }
  | {
      readonly kind: 'linear';
      /** Row-major, columns × outputs. */
      readonly weights: Float64Array;
      /** One per output. */
      readonly bias: Float64Array;
    };

/**
 * What the trees' columns are: `plain`, the model's own; with `zero` and `category`, those follow after the model's own, in
 * this order: each column with (almost) zero made missing, and each column cut to a whole number: `toward-zero` as
 * LightGBM does, `down` for XGBoost, which takes no negative number for a category.
 */
export interface TreeColumns {
  readonly zero: boolean;
  readonly category: 'toward-zero' | 'down' | undefined;
}

/** Tensors that a booster adds to a graph. */
export type BoosterOutputs =
  | {
      /** double, N × outputs. */
      readonly prediction: Tensor;
      readonly probabilities?: undefined;
    }
  | {
      /** double, N × 1: position among the classes. */
      readonly label: Tensor;
      /** double, N × classes. */
      readonly probabilities: Tensor;
    };
