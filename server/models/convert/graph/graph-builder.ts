import { littleEndian, ProtoWriter } from './proto-writer.ts';

const IR_VERSION = 9;
const OPSETS = [
  { domain: '', version: 19 },
  { domain: 'ai.onnx.ml', version: 5 },
];
/** TensorProto.DataType of onnx.proto. */
const ELEMENT = { float: 1, uint8: 2, int32: 6, int64: 7, string: 8, bool: 9, double: 11 } as const;
/** AttributeProto.AttributeType of onnx.proto. */
const ATTRIBUTE = { float: 1, int: 2, text: 3, tensor: 4, floats: 6, ints: 7, texts: 8 } as const;

/** Type of a tensor's elements. */
export type ElementType = keyof typeof ELEMENT;

/**
 * Values of a constant; its element type follows from the array: Float64Array double, Float32Array float, BigInt64Array
 * int64, Int32Array int32, Uint8Array uint8, an array of texts string.
 */
export type TensorValues =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | Int32Array
  | Uint8Array
  | readonly string[];

/** A tensor by value, row after row. */
export interface TensorLiteral {
  readonly values: TensorValues;
  readonly shape: readonly number[];
}

/** Value of an attribute; the key says its ONNX type. */
export type Attribute =
  | { readonly int: number }
  | { readonly ints: ArrayLike<number> }
  | { readonly float: number }
  | { readonly floats: ArrayLike<number> }
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  | { readonly tensor: TensorLiteral };

/** A tensor of the graph, by its name. */
export type Tensor = string;

/** The number that ONNX gives an element type, e.g. for `Cast`'s `to`. */
export function elementNumber(type: ElementType): number {
  return ELEMENT[type];
}

/**
 * Builds an ONNX model node by node (opset 19, ai.onnx.ml 5, IR 9; field numbers of onnx/onnx.proto). Nodes must be added
 * after what they read. The builder checks names and lengths, not shapes and types; onnxruntime does that.
 */
export class GraphBuilder {
  readonly #nodes: ProtoWriter[] = [];
  readonly #initializers: ProtoWriter[] = [];
  readonly #inputs: ProtoWriter[] = [];
  readonly #outputs: ProtoWriter[] = [];
  readonly #known = new Set<string>();
  readonly #outputNames = new Set<string>();
  #next = 0;

  /** An input of the model: `[N, columns]`. @returns its tensor, named as it is */
  input(name: string, columns: number, type: ElementType = 'double'): Tensor {
    this.#claim(name);
    this.#inputs.push(valueInfo(name, type, columns));
    return name;
  }

  /** A constant. @throws RangeError when the shape does not hold exactly the values */
  constant(values: TensorValues, shape: readonly number[]): Tensor {
    const name = this.#fresh('c');
    this.#initializers.push(tensorMessage({ values, shape }, name));
    return name;
  }

  /**
   * A node with one output.
   * @param inputs tensors that exist; an empty text stands for an optional input that is absent
   * @returns its output
   */
  add(
    op: string,
    inputs: readonly Tensor[],
    attributes: Readonly<Record<string, Attribute>> = {},
    options: { readonly domain?: string } = {},
  ): Tensor {
    const name = this.#fresh('t');
    this.#write(op, inputs, [name], attributes, options.domain ?? '');
    return name;
  }

  /** Gives a tensor as an output of the model. @param columns width of `[N, columns]`; absent where it is not known */
  output(name: string, tensor: Tensor, type: ElementType = 'double', columns?: number): void {
    if (this.#outputNames.has(name)) throw new RangeError(`the model has two outputs "${name}"`);
    this.#outputNames.add(name);
    this.#claim(name);
    this.#write('Identity', [tensor], [name], {}, '');
    this.#outputs.push(valueInfo(name, type, columns));
  }

  /** The finished ONNX file. */
  toBytes(metadata: Readonly<Record<string, string>> = {}): Uint8Array {
    if (this.#outputs.length === 0) throw new RangeError('the model has no output');
    const graph = new ProtoWriter();
    for (const node of this.#nodes) graph.message(1, node);
    graph.text(2, 'model');
    for (const initializer of this.#initializers) graph.message(5, initializer);
    for (const input of this.#inputs) graph.message(11, input);
    for (const output of this.#outputs) graph.message(12, output);
    const model = new ProtoWriter().int(1, IR_VERSION).text(2, 'CloudOptim').message(7, graph);
    for (const { domain, version } of OPSETS) {
      model.message(8, new ProtoWriter().text(1, domain).int(2, version));
    }
    for (const [key, value] of Object.entries(metadata)) {
      model.message(14, new ProtoWriter().text(1, key).text(2, value));
    }
    return model.toBytes();
  }

  #write(
    op: string,
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    attributes: Readonly<Record<string, Attribute>>,
    domain: string,
  ): void {
    const node = new ProtoWriter();
    for (const input of inputs) {
      if (input !== '' && !this.#known.has(input))
        throw new RangeError(`${op} reads "${input}", which does not exist`);
      node.text(1, input);
    }
    for (const output of outputs) node.text(2, output);
    node.text(4, op);
    for (const [name, value] of Object.entries(attributes)) node.message(5, attributeMessage(name, value));
    if (domain !== '') node.text(7, domain);
    this.#nodes.push(node);
  }

  #claim(name: string): void {
    if (name === '' || this.#known.has(name)) throw new RangeError(`the tensor "${name}" exists twice`);
    this.#known.add(name);
  }

  /** `:` keeps these apart from names that people give. */
  #fresh(letter: string): string {
    const name = `${letter}:${this.#next++}`;
    this.#claim(name);
    return name;
  }
}

function attributeMessage(name: string, value: Attribute): ProtoWriter {
  const message = new ProtoWriter().text(1, name);
  if ('float' in value) return message.float(2, value.float).int(20, ATTRIBUTE.float);
  if ('int' in value) return message.int(3, value.int).int(20, ATTRIBUTE.int);
  if ('text' in value) return message.text(4, value.text).int(20, ATTRIBUTE.text);
  if ('tensor' in value) return message.message(5, tensorMessage(value.tensor, '')).int(20, ATTRIBUTE.tensor);
  if ('floats' in value) return message.floats(7, value.floats).int(20, ATTRIBUTE.floats);
  if ('ints' in value) return message.ints(8, value.ints).int(20, ATTRIBUTE.ints);
  for (const text of value.texts) message.text(9, text);
  return message.int(20, ATTRIBUTE.texts);
}

function tensorMessage({ values, shape }: TensorLiteral, name: string): ProtoWriter {
  const size = shape.reduce((product, length) => product * length, 1);
  if (size !== values.length) {
    throw new RangeError(`a constant of shape [${shape.join(', ')}] has ${values.length} values`);
  }
  const message = new ProtoWriter().ints(1, shape).int(2, ELEMENT[elementTypeOf(values)]);
  if (name !== '') message.text(8, name);
  if (values instanceof Uint8Array) return message.bytes(9, values);
  if (isTexts(values)) {
    for (const text of values) message.text(6, text);
    return message;
  }
  return message.bytes(9, littleEndian(values));
}

function elementTypeOf(values: TensorValues): ElementType {
  if (values instanceof Float64Array) return 'double';
  if (values instanceof Float32Array) return 'float';
  if (values instanceof BigInt64Array) return 'int64';
  if (values instanceof Int32Array) return 'int32';
  return values instanceof Uint8Array ? 'uint8' : 'string';
}

function isTexts(values: TensorValues): values is readonly string[] {
  return Array.isArray(values);
}

function valueInfo(name: string, type: ElementType, columns: number | undefined): ProtoWriter {
  const shape = new ProtoWriter().message(1, new ProtoWriter().text(2, 'N'));
  const width = new ProtoWriter();
  shape.message(1, columns === undefined ? width.text(2, `${name}:columns`) : width.int(1, columns));
  const tensor = new ProtoWriter().int(1, ELEMENT[type]).message(2, shape);
  return new ProtoWriter().text(1, name).message(2, new ProtoWriter().message(1, tensor));
}
