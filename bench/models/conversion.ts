import { statSync } from 'node:fs';
import pino from 'pino';
import type { ConvertAnswer } from '../../server/models/inference-messages.ts';
import { InferenceChild } from '../../server/models/start-inference-child.ts';
import { peakMibOf } from '../figures.ts';

/** One conversion in the capped child, with its start. */
export interface Conversion {
  readonly seconds: number;
  /** Most resident memory of the child as the system counts it; NaN where there is no /proc. */
  readonly peakMib: number;
  readonly fileMib: number;
  readonly onnxMib: number;
}

/** Converts as an upload does. @throws Error when the file cannot be converted */
export async function measureConversion(file: string, output: string): Promise<Conversion> {
  const startedAt = performance.now();
  const child = new InferenceChild(
    { nodePath: process.execPath, loadDeadlineMs: 60_000 },
    pino({ level: 'silent' }),
  );
  try {
    const outcome = await child.request({ kind: 'convert', path: file, output });
    const seconds = (performance.now() - startedAt) / 1_000;
    if (outcome.kind !== 'answer') throw new Error(`The conversion: ${JSON.stringify(outcome)}`);
    const answer = outcome.value as ConvertAnswer;
    if (!answer.converted) throw new Error(`The conversion: ${answer.message}`);
    const mib = (path: string) => statSync(path).size / 2 ** 20;
    return { seconds, peakMib: peakMibOf(child.pid), fileMib: mib(file), onnxMib: mib(output) };
  } finally {
    await child.close();
  }
}
