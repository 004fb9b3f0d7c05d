import { ProtoWriter } from './convert/graph/proto-writer.ts';
import { DamagedFile, type ProtoField, type ProtoReader } from './proto-reader.ts';
import type { FileEdit } from './rewrite-file.ts';

/** `TensorProto.DataType` of the only input that ZipMap takes. */
const FLOAT = 1;
/** A version of the standard operators that has `Identity`, for a file that uses none of them. */
const SOME_OPSET = 13;

interface ZipMap {
  readonly field: ProtoField & { readonly kind: 'bytes' };
  readonly input: string;
  readonly output: string;
  readonly classes: number;
}

/**
 * What must change in an ONNX file so that every `ZipMap` of its graph gives the tensor that it reads instead of a list of
 * maps: it becomes an `Identity`, and the output a float tensor `[N, classes]` of the same name. All else stays byte for
 * byte, and weights are not read. (onnxruntime-node cannot return lists of maps; classifiers of skl2onnx end in one.)
 * @returns edits in the order of the file; none when there is no `ZipMap`
 * @throws DamagedFile when the file is no ONNX
 */
export function zipMapEdits(reader: ProtoReader): FileEdit[] {
  let graph: (ProtoField & { readonly kind: 'bytes' }) | undefined;
  let hasOperators = false;
  for (const field of reader.fields(0, reader.size)) {
    if (field.number === 7) graph = asBytes(field);
    if (field.number === 8 && isStandardDomain(reader, asBytes(field))) hasOperators = true;
  }
  if (graph === undefined) throw new DamagedFile('it has no graph');
  const edits = graphEdits(reader, graph.from, graph.to);
  if (edits.length === 0) return [];
  const growth = edits.reduce((sum, { from, to, bytes }) => sum + bytes.length - (to - from), 0);
  const header = { from: graph.start, to: graph.from, bytes: headerOf(7, graph.to - graph.from + growth) };
  const opset = new ProtoWriter().message(8, new ProtoWriter().text(1, '').int(2, SOME_OPSET)).toBytes();
  const end = { from: reader.size, to: reader.size, bytes: opset };
  return [header, ...edits, ...(hasOperators ? [] : [end])];
}

function graphEdits(reader: ProtoReader, from: number, to: number): FileEdit[] {
  const maps = new Map<string, ZipMap>();
  const outputs: (ProtoField & { readonly kind: 'bytes' })[] = [];
  for (const field of reader.fields(from, to)) {
    if (field.number === 12) outputs.push(asBytes(field));
    const map = field.number === 1 ? zipMapOf(reader, asBytes(field)) : undefined;
    if (map !== undefined) maps.set(map.output, map);
  }
  const edits = [...maps.values()].map(({ field, input, output }) => {
    const node = new ProtoWriter().text(1, input).text(2, output).text(4, 'Identity');
    return { from: field.start, to: field.to, bytes: new ProtoWriter().message(1, node).toBytes() };
  });
  for (const field of outputs) {
    const map = maps.get(firstText(reader, field, 1));
    if (map === undefined) continue;
    const bytes = new ProtoWriter().message(12, tensorOutput(map)).toBytes();
    edits.push({ from: field.start, to: field.to, bytes });
  }
  return edits.sort((one, other) => one.from - other.from);
}

function zipMapOf(reader: ProtoReader, field: ProtoField & { readonly kind: 'bytes' }): ZipMap | undefined {
  // The operator's name comes after its inputs; most nodes are passed over after one look.
  if (firstText(reader, field, 4) !== 'ZipMap' || firstText(reader, field, 7) !== 'ai.onnx.ml')
    return undefined;
  let classes = 0;
  for (const part of reader.fields(field.from, field.to)) {
    if (part.number === 5) classes += labelsIn(reader, asBytes(part));
  }
  const input = firstText(reader, field, 1);
  const output = firstText(reader, field, 2);
  if (input === '' || output === '') throw new DamagedFile('its ZipMap reads or gives nothing');
  return { field, input, output, classes };
}

/** How many classes an attribute lists: `ints` is field 8, packed or not, `strings` field 9. */
function labelsIn(reader: ProtoReader, attribute: ProtoField & { readonly kind: 'bytes' }): number {
  let count = 0;
  for (const part of reader.fields(attribute.from, attribute.to)) {
    if (part.number === 9 || (part.number === 8 && part.kind === 'varint')) count++;
    else if (part.number === 8 && part.kind === 'bytes') {
      for (const _ of reader.packed(part.from, part.to)) count++;
    }
  }
  return count;
}

/** ValueInfoProto { name, type { tensor_type { elem_type, shape { dim {}, dim { dim_value } } } } } */
function tensorOutput({ output, classes }: ZipMap): ProtoWriter {
  const width = new ProtoWriter();
  if (classes > 0) width.int(1, classes);
  const shape = new ProtoWriter().message(1, new ProtoWriter().text(2, 'N')).message(1, width);
  const tensor = new ProtoWriter().int(1, FLOAT).message(2, shape);
  return new ProtoWriter().text(1, output).message(2, new ProtoWriter().message(1, tensor));
}

function isStandardDomain(reader: ProtoReader, opset: ProtoField & { readonly kind: 'bytes' }): boolean {
  const domain = firstText(reader, opset, 1);
  return domain === '' || domain === 'ai.onnx';
}

/** The first text of a field's number; empty when there is none. */
function firstText(
  reader: ProtoReader,
  { from, to }: { readonly from: number; readonly to: number },
  number: number,
): string {
  for (const field of reader.fields(from, to)) {
    if (field.number !== number) continue;
    const found = asBytes(field);
    return reader.text(found.from, found.to);
  }
  return '';
}

function asBytes(field: ProtoField): ProtoField & { readonly kind: 'bytes' } {
  if (field.kind !== 'bytes') throw new DamagedFile(`field ${field.number} is no message`);
  return field;
}

/** Tag and length of a message of so many bytes. */
function headerOf(number: number, length: number): Uint8Array {
  const bytes = [(number << 3) | 2];
  let rest = length;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Uint8Array.from([...bytes, rest]);
}
