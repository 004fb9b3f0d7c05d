/** ONNX Runtime alone, in a fresh process that has nothing else to do; the yardstick of the inference service. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';

interface Order {
  readonly rows: number;
  /** Rows at once. */
  readonly slice: number;
  readonly calls: number;
}

/** A process with one model and a table of rows. */
export class BareRuntime {
  readonly #process: ChildProcess;

  private constructor(model: string, table: string, columns: number) {
    this.#process = fork(import.meta.filename, [model, table, String(columns)]);
  }

  static async start(model: string, table: string, columns: number): Promise<BareRuntime> {
    const runtime = new BareRuntime(model, table, columns);
    await once(runtime.#process, 'message');
    return runtime;
  }

  /** Milliseconds of one run, the mean of so many, measured in that process. */
  async measure(order: Order): Promise<number> {
    const answer = once(this.#process, 'message');
    this.#process.send(order);
    return (await answer)[0] as number;
  }

  close(): void {
    this.#process.kill('SIGKILL');
  }
}

if (import.meta.main) {
  const [, , model = '', file = '', width] = process.argv;
  const columns = Number(width);
  const bytes = readFileSync(file);
  const table = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const [input = ''] = session.inputNames;
  process.on('message', async ({ rows, slice, calls }: Order) => {
    const start = performance.now();
    for (let call = 0; call < calls; call++) {
      for (let from = 0; from < rows; from += slice) {
        const to = Math.min(rows, from + slice);
        const part = table.subarray(from * columns, to * columns);
        await session.run({ [input]: new Tensor('float64', part, [to - from, columns]) });
      }
    }
    process.send?.((performance.now() - start) / calls);
  });
  process.send?.('ready');
}
