import { closeSync, fstatSync, openSync } from 'node:fs';
import type { OnnxFacts, OnnxValue } from './onnx-facts.ts';
import { type Calls, callKey, whyNotFunctions } from './onnx-functions.ts';
import { DamagedFile, type ProtoField, ProtoReader } from './proto-reader.ts';

/** Limits of admission. Trees are one node however large, so real models stay far below them. */
const MOST_NODES = 50_000;
const DEEPEST_SUBGRAPH = 8;
const MOST_ELEMENTS = 2n ** 31n;
const MOST_METADATA = 1_000;
const ALLOWED_DOMAINS = new Set(['', 'ai.onnx', 'ai.onnx.ml']);
/** Loops can run without end, or collect memory without end; nothing that scores a row needs them. */
const REFUSED_OPERATORS = new Set(['Loop', 'Scan']);

interface Draft {
  irVersion: number;
  readonly opsets: { domain: string; version: number }[];
  readonly operators: Set<string>;
  nodes: number;
  parameters: bigint;
  inputs: OnnxValue[];
  outputs: OnnxValue[];
  readonly metadata: Map<string, string>;
  readonly reasons: Set<string>;
  hasGraph: boolean;
  /** Of the main graph and its branches. */
  readonly graphCalls: Calls;
  /** Of each function that the model defines, by `callKey`. */
  readonly functions: Map<string, Calls>;
  /** Names of operators that are none of ONNX, by `callKey`: its own functions, or foreign. */
  readonly foreign: Map<string, string>;
}

/**
 * Reads what an ONNX file says about itself and decides whether it may be loaded at all, without loading it: only its
 * tags and names are read. Field numbers: onnx/onnx.proto of ONNX 1.23.
 * @throws DamagedFile when it is no ONNX file, is cut off, or is nested or numbered in a way that none is
 */
export function readOnnxFile(path: string): OnnxFacts {
  const file = openSync(path, 'r');
  try {
    return readOnnx(new ProtoReader(file, fstatSync(file).size));
  } finally {
    closeSync(file);
  }
}

/** `readOnnxFile` of a file that is open already. */
export function readOnnx(reader: ProtoReader): OnnxFacts {
  const draft: Draft = {
    irVersion: 0,
    opsets: [],
    operators: new Set(),
    nodes: 0,
    parameters: 0n,
    inputs: [],
    outputs: [],
    metadata: new Map(),
    reasons: new Set(),
    hasGraph: false,
    graphCalls: new Map(),
    functions: new Map(),
    foreign: new Map(),
  };
  readModel(reader, draft);
  if (!draft.hasGraph) throw new DamagedFile('it has no graph');
  checkCalls(draft);
  return {
    irVersion: draft.irVersion,
    opsets: draft.opsets,
    operators: [...draft.operators].sort(),
    nodes: draft.nodes,
    parameters: Number(draft.parameters),
    inputs: draft.inputs,
    outputs: draft.outputs,
    metadata: Object.fromEntries(draft.metadata),
    reasons: [...draft.reasons],
  };
}

function readModel(reader: ProtoReader, draft: Draft): void {
  for (const field of reader.fields(0, reader.size)) {
    if (field.number === 1) draft.irVersion = numberOf(field);
    if (field.number === 7) {
      if (draft.hasGraph) throw new DamagedFile('it has two graphs');
      draft.hasGraph = true;
      const { from, to } = bytesOf(field);
      readGraph(reader, draft, draft.graphCalls, from, to, 0);
    }
    if (field.number === 8) {
      let domain = '';
      let version = 0;
      for (const part of parts(reader, field)) {
        if (part.number === 1) domain = textOf(reader, part);
        if (part.number === 2) version = numberOf(part);
      }
      draft.opsets.push({ domain, version });
    }
    if (field.number === 14) readMetadata(reader, draft, field);
    if (field.number === 20) draft.reasons.add('It carries training information, which is not for use here.');
    if (field.number === 25) readFunction(reader, draft, field);
  }
}

function readFunction(reader: ProtoReader, draft: Draft, field: ProtoField): void {
  let [name, domain, overload] = ['', '', ''];
  const calls: Calls = new Map();
  for (const part of parts(reader, field)) {
    if (part.number === 1) name = textOf(reader, part);
    if (part.number === 7) readNode(reader, draft, calls, part, 0);
    if (part.number === 10) domain = textOf(reader, part);
    if (part.number === 11) readAttribute(reader, draft, calls, part, 0);
    if (part.number === 13) overload = textOf(reader, part);
  }
  const key = callKey(domain, name, overload);
  if (ALLOWED_DOMAINS.has(domain)) draft.reasons.add(`It defines the operator ${name} of ONNX anew.`);
  if (draft.functions.has(key)) throw new DamagedFile(`it defines the function "${name}" twice`);
  draft.functions.set(key, calls);
}

/** What can be said of calls only when every function has been read: they may follow the graph. */
function checkCalls(draft: Draft): void {
  const { functions, graphCalls, reasons } = draft;
  for (const [key, name] of draft.foreign) {
    if (functions.has(key)) continue;
    reasons.add(`It uses the operator ${name}; only operators of ONNX and ai.onnx.ml are let in.`);
  }
  const reason = whyNotFunctions(graphCalls, functions, MOST_NODES);
  if (reason !== undefined) reasons.add(reason);
}

function readMetadata(reader: ProtoReader, draft: Draft, field: ProtoField): void {
  let key = '';
  let value = '';
  for (const part of parts(reader, field)) {
    if (part.number === 1) key = textOf(reader, part);
    if (part.number === 2) value = textOf(reader, part);
  }
  draft.metadata.set(key, value);
  if (draft.metadata.size > MOST_METADATA) throw new DamagedFile('it has too many metadata');
}

function readGraph(
  reader: ProtoReader,
  draft: Draft,
  calls: Calls,
  from: number,
  to: number,
  depth: number,
): void {
  if (depth > DEEPEST_SUBGRAPH)
    throw new DamagedFile(`its graphs are nested more than ${DEEPEST_SUBGRAPH} deep`);
  const initializers = new Set<string>();
  const inputs: OnnxValue[] = [];
  for (const field of reader.fields(from, to)) {
    if (field.number === 1) readNode(reader, draft, calls, field, depth);
    if (field.number === 5) initializers.add(readTensor(reader, draft, field));
    if (field.number === 15) readSparseTensor(reader, draft, field);
    if (field.number === 11 && depth === 0) inputs.push(readValue(reader, field));
    if (field.number === 12 && depth === 0) draft.outputs.push(readValue(reader, field));
  }
  // Before IR 4 an initializer was listed as an input too.
  if (depth === 0) draft.inputs = inputs.filter(input => !initializers.has(input.name));
}

function readNode(reader: ProtoReader, draft: Draft, calls: Calls, node: ProtoField, depth: number): void {
  if (++draft.nodes > MOST_NODES) throw new DamagedFile(`it has more than ${MOST_NODES} nodes`);
  let [operator, domain, overload] = ['', '', ''];
  for (const field of parts(reader, node)) {
    if (field.number === 4) operator = textOf(reader, field);
    if (field.number === 7) domain = textOf(reader, field);
    if (field.number === 8) overload = textOf(reader, field);
    if (field.number === 5) readAttribute(reader, draft, calls, field, depth);
  }
  const key = callKey(domain, operator, overload);
  calls.set(key, (calls.get(key) ?? 0) + 1);
  const name = domain === '' || domain === 'ai.onnx' ? operator : `${domain}.${operator}`;
  draft.operators.add(name);
  if (!ALLOWED_DOMAINS.has(domain)) draft.foreign.set(key, name);
  if (REFUSED_OPERATORS.has(operator)) {
    draft.reasons.add(`It uses the operator ${name}, which may run without end.`);
  }
}

function readAttribute(
  reader: ProtoReader,
  draft: Draft,
  calls: Calls,
  attribute: ProtoField,
  depth: number,
): void {
  for (const field of parts(reader, attribute)) {
    if (field.number === 5 || field.number === 10) readTensor(reader, draft, field);
    if (field.number === 22 || field.number === 23) readSparseTensor(reader, draft, field);
    if (field.number === 6 || field.number === 11) {
      const { from, to } = bytesOf(field);
      readGraph(reader, draft, calls, from, to, depth + 1);
    }
  }
}

function readSparseTensor(reader: ProtoReader, draft: Draft, sparse: ProtoField): void {
  const dims: bigint[] = [];
  for (const field of parts(reader, sparse)) {
    if (field.number === 1 || field.number === 2) readTensor(reader, draft, field);
    if (field.number === 3) takeDims(reader, field, dims);
  }
  countElements(draft, dims);
}

/** Checks a tensor and returns its name. */
function readTensor(reader: ProtoReader, draft: Draft, tensor: ProtoField): string {
  const dims: bigint[] = [];
  let name = '';
  for (const field of parts(reader, tensor)) {
    if (field.number === 1) takeDims(reader, field, dims);
    if (field.number === 8) name = textOf(reader, field);
    const isExternal =
      field.number === 13 || (field.number === 14 && field.kind === 'varint' && field.value !== 0n);
    if (isExternal) {
      draft.reasons.add('It keeps data outside of its file; save it with all data inside.');
    }
  }
  draft.parameters += countElements(draft, dims);
  return name;
}

function takeDims(reader: ProtoReader, field: ProtoField, dims: bigint[]): void {
  if (field.kind === 'varint') dims.push(field.value);
  else if (field.kind === 'bytes')
    dims.push(...reader.packed(field.from, Math.min(field.to, field.from + 1_000)));
}

function countElements(draft: Draft, dims: readonly bigint[]): bigint {
  let elements = 1n;
  for (const dim of dims) {
    if (BigInt.asIntN(64, dim) < 0n) {
      draft.reasons.add('It has a tensor with a negative dimension.');
      return 0n;
    }
    elements *= dim;
    if (elements > MOST_ELEMENTS) {
      draft.reasons.add('It has a tensor of more than 2,147,483,648 elements.');
      return 0n;
    }
  }
  return elements;
}

function readValue(reader: ProtoReader, value: ProtoField): OnnxValue {
  let name = '';
  let elementType: number | undefined;
  const dims: (number | undefined)[] = [];
  for (const field of parts(reader, value)) {
    if (field.number === 1) name = textOf(reader, field);
    if (field.number !== 2) continue;
    for (const type of parts(reader, field)) {
      if (type.number !== 1) continue;
      for (const tensor of parts(reader, type)) {
        if (tensor.number === 1) elementType = numberOf(tensor);
        if (tensor.number !== 2) continue;
        for (const dim of parts(reader, tensor)) if (dim.number === 1) dims.push(readDim(reader, dim));
      }
    }
  }
  return { name, elementType, dims };
}

function readDim(reader: ProtoReader, dim: ProtoField): number | undefined {
  for (const field of parts(reader, dim)) if (field.number === 1) return numberOf(field);
  return undefined;
}

function parts(reader: ProtoReader, field: ProtoField): Generator<ProtoField> {
  const { from, to } = bytesOf(field);
  return reader.fields(from, to);
}

function bytesOf(field: ProtoField): { from: number; to: number } {
  if (field.kind !== 'bytes') throw new DamagedFile(`field ${field.number} is no message`);
  return field;
}

function textOf(reader: ProtoReader, field: ProtoField): string {
  const { from, to } = bytesOf(field);
  return reader.text(from, to);
}

function numberOf(field: ProtoField): number {
  if (field.kind !== 'varint') throw new DamagedFile(`field ${field.number} is no number`);
  return Number(BigInt.asIntN(64, field.value));
}
