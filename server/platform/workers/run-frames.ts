/**
 * How rows of numbers travel to a capped child and values back, through a pipe of bytes. All numbers are little-endian, as
 * on every processor that Node 24 runs on, so that tables need no conversion.
 *
 * - request: u32 rows, u32 columns, then rows × columns float64, row after row
 * - answer: u32 0, u32 count of outputs, for each output u32 width, then for each output rows × width float64
 * - refusal: u32 1, u32 length, then as many bytes of UTF-8
 */

/** Bytes before the rows of a request, and before the widths or the text of an answer. */
export const FRAME_HEAD_BYTES = 8;
/** Bytes of one width. */
const WIDTH_BYTES = 4;
const ANSWERED = 0;
const REFUSED = 1;

/** What the parent takes at most: more is a lie or a model that nobody wants to serve. */
export const frameLimits = {
  outputs: 64,
  /** Of all outputs of one run. */
  answerBytes: 64 * 1024 * 1024,
  refusalBytes: 8_192,
} as const;

/** The head of a request. */
export function requestHead(rows: number, columns: number): Uint8Array {
  return bytesOf(Uint32Array.of(rows, columns));
}

/** Reads the head of a request. */
export function readRequestHead(head: Uint8Array): { readonly rows: number; readonly columns: number } {
  const view = viewOf(head);
  return { rows: view.getUint32(0, true), columns: view.getUint32(4, true) };
}

/** The head of an answer with its widths, one for each output. */
export function answerHead(widths: readonly number[]): Uint8Array {
  return bytesOf(Uint32Array.of(ANSWERED, widths.length, ...widths));
}

/** A whole refusal; a text that is too long is cut. */
export function refusal(message: string): Uint8Array {
  const text = new TextEncoder().encode(message).subarray(0, frameLimits.refusalBytes);
  return Buffer.concat([bytesOf(Uint32Array.of(REFUSED, text.length)), text]);
}

/** What the head of an answer announces, or what is wrong with it. */
export type AnnouncedAnswer =
  | { readonly kind: 'widths'; readonly bytes: number }
  | { readonly kind: 'refusal'; readonly bytes: number }
  | { readonly kind: 'malformed'; readonly message: string };

/** Reads the head of an answer to a run of a model that has this many outputs. */
export function readAnswerHead(head: Uint8Array, outputs: number): AnnouncedAnswer {
  const view = viewOf(head);
  const status = view.getUint32(0, true);
  const count = view.getUint32(4, true);
  if (status === REFUSED) {
    if (count <= frameLimits.refusalBytes) return { kind: 'refusal', bytes: count };
    return { kind: 'malformed', message: `it announced a refusal of ${count} bytes` };
  }
  if (status !== ANSWERED) return { kind: 'malformed', message: `it began an answer with ${status}` };
  if (count === outputs) return { kind: 'widths', bytes: count * WIDTH_BYTES };
  return { kind: 'malformed', message: `it announced ${count} outputs instead of ${outputs}` };
}

/** Reads the widths of an answer for so many rows; a text says what is wrong with them. */
export function readWidths(bytes: Uint8Array, rows: number): number[] | string {
  const view = viewOf(bytes);
  const widths = Array.from({ length: bytes.length / WIDTH_BYTES }, (_, index) =>
    view.getUint32(index * WIDTH_BYTES, true),
  );
  if (widths.includes(0)) return 'it announced an output without values';
  const values = widths.reduce((sum, width) => sum + width, 0) * rows;
  const most = frameLimits.answerBytes / Float64Array.BYTES_PER_ELEMENT;
  return values <= most ? widths : `it announced ${values} values; ${most} are taken at most`;
}

/** The bytes of a table, not copied. */
export function bytesOf(table: Float64Array | Uint32Array): Uint8Array {
  return new Uint8Array(table.buffer, table.byteOffset, table.byteLength);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
