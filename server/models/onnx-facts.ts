/** An input or output of a model. */
export interface OnnxValue {
  readonly name: string;
  /** `TensorProto.DataType`: 1 float, 11 double, 7 int64, 8 string; `undefined` for what is no tensor. */
  readonly elementType: number | undefined;
  /** A number, or `undefined` where the model leaves it open. */
  readonly dims: readonly (number | undefined)[];
}

/** What an ONNX file says about itself. */
export interface OnnxFacts {
  readonly irVersion: number;
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  /** Distinct operators, sorted: `Add`, `ai.onnx.ml.TreeEnsemble`. */
  readonly operators: readonly string[];
  readonly nodes: number;
  readonly parameters: number;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Why it is not let in; empty when it is. */
  readonly reasons: readonly string[];
}
