import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MS_PER_DAY } from '../../../common/units/index.ts';
import { blockOf, readBlock, writeBlock } from './day-block.ts';
import { SketchSum } from './sketch-sum.ts';
import { UsageDay, type UsageSample } from './usage-day.ts';
import { profileOf } from './usage-profile.ts';
import { SKETCH_ACCURACY, UsageSketch } from './usage-sketch.ts';
import { ByteReader, ByteWriter } from './varints.ts';

const DAY = 20_783;
const sample = fc.record<UsageSample>({
  at: fc.integer({ min: DAY * MS_PER_DAY, max: (DAY + 1) * MS_PER_DAY - 1 }),
  cpuMilli: fc.integer({ min: 0, max: 64_000 }),
  memoryBytes: fc.integer({ min: 0, max: 2 ** 36 }),
  isStartUp: fc.boolean(),
});
const moments = fc.array(fc.array(sample, { minLength: 1, maxLength: 4 }), { maxLength: 30 });

function dayFrom(all: readonly (readonly UsageSample[])[]): UsageDay {
  const day = new UsageDay();
  for (const one of all) day.add(one);
  return day;
}

function readBack(bytes: Uint8Array): UsageDay {
  const day = new UsageDay();
  day.mergeWritten(new ByteReader(bytes));
  return day;
}

describe('varints', () => {
  it('come back, up to the largest whole number', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeNat()), values => {
        const to = new ByteWriter();
        for (const value of [...values, Number.MAX_SAFE_INTEGER]) to.put(value);
        const from = new ByteReader(to.done());
        expect([...values, Number.MAX_SAFE_INTEGER].map(() => from.take())).toEqual([
          ...values,
          Number.MAX_SAFE_INTEGER,
        ]);
        expect(() => from.take()).toThrow('too early');
      }),
    );
  });
});

describe('a sketch', () => {
  it('gives every quantile within 1 %, and the largest exactly', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2 ** 30 }), { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, q) => {
          const sketch = new UsageSketch();
          for (const value of values) sketch.add(value);
          const exact = values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))] ?? 0;
          expect(Math.abs(sketch.quantile(q) - exact)).toBeLessThanOrEqual(
            exact * SKETCH_ACCURACY * 1.000001,
          );
          expect(sketch.max).toBe(Math.max(...values));
          expect(sketch.sum).toBe(values.reduce((sum, value) => sum + value, 0));
        },
      ),
    );
  });
});

describe('a sum of written sketches', () => {
  it('gives the quantiles of their merge, again and again', () => {
    const sum = new SketchSum();
    const other = new SketchSum();
    const values = fc.array(fc.nat(2 ** 30), { maxLength: 40 });
    fc.assert(
      fc.property(
        // Doubled so many times that counts take one byte, two, or more.
        fc.array(fc.tuple(values, fc.nat(17)), { maxLength: 5 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, q) => {
          sum.clear();
          other.clear();
          const merged = new UsageSketch();
          all.forEach(([one, doublings], index) => {
            const sketch = new UsageSketch();
            for (const value of one) sketch.add(value);
            const written = () => {
              const to = new ByteWriter();
              sketch.write(to, 4096);
              return new ByteReader(to.done());
            };
            for (let time = 0; time < doublings; time++) sketch.mergeWritten(written());
            (index % 2 === 0 ? sum : other).mergeWritten(written());
            merged.merge(sketch);
          });
          sum.merge(other);
          expect([sum.count, sum.max, sum.quantile(q)]).toEqual([
            merged.count,
            merged.max,
            merged.quantile(q),
          ]);
          for (const each of [0, q / 2, 1]) expect(sum.quantile(each)).toBe(merged.quantile(each));
        },
      ),
    );
  });
});

describe('a block', () => {
  it('gives back its days', () => {
    const days = [16 * 1298, 16 * 1298 + 7, 16 * 1298 + 3].map(day => ({
      day,
      body: new Uint8Array((day % 16) * 700).fill(day % 251),
    }));
    expect(readBlock({ block: blockOf(16 * 1298), body: writeBlock(days) })).toEqual(days);
  });
});

describe('a day', () => {
  it('is written and read without loss where its values span less than is kept', () => {
    const near = fc.array(
      fc.array(
        sample.map(one => ({
          ...one,
          cpuMilli: 100 + (one.cpuMilli % 900),
          memoryBytes: 2 ** 30 + one.memoryBytes,
        })),
        {
          minLength: 1,
          maxLength: 4,
        },
      ),
    );
    fc.assert(
      fc.property(near, all => {
        const day = dayFrom(all);
        day.countedTo = all.length;
        expect(readBack(day.write()).write()).toEqual(day.write());
        for (const q of [0, 0.5, 0.95, 1])
          expect(readBack(day.write()).cpu.quantile(q)).toEqual(day.cpu.quantile(q));
      }),
    );
  });

  it('keeps what is high exactly where values span more, and never shows less than was used', () => {
    fc.assert(
      fc.property(moments, all => {
        const day = dayFrom(all);
        const again = readBack(day.write());
        expect(again.cpu.max).toBe(day.cpu.max);
        expect(again.samples).toBe(day.samples);
        for (const q of [0, 0.5, 0.95, 1]) {
          if (day.cpu.count > 0) expect(again.cpu.quantile(q)).toBeGreaterThanOrEqual(day.cpu.quantile(q));
        }
      }),
    );
  });

  it('merges to the same bytes in any order and grouping', () => {
    fc.assert(
      fc.property(moments, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (all, dice) => {
        const whole = dayFrom(all);
        const shuffled = all
          .map(one => ({ one, key: dice.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        const half = Math.floor(all.length / 2);
        const left = dayFrom(shuffled.slice(half));
        left.merge(dayFrom(shuffled.slice(0, half)));
        expect(left.write()).toEqual(whole.write());
      }),
    );
  });

  it('takes at most 2 KiB, whatever was used', () => {
    const day = new UsageDay();
    // Evenly over all magnitudes, a hundred pods every fifteen seconds.
    const samples = Array.from({ length: 576_000 }, (_, i) => ({
      at: DAY * MS_PER_DAY + ((i * 150) % MS_PER_DAY),
      cpuMilli: Math.ceil(64_000 ** (((i * 7919) % 576_000) / 576_000)),
      memoryBytes: Math.ceil(2 ** (20 + (16 * ((i * 104_729) % 576_000)) / 576_000)),
      isStartUp: false,
    }));
    day.add(samples);
    expect(day.write().length).toBeLessThanOrEqual(2048);
  });

  it('keeps start-ups apart from what running takes', () => {
    const at = DAY * MS_PER_DAY;
    const day = dayFrom([
      [{ at, cpuMilli: 900, memoryBytes: 2 ** 31, isStartUp: true }],
      [{ at: at + 400_000, cpuMilli: 100, memoryBytes: 2 ** 30, isStartUp: false }],
    ]);
    expect(day.cpu.max).toBe(100);
    expect(day.startUp).toEqual({ samples: 1, cpuMilli: 900, memoryKib: 2 ** 21 });
  });

  it('refuses bytes of another version', () => {
    expect(() => readBack(new Uint8Array([9]))).toThrow('version 9');
  });
});

describe('a profile', () => {
  const options = { cpuPercentile: 0.95, memoryPercentile: 1, recentDays: 2, firstDay: 0, lastDay: DAY };
  const rowOf = (day: number, body: Uint8Array) => ({
    block: blockOf(day),
    body: writeBlock([{ day, body }]),
  });
  const series = { workload: 'Deployment/shop/web', container: 'app' };

  it('tells days, weekends, hours and when it was seen first and last', () => {
    const used = (day: number, minute: number) => {
      const at = day * MS_PER_DAY + minute * 60_000;
      return rowOf(day, dayFrom([[{ at, cpuMilli: 100, memoryBytes: 2 ** 30, isStartUp: false }]]).write());
    };
    // 2026-11-21 is a Saturday.
    const saturday = Date.UTC(2026, 10, 21) / MS_PER_DAY;
    const profile = profileOf(series, [used(saturday + 2, 61), used(saturday, 600)], {
      ...options,
      lastDay: saturday + 2,
    });
    expect(profile).toMatchObject({
      samples: 2,
      days: 2,
      weekendDays: 1,
      hours: 2,
      firstSeenAt: saturday * MS_PER_DAY + 600 * 60_000,
      lastSeenAt: (saturday + 2) * MS_PER_DAY + 61 * 60_000,
      startUp: null,
      pods: { min: 1, max: 1 },
    });
    expect(profile?.memoryBytes?.max).toBe(2 ** 30);
    expect(profileOf(series, [], options)).toBeUndefined();
  });

  it('is the same whatever the order of the days', () => {
    fc.assert(
      fc.property(fc.array(moments, { minLength: 1, maxLength: 5 }), all => {
        const days = all.map((one, index) => rowOf(DAY - index, dayFrom(one).write()));
        expect(profileOf(series, days.toReversed(), options)).toEqual(profileOf(series, days, options));
      }),
    );
  });
});
