import { createHash } from 'node:crypto';
import type { KeptRecording } from '../../common/contracts/index.ts';
import { readAvailability } from './backtest/index.ts';
import type { RecordingStore } from './recording-store.ts';

/**
 * Reads a recording of availability, and keeps it for backtests.
 * @throws AppError `input.invalid` naming what is wrong with it; nothing is kept then
 */
export async function keepRecording(
  recordings: RecordingStore,
  { name, text, nowMs }: { readonly name: string; readonly text: string; readonly nowMs: number },
): Promise<KeptRecording> {
  const { availability } = readAvailability([{ name, text }], { product: 'Linux/UNIX', nodes: 1 });
  const sha256 = createHash('sha256').update(text).digest('hex');
  await recordings.keep(sha256, text, nowMs);
  return {
    sha256,
    name,
    pools: availability.length,
    fromMs: Math.min(...availability.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...availability.map(({ toMs }) => toMs)),
    interruptions: availability.reduce((sum, { interruptions }) => sum + interruptions, 0),
  };
}
