import { DamagedFile, type ProtoField, type ProtoReader } from '../proto-reader.ts';
import { Unread } from './unread.ts';

/** More nodes are no bundle of a few ensembles. */
const MOST_NODES = 4_000;

/** `TensorProto.DataType` of onnx.proto. */
export const ELEMENT = { float: 1, uint8: 2, int64: 7, bool: 9, double: 11 } as const;

/** A constant tensor of numbers. */
export interface OnnxConstant {
  readonly elementType: number;
  readonly dims: readonly number[];
  readonly values: Float64Array;
}

/** An attribute: the fields that it has. */
export interface OnnxAttribute {
  readonly float?: number;
  readonly int?: number;
  readonly text?: string;
  readonly tensor?: OnnxConstant;
  readonly floats?: Float64Array;
  readonly ints?: Float64Array;
  readonly texts?: readonly string[];
}

export interface OnnxNode {
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly constants: ReadonlyMap<string, OnnxConstant>;
  readonly inputs: readonly { readonly name: string; readonly elementType: number }[];
  readonly outputs: readonly string[];
}

/**
 * Reads the graph of an ONNX file with all its numbers (field numbers: onnx/onnx.proto of ONNX 1.23). The file has passed
 * `readOnnxFile`, or will be refused by ONNX Runtime.
 * @param isKnown whether an operator can be of use; the first one that cannot ends the reading
 * @throws Unread for what is no such graph, DamagedFile as `ProtoReader`
 */
export function readOnnxGraph(reader: ProtoReader, isKnown: (operator: string) => boolean): OnnxGraph {
  let graph: OnnxGraph | undefined;
  for (const field of reader.fields(0, reader.size)) {
    if (field.number === 25) throw new Unread('it defines functions of its own');
    if (field.number === 7) graph = new GraphReader(reader, isKnown).read(field);
  }
  if (graph === undefined) throw new Unread('it has no graph');
  return graph;
}

class GraphReader {
  readonly #reader: ProtoReader;
  readonly #isKnown: (operator: string) => boolean;

  constructor(reader: ProtoReader, isKnown: (operator: string) => boolean) {
    this.#reader = reader;
    this.#isKnown = isKnown;
  }

  read(graph: ProtoField): OnnxGraph {
    const nodes: OnnxNode[] = [];
    const constants = new Map<string, OnnxConstant>();
    const inputs: { name: string; elementType: number }[] = [];
    const outputs: string[] = [];
    for (const field of this.#parts(graph)) {
      if (field.number === 1) nodes.push(this.#node(field));
      if (field.number === 5) {
        const { name, ...constant } = this.#tensor(field);
        constants.set(name, constant);
      }
      if (field.number === 15) throw new Unread('it has sparse tensors');
      if (field.number === 11) inputs.push(this.#value(field));
      if (field.number === 12) outputs.push(this.#value(field).name);
      if (nodes.length > MOST_NODES) throw new Unread(`it has more than ${MOST_NODES} nodes`);
    }
    // Before IR 4 an initializer was listed as an input too.
    return { nodes, constants, outputs, inputs: inputs.filter(({ name }) => !constants.has(name)) };
  }

  #node(node: ProtoField): OnnxNode {
    const inputs: string[] = [];
    const outputs: string[] = [];
    const attributes: ProtoField[] = [];
    let [operator, domain] = ['', ''];
    for (const field of this.#parts(node)) {
      if (field.number === 1) inputs.push(this.#text(field));
      if (field.number === 2) outputs.push(this.#text(field));
      if (field.number === 4) operator = this.#text(field);
      if (field.number === 5) attributes.push(field);
      if (field.number === 7) domain = this.#text(field);
    }
    if (!this.#isKnown(operator)) throw new Unread(`it uses ${operator}`);
    return {
      operator,
      domain,
      inputs,
      outputs,
      attributes: new Map(attributes.map(one => this.#attribute(one))),
    };
  }

  #attribute(attribute: ProtoField): [string, OnnxAttribute] {
    let name = '';
    const value: { -readonly [key in keyof OnnxAttribute]: OnnxAttribute[key] } = {};
    const floats = new Numbers();
    const ints = new Numbers();
    const texts: string[] = [];
    for (const field of this.#parts(attribute)) {
      if (field.number === 1) name = this.#text(field);
      if (field.number === 2) value.float = this.#floats(field)[0] ?? 0;
      if (field.number === 3) value.int = this.#integers(field)[0] ?? 0;
      if (field.number === 4) value.text = this.#text(field);
      if (field.number === 5) value.tensor = this.#tensor(field);
      if (field.number === 7) floats.add(this.#floats(field));
      if (field.number === 8) ints.add(this.#integers(field));
      if (field.number === 9) texts.push(this.#text(field));
    }
    return [name, { ...value, floats: floats.all(), ints: ints.all(), texts }];
  }

  #tensor(tensor: ProtoField): OnnxConstant & { readonly name: string } {
    const dims = new Numbers();
    const numbers = new Numbers();
    let [name, elementType] = ['', 0];
    let raw: Uint8Array<ArrayBuffer> | undefined;
    for (const field of this.#parts(tensor)) {
      if (field.number === 1) dims.add(this.#integers(field));
      if (field.number === 2) elementType = this.#integers(field)[0] ?? 0;
      if (field.number === 4) numbers.add(this.#floats(field));
      if (field.number === 5 || field.number === 7) numbers.add(this.#integers(field));
      if (field.number === 8) name = this.#text(field);
      if (field.number === 9) raw = this.#bytes(field);
      if (field.number === 10) numbers.add(this.#doubles(field));
    }
    const values = raw === undefined ? numbers.all() : numbersIn(raw, elementType);
    const shape = [...dims.all()];
    if (shape.reduce((product, length) => product * length, 1) !== values.length) {
      throw new Unread(`its tensor "${name}" has ${values.length} values for the shape ${shape.join(' × ')}`);
    }
    return { name, elementType, dims: shape, values };
  }

  #value(value: ProtoField): { name: string; elementType: number } {
    let [name, elementType] = ['', 0];
    for (const field of this.#parts(value)) {
      if (field.number === 1) name = this.#text(field);
      if (field.number !== 2) continue;
      for (const type of this.#parts(field)) {
        if (type.number !== 1) continue;
        for (const part of this.#parts(type)) {
          if (part.number === 1) elementType = this.#integers(part)[0] ?? 0;
        }
      }
    }
    return { name, elementType };
  }

  #parts(field: ProtoField): Generator<ProtoField> {
    const { from, to } = stretchOf(field);
    return this.#reader.fields(from, to);
  }

  #text(field: ProtoField): string {
    const { from, to } = stretchOf(field);
    return this.#reader.text(from, to);
  }

  #bytes(field: ProtoField): Uint8Array<ArrayBuffer> {
    const { from, to } = stretchOf(field);
    return this.#reader.bytes(from, to);
  }

  /** One number, or many that are packed; nearly all of a model's numbers come here, so none becomes a big integer. */
  #integers(field: ProtoField): Float64Array {
    if (field.kind === 'varint') return Float64Array.of(Number(BigInt.asIntN(64, field.value)));
    const bytes = this.#bytes(field);
    const numbers = new Float64Array(bytes.length);
    let count = 0;
    for (let at = 0; at < bytes.length; ) {
      let value = 0;
      let scale = 1;
      for (;;) {
        const byte = bytes[at++];
        if (byte === undefined) throw new DamagedFile('it ends within a number');
        value += (byte & 0x7f) * scale;
        scale *= 128;
        if (byte < 0x80) break;
      }
      // Ten bytes are a negative number; none that is of use here goes beyond 53 bits otherwise.
      numbers[count++] = value < 2 ** 53 ? value : -1;
    }
    return numbers.slice(0, count);
  }

  #floats(field: ProtoField): Float32Array {
    return field.kind === 'varint' ? new Float32Array() : new Float32Array(whole(this.#bytes(field), 4));
  }

  #doubles(field: ProtoField): Float64Array {
    return field.kind === 'varint' ? new Float64Array() : new Float64Array(whole(this.#bytes(field), 8));
  }
}

/** Numbers that come one by one, or all at once. */
class Numbers {
  readonly #single: number[] = [];
  #packed: Float64Array | undefined;

  add(numbers: Float64Array | Float32Array): void {
    if (numbers.length > 1 && this.#packed === undefined && this.#single.length === 0) {
      this.#packed = new Float64Array(numbers);
      return;
    }
    for (const number of numbers) this.#single.push(number);
  }

  all(): Float64Array {
    const single = Float64Array.from(this.#single);
    if (this.#packed === undefined) return single;
    if (single.length === 0) return this.#packed;
    const both = new Float64Array(this.#packed.length + single.length);
    both.set(this.#packed);
    both.set(single, this.#packed.length);
    return both;
  }
}

function numbersIn(raw: Uint8Array<ArrayBuffer>, elementType: number): Float64Array {
  if (elementType === ELEMENT.double) return new Float64Array(whole(raw, 8));
  if (elementType === ELEMENT.float) return Float64Array.from(new Float32Array(whole(raw, 4)));
  if (elementType === ELEMENT.int64) return Float64Array.from(new BigInt64Array(whole(raw, 8)), Number);
  if (elementType === ELEMENT.uint8 || elementType === ELEMENT.bool) return Float64Array.from(raw);
  throw new Unread(`it has a tensor of element type ${elementType}`);
}

function whole({ buffer, length }: Uint8Array<ArrayBuffer>, size: number): ArrayBuffer {
  if (length % size !== 0) throw new DamagedFile('it ends within a number');
  return buffer;
}

function stretchOf(field: ProtoField): { from: number; to: number } {
  if (field.kind === 'varint') throw new DamagedFile(`field ${field.number} is no message`);
  return field;
}
