/**
 * What a pickled file holds, as data. Nothing here can be called: a Python object is a record of its class, the
 * arguments it was made with, and its state.
 */
export type PythonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PythonList
  | PythonTuple
  | PythonDict
  | PythonSet
  | NumpyArray
  | PythonClass
  | PythonObject;

export class PythonList {
  readonly items: PythonValue[] = [];
}

export class PythonTuple {
  readonly items: readonly PythonValue[];
  constructor(items: readonly PythonValue[]) {
    this.items = items;
  }
}

/** Entries in the order of the file. Keys are mostly strings; look one up with `get`. */
export class PythonDict {
  readonly entries: [PythonValue, PythonValue][] = [];

  /** The value of a string key; `undefined` when it is absent. */
  get(key: string): PythonValue | undefined {
    return this.entries.findLast(([own]) => own === key)?.[1];
  }
}

export class PythonSet {
  readonly items: PythonValue[] = [];
}

/** A class by name, e.g. module `sklearn.linear_model._ridge`, name `Ridge`. */
export class PythonClass {
  readonly module: string;
  readonly name: string;
  constructor(module: string, name: string) {
    this.module = module;
    this.name = name;
  }
}

/** An instance: never made by its class, only remembered. `state` is what BUILD gave, mostly a dict. */
export class PythonObject {
  readonly type: PythonClass;
  readonly args: readonly PythonValue[];
  state: PythonValue | undefined;
  /** Entries of a class that extends `dict`, e.g. scikit-learn's `Bunch`. */
  mapping: PythonDict | undefined;
  /** Items of a class that extends `list`. */
  sequence: PythonList | undefined;
  constructor(type: PythonClass, args: readonly PythonValue[]) {
    this.type = type;
    this.args = args;
  }

  /** An attribute out of a dict state; `undefined` when it is absent. */
  get(name: string): PythonValue | undefined {
    return this.state instanceof PythonDict ? this.state.get(name) : undefined;
  }
}

/** Columns of a structured dtype, e.g. the nodes of a decision tree. */
export interface NumpyField {
  readonly name: string;
  /** numpy type string without byte order: `f8`, `f4`, `i8`, `i4`, `u1`, `b1`. */
  readonly type: string;
  readonly offset: number;
}

/**
 * An array in C order. `numbers` holds numeric and boolean dtypes as float64 (integers beyond 2^53 are refused when the file is
 * read); `objects` holds dtype `O` and text; `column` reads a field of a structured array.
 */
export interface NumpyArray {
  readonly kind: 'numpy-array';
  readonly shape: readonly number[];
  /** `f8`, `f4`, `i8`, …, `O`, `U`, `S`, or `V` for a structured dtype. */
  readonly dtype: string;
  readonly numbers: Float64Array | undefined;
  readonly objects: readonly PythonValue[] | undefined;
  readonly fields: readonly NumpyField[] | undefined;
  column(name: string): Float64Array | undefined;
}
