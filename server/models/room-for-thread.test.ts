import { describe, expect, it } from 'vitest';
import { addressSpace, hasRoomForThread } from './room-for-thread.ts';

const MIB = 2 ** 20;
/** Address space in MiB. */
const space = (now: number, peak = now, limit?: number) => ({
  nowBytes: now * MIB,
  peakBytes: peak * MIB,
  limitBytes: limit === undefined ? undefined : limit * MIB,
});

describe('room for a thread with a model of its own', () => {
  it('is there when the load fits once more, with what a thread and its runs take', () => {
    expect(hasRoomForThread(MIB, space(1_200), space(1_230, 1_300, 1_953))).toBe(true);
    expect(hasRoomForThread(400 * MIB, space(1_200), space(1_230, 1_300, 1_953))).toBe(false);
    // The first load took 500 MiB at its height, of which it gave back 300.
    expect(hasRoomForThread(MIB, space(1_200), space(1_400, 1_700, 1_953))).toBe(false);
    expect(hasRoomForThread(MIB, space(1_200), space(1_400, 1_700, 2_300))).toBe(true);
  });

  it('is judged by the size of the file where nothing is limited', () => {
    expect(hasRoomForThread(MIB, space(1_200), space(1_400, 1_700))).toBe(true);
    expect(hasRoomForThread(MIB, undefined, undefined)).toBe(true);
    expect(hasRoomForThread(33 * MIB, space(1_200), space(1_400, 1_700))).toBe(false);
    expect(hasRoomForThread(33 * MIB, undefined, undefined)).toBe(false);
  });

  it.runIf(process.platform === 'linux')('is measured by what Linux says of this process', () => {
    const { nowBytes, peakBytes } = addressSpace() ?? space(0);
    expect(nowBytes).toBeGreaterThan(100 * MIB);
    expect(peakBytes).toBeGreaterThanOrEqual(nowBytes);
  });
});
