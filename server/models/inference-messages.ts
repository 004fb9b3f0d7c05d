import type { ConvertedFile } from './convert/index.ts';
import type { CsvTable } from './csv-table.ts';
import type { OnnxFacts } from './onnx-facts.ts';

/** What the inference child is asked by messages; rows travel through its pipe (`run-frames.ts`). */
export type InferenceRequest =
  | { readonly kind: 'inspect'; readonly path: string }
  /** Converts a model file of Python and writes the ONNX file to `output`. */
  | { readonly kind: 'convert'; readonly path: string; readonly output: string }
  /** Writes an ONNX file to `output` as it can be run here. */
  | { readonly kind: 'normalise'; readonly path: string; readonly output: string }
  /** Loads an ONNX file and runs a table of texts through it. */
  | {
      readonly kind: 'table';
      readonly path: string;
      readonly table: CsvTable;
      readonly features?: readonly string[];
    }
  /** Loads the model that is run from then on. `withTrees` asks how its trees are walked, to do so elsewhere too. */
  | { readonly kind: 'load'; readonly path: string; readonly withTrees: boolean };

/** Answer to `inspect`: what the file says, or why it is no sound ONNX file. */
export type InspectAnswer =
  | { readonly sound: true; readonly facts: OnnxFacts }
  | { readonly sound: false; readonly reason: string };

/** What a converted file is, without its bytes. */
export type ConvertedDescription = Omit<ConvertedFile, 'onnx'>;

/** An output of a model for all rows of a table, row after row. */
export interface TableOutput {
  readonly name: string;
  readonly width: number;
  readonly values: Float64Array | readonly string[];
}

/** Answer to `table`: the outputs, or why the table does not fit the model. */
export type TableAnswer =
  | { readonly fits: true; readonly outputs: readonly TableOutput[] }
  | { readonly fits: false; readonly reason: string };

/** Answer to `convert` and `normalise`: the ONNX file is written, or why not. */
export type ConvertAnswer =
  | { readonly converted: true; readonly description: ConvertedDescription }
  | { readonly converted: false; readonly code: string; readonly message: string; readonly hint: string };

/** Answer to `load`. */
export interface LoadAnswer {
  readonly outputs: readonly string[];
  /** Whether the model calculates on 64-bit numbers. */
  readonly isDouble: boolean;
  /** A `TreePlan`, not checked, of a model that is nothing but trees, should they be few enough to be told of. */
  readonly trees?: unknown;
}
