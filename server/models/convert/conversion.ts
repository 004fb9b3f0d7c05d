import type { PythonObject, PythonValue } from '../python/python-values.ts';
import type { GraphBuilder, Tensor } from './graph/index.ts';

/** Columns on their way through the graph: a double tensor `[N, width]`. */
export interface Columns {
  readonly tensor: Tensor;
  readonly width: number;
  /** Per column how texts are numbered; absent once anything was calculated from the columns. */
  readonly texts?: readonly TextCodes[];
  /** Python has them as a sparse matrix, of which XGBoost takes every zero for a missing value. */
  readonly isSparse?: boolean;
}

/** Numbers that stand for the texts of an input column, given out in the order in which converters meet the texts. */
export class TextCodes {
  readonly #codes = new Map<string, number>();
  #isRead = false;

  /** Whether any part of the model looks at the column; what is only dropped may hold anything. */
  get isRead(): boolean {
    return this.#isRead;
  }

  markRead(): void {
    this.#isRead = true;
  }

  /** The number of a text: its position in `texts`. */
  codeOf(text: string): number {
    const code = this.#codes.get(text) ?? this.#codes.size;
    this.#codes.set(text, code);
    return code;
  }

  /** All texts met, in the order of their numbers. Empty for a column of numbers. */
  get texts(): string[] {
    return [...this.#codes.keys()];
  }
}

/** Name of a class as the training data had it. */
export type ClassName = string | number;

/** A classifier's answer. All tensors are double. */
export interface ClassesResult {
  readonly kind: 'classes';
  /** `[N, 1]`: index into `classes`. */
  readonly label: Tensor;
  /** `[N, C]`; absent for classifiers that have none. */
  readonly probabilities?: Tensor;
  /** What Python calls `decision_function`: `[N, C]`, or `[N, 1]` for two classes. */
  readonly decision?: Tensor;
  readonly classes: readonly ClassName[];
}

/** What a part of a model gives: columns for the next part, predictions `[N, width]`, classes, or outliers `[N, 1]`. */
export type Result =
  | ({ readonly kind: 'columns' } & Columns)
  | { readonly kind: 'prediction'; readonly tensor: Tensor; readonly width: number }
  | ClassesResult
  | { readonly kind: 'outlier'; readonly label: Tensor; readonly score: Tensor };

/** What a converter may use besides the object itself. */
export interface Scope {
  readonly graph: GraphBuilder;
  /** Tells the user what differs from Python; one sentence. The same sentence is told once. */
  warn(sentence: string): void;
  /** Counts towards the limit of tree nodes of one file. @throws AppError `model.rejected` beyond it */
  countTreeNodes(nodes: number): void;
  /** Converts a part of a model. @throws AppError for a class without a converter, or when parts nest too deep */
  convert(part: PythonValue | undefined, input: Columns): Result;
}

/**
 * Adds the nodes of one class to the graph.
 * @param model the object as the file has it
 * @throws AppError `model.rejected` for what cannot be converted, `model.not-a-model` for what is missing or damaged
 */
export type Converter = (model: PythonObject, input: Columns, scope: Scope) => Result;
