import type { OnnxFacts } from './onnx-facts.ts';

/** What the inference child is asked. */
export type InferenceRequest =
  | { readonly kind: 'inspect'; readonly path: string }
  | { readonly kind: 'load'; readonly path: string }
  /** `rows × columns` values, row after row. */
  | { readonly kind: 'run'; readonly rows: Float64Array; readonly columns: number };

/** Answer to `inspect`: what the file says, or why it is no sound ONNX file. */
export type InspectAnswer =
  | { readonly sound: true; readonly facts: OnnxFacts }
  | { readonly sound: false; readonly reason: string };

/** Answer to `load`. */
export interface LoadAnswer {
  readonly outputs: readonly string[];
  /** Whether the model calculates on 64-bit numbers. */
  readonly isDouble: boolean;
}

/** Answer to `run`: for each output its values, row after row. */
export interface RunAnswer {
  readonly outputs: readonly Float64Array[];
}
