import type { Duplex } from 'node:stream';
import type { ChildOutcome } from './child-messages.ts';
import { FrameReader } from './frame-reader.ts';
import { FrameWriter } from './frame-writer.ts';
import { bytesOf, FRAME_HEAD_BYTES, readAnswerHead, readWidths, requestHead } from './run-frames.ts';

/** For each output of a model its values, row after row. */
export type Outputs = readonly Float64Array[];

interface RunUnderWay {
  readonly rows: number;
  readonly outputs: number;
  readonly settle: (outcome: ChildOutcome<Outputs>) => void;
}

/** The parent's end of the pipe to an inference child: one run at a time, and no length of an answer is believed. */
export class RunChannel {
  readonly #writer: FrameWriter;
  readonly #reader = new FrameReader();
  readonly #head = new Uint8Array(FRAME_HEAD_BYTES);
  #run: RunUnderWay | undefined;

  /** @param onSurplus hears that the child sent what nobody asked for; such a child should be ended */
  constructor(pipe: Duplex, onSurplus: () => void) {
    this.#writer = new FrameWriter(pipe);
    pipe.on('data', (chunk: Buffer) => {
      if (!this.#reader.take(chunk)) onSurplus();
    });
  }

  /**
   * Sends rows and reads the answer; `rows` may not change before that. Never settles when the child dies.
   * @param outputs how many outputs the model has
   */
  run(
    rows: Float64Array,
    columns: number,
    outputs: number,
    settle: (outcome: ChildOutcome<Outputs>) => void,
  ): void {
    const count = rows.length / columns;
    this.#run = { rows: count, outputs, settle };
    this.#reader.expect(this.#head, () => this.#readHead());
    this.#writer.write([requestHead(count, columns), bytesOf(rows)]);
  }

  #readHead(): void {
    const announced = readAnswerHead(this.#head, this.#run?.outputs ?? 0);
    if (announced.kind === 'malformed') {
      this.#end(announced);
      return;
    }
    const bytes = new Uint8Array(announced.bytes);
    this.#reader.expect(bytes, () => {
      if (announced.kind === 'widths') this.#readWidths(bytes);
      else this.#end({ kind: 'refused', message: new TextDecoder().decode(bytes) });
    });
  }

  #readWidths(announced: Uint8Array): void {
    const rows = this.#run?.rows ?? 0;
    const widths = readWidths(announced, rows);
    if (typeof widths === 'string') this.#end({ kind: 'malformed', message: widths });
    else
      this.#readValues(
        widths.map(width => new Float64Array(rows * width)),
        0,
      );
  }

  #readValues(outputs: readonly Float64Array[], index: number): void {
    const output = outputs[index];
    if (output) this.#reader.expect(bytesOf(output), () => this.#readValues(outputs, index + 1));
    else this.#end({ kind: 'answer', value: outputs });
  }

  #end(outcome: ChildOutcome<Outputs>): void {
    const run = this.#run;
    this.#run = undefined;
    run?.settle(outcome);
  }
}
