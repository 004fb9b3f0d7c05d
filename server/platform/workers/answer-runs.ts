import { Socket } from 'node:net';
import { FrameReader } from './frame-reader.ts';
import { FrameWriter } from './frame-writer.ts';
import { answerHead, bytesOf, FRAME_HEAD_BYTES, readRequestHead, refusal } from './run-frames.ts';

/** One value table of an answer. */
export interface RunOutput {
  /** Values of each row. */
  readonly width: number;
  readonly values: Float64Array;
}

/** Bytes that are read from the pipe at once; the system's own buffer of a pipe is about as large. */
const CHUNK_BYTES = 256 * 1024;

/** Rows in memory that threads can share. */
export type SharedRows = Float64Array<SharedArrayBuffer>;

/**
 * The child's end of the pipe: runs what comes, one run after the other. A throw becomes a refusal with its message.
 * @param fd the pipe's file descriptor
 * @param run may keep neither `rows` nor what it gave once the next run begins; what it can say at once saves a turn
 */
export function answerRuns(
  fd: number,
  run: (rows: SharedRows, columns: number) => readonly RunOutput[] | Promise<readonly RunOutput[]>,
): void {
  const reader = new FrameReader();
  const head = new Uint8Array(FRAME_HEAD_BYTES);
  let kept: SharedRows = new Float64Array(new SharedArrayBuffer(0));
  const pipe = new Socket({
    fd,
    onread: {
      buffer: new Uint8Array(CHUNK_BYTES),
      callback: (size, buffer) => reader.take(buffer.subarray(0, size)),
    },
  });
  const writer = new FrameWriter(pipe);
  const send = (frame: readonly Uint8Array[]): void => {
    // Before the last byte leaves: the parent may ask again as soon as it has that.
    next();
    writer.write(frame);
  };
  const give = (outputs: readonly RunOutput[]): void =>
    send([answerHead(outputs.map(output => output.width)), ...outputs.map(({ values }) => bytesOf(values))]);
  const refuse = (error: unknown): void =>
    send([refusal(error instanceof Error ? error.message : String(error))]);
  const answer = (rows: SharedRows, columns: number): void => {
    let outputs: ReturnType<typeof run>;
    try {
      outputs = run(rows, columns);
    } catch (error) {
      refuse(error);
      return;
    }
    if (outputs instanceof Promise) void outputs.then(give, refuse);
    else give(outputs);
  };
  const next = (): void =>
    reader.expect(head, () => {
      const { rows, columns } = readRequestHead(head);
      const values = rows * columns;
      if (kept.length < values) kept = new Float64Array(new SharedArrayBuffer(8 * values));
      const table = kept.subarray(0, values);
      reader.expect(bytesOf(table), () => answer(table, columns));
    });
  // The parent's end is noticed by the channel of messages.
  pipe.on('error', () => undefined);
  next();
}
