import { Socket } from 'node:net';
import { FrameReader } from './frame-reader.ts';
import { answerHead, bytesOf, FRAME_HEAD_BYTES, readRequestHead, refusal } from './run-frames.ts';

/** One value table of an answer. */
export interface RunOutput {
  /** Values of each row. */
  readonly width: number;
  readonly values: Float64Array;
}

/** Bytes that are read from the pipe at once; the system's own buffer of a pipe is about as large. */
const CHUNK_BYTES = 256 * 1024;

/**
 * The child's end of the pipe: runs what comes, one run after the other. A throw becomes a refusal with its message.
 * @param fd the pipe's file descriptor
 * @param run may keep neither `rows` nor what it gave once the next run begins
 */
export function answerRuns(
  fd: number,
  run: (rows: Float64Array, columns: number) => Promise<readonly RunOutput[]>,
): void {
  const reader = new FrameReader();
  const head = new Uint8Array(FRAME_HEAD_BYTES);
  let kept = new Float64Array(0);
  const pipe = new Socket({
    fd,
    onread: {
      buffer: new Uint8Array(CHUNK_BYTES),
      callback: (size, buffer) => reader.take(buffer.subarray(0, size)),
    },
  });
  const answer = async (rows: Float64Array, columns: number): Promise<void> => {
    const frame = await run(rows, columns).then(
      outputs => [
        answerHead(outputs.map(output => output.width)),
        ...outputs.map(({ values }) => bytesOf(values)),
      ],
      (error: unknown) => [refusal(error instanceof Error ? error.message : String(error))],
    );
    // Before the last byte leaves: the parent may ask again as soon as it has that.
    next();
    pipe.cork();
    for (const piece of frame) pipe.write(piece);
    pipe.uncork();
  };
  const next = (): void =>
    reader.expect(head, () => {
      const { rows, columns } = readRequestHead(head);
      const values = rows * columns;
      if (kept.length < values) kept = new Float64Array(values);
      const table = kept.subarray(0, values);
      reader.expect(bytesOf(table), () => void answer(table, columns));
    });
  // The parent's end is noticed by the channel of messages.
  pipe.on('error', () => undefined);
  next();
}
