import { readFileSync } from 'node:fs';

const MIB = 2 ** 20;
/** Addresses of a thread itself: its heaps, its stack and what the C library sets aside for it. */
const THREAD_BYTES = 192 * MIB;
/** Addresses that stay free for what runs take. */
const RESERVE_BYTES = 128 * MIB;
/** Largest file of a model that is loaded twice where nothing tells how much memory it takes. */
const MOST_FILE_BYTES = 32 * MIB;

/** Address space of this process as Linux tells it. */
export interface AddressSpace {
  readonly nowBytes: number;
  readonly peakBytes: number;
  /** `undefined` when it is not limited. */
  readonly limitBytes: number | undefined;
}

/** @returns `undefined` on other systems */
export function addressSpace(): AddressSpace | undefined {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const bytes = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
    const limit = /^Max address space\s+(\d+)/m.exec(limits)?.[1];
    const space = { nowBytes: bytes('VmSize'), peakBytes: bytes('VmPeak') };
    if (!Number.isFinite(space.nowBytes + space.peakBytes)) return undefined;
    return { ...space, limitBytes: limit === undefined ? undefined : Number(limit) };
  } catch {
    return undefined;
  }
}

/**
 * Whether one more thread can load the model too: what the first load took at its height must be free once more. A thread
 * that finds no memory could end the whole process, and with it a model that runs well in one thread.
 * @param fileBytes of the model's file, which is held in memory while it is loaded
 * @param before address space before the model was loaded
 */
export function hasRoomForThread(
  fileBytes: number,
  before: AddressSpace | undefined,
  now: AddressSpace | undefined,
): boolean {
  if (!before || now?.limitBytes === undefined) return fileBytes <= MOST_FILE_BYTES;
  const loadBytes = Math.max(0, now.peakBytes - before.nowBytes);
  return now.nowBytes + fileBytes + loadBytes + THREAD_BYTES + RESERVE_BYTES <= now.limitBytes;
}
