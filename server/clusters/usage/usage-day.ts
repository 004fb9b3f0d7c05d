import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from '../../../common/units/index.ts';
import { SketchSum } from './sketch-sum.ts';
import { UsageSketch } from './usage-sketch.ts';
import { type ByteReader, ByteWriter } from './varints.ts';

/** What one container of a pod used at a moment. */
export interface UsageSample {
  /** ms UTC */
  readonly at: number;
  /** Whole numbers. */
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  /** The container was in its first minutes: what it takes to start says nothing of what it takes to run. */
  readonly isStartUp: boolean;
}

/** For so long after its start a container counts as starting. */
export const START_UP_MS = 5 * MS_PER_MINUTE;

/** Of the written form. */
const VERSION = 1;
/** CPU varies over three decades in a day, memory over two: what is lower than that is told as the lowest kept. */
const CPU_BINS = 384;
const MEMORY_BINS = 256;
const KIB = 1024;

/** The day (since 1970, UTC) of a moment. */
export function dayOf(at: number): number {
  return Math.floor(at / MS_PER_DAY);
}

/** Where values go. */
interface Values {
  readonly count: number;
  mergeWritten(from: ByteReader): void;
}

/** What one container used over a day or several, all pods of the workload together, in sketches of some kind. */
class UsageFacts<Sketch extends Values> {
  /** Milli-cores, while running. */
  readonly cpu: Sketch;
  /** KiB, while running: sums of bytes would be no exact numbers. */
  readonly memoryKib: Sketch;
  /** Largest while starting. */
  readonly startUp = { samples: 0, cpuMilli: 0, memoryKib: 0 };
  /** Largest and smallest number of pods that were measured at once; 0 before the first. */
  readonly pods = { min: 0, max: 0 };
  /** A bit for each hour of the day in which something was measured. */
  hours = 0;
  /** First and last sample, in minutes of the day. */
  firstMinute = 1440;
  lastMinute = 0;
  /** The journal was counted up to this entry. */
  countedTo = 0;

  constructor(cpu: Sketch, memoryKib: Sketch) {
    this.cpu = cpu;
    this.memoryKib = memoryKib;
  }

  get samples(): number {
    return this.cpu.count + this.startUp.samples;
  }

  /**
   * Adds the written day at which a reader stands.
   * @throws Error when the bytes are none that `write` made
   */
  mergeWritten(from: ByteReader): void {
    const version = from.take();
    if (version !== VERSION)
      throw new Error(`a usage record is of version ${version}; this reads ${VERSION}`);
    this.countedTo = Math.max(this.countedTo, from.take());
    this.hours |= from.take();
    this.firstMinute = Math.min(this.firstMinute, from.take());
    this.lastMinute = Math.max(this.lastMinute, from.take());
    this.notePods(from.take(), from.take());
    this.startUp.samples += from.take();
    this.startUp.cpuMilli = Math.max(this.startUp.cpuMilli, from.take());
    this.startUp.memoryKib = Math.max(this.startUp.memoryKib, from.take());
    this.cpu.mergeWritten(from);
    this.memoryKib.mergeWritten(from);
  }

  /** Adds what is not in sketches. */
  protected mergeFacts(other: UsageFacts<Values>): void {
    this.countedTo = Math.max(this.countedTo, other.countedTo);
    this.hours |= other.hours;
    this.firstMinute = Math.min(this.firstMinute, other.firstMinute);
    this.lastMinute = Math.max(this.lastMinute, other.lastMinute);
    this.notePods(other.pods.min, other.pods.max);
    this.startUp.samples += other.startUp.samples;
    this.startUp.cpuMilli = Math.max(this.startUp.cpuMilli, other.startUp.cpuMilli);
    this.startUp.memoryKib = Math.max(this.startUp.memoryKib, other.startUp.memoryKib);
  }

  protected notePods(min: number, max: number): void {
    if (max === 0) return;
    this.pods.min = this.pods.max === 0 ? min : Math.min(this.pods.min, min);
    this.pods.max = Math.max(this.pods.max, max);
  }
}

/** A day that is counted. */
export class UsageDay extends UsageFacts<UsageSketch> {
  constructor() {
    super(new UsageSketch(), new UsageSketch());
  }

  /** Counts what the pods of the workload used at one moment. */
  add(samples: readonly UsageSample[]): void {
    if (samples.length === 0) return;
    this.notePods(samples.length, samples.length);
    for (const { at, cpuMilli, memoryBytes, isStartUp } of samples) {
      const minute = Math.floor((at % MS_PER_DAY) / MS_PER_MINUTE);
      this.firstMinute = Math.min(this.firstMinute, minute);
      this.lastMinute = Math.max(this.lastMinute, minute);
      this.hours |= 1 << Math.floor((at % MS_PER_DAY) / MS_PER_HOUR);
      const memoryKib = Math.ceil(memoryBytes / KIB);
      if (isStartUp) {
        this.startUp.samples++;
        this.startUp.cpuMilli = Math.max(this.startUp.cpuMilli, cpuMilli);
        this.startUp.memoryKib = Math.max(this.startUp.memoryKib, memoryKib);
      } else {
        this.cpu.add(cpuMilli);
        this.memoryKib.add(memoryKib);
      }
    }
  }

  /** Adds another one, which stays as it is. */
  merge(other: UsageDay): void {
    this.mergeFacts(other);
    this.cpu.merge(other.cpu);
    this.memoryKib.merge(other.memoryKib);
  }

  /** Some hundred bytes; 2 KiB at the very most for up to two million samples a bin. */
  write(): Uint8Array {
    const to = new ByteWriter();
    for (const value of [
      VERSION,
      this.countedTo,
      this.hours,
      this.firstMinute,
      this.lastMinute,
      this.pods.min,
      this.pods.max,
      this.startUp.samples,
      this.startUp.cpuMilli,
      this.startUp.memoryKib,
    ]) {
      to.put(value);
    }
    this.cpu.write(to, CPU_BINS);
    this.memoryKib.write(to, MEMORY_BINS);
    return to.done();
  }
}

/** Adds up written days, and is used again for the next series. */
export class UsageSum extends UsageFacts<SketchSum> {
  constructor() {
    super(new SketchSum(), new SketchSum());
  }

  /** Adds another one, which stays as it is. */
  merge(other: UsageSum): void {
    this.mergeFacts(other);
    this.cpu.merge(other.cpu);
    this.memoryKib.merge(other.memoryKib);
  }

  /** Empties it. */
  clear(): void {
    this.cpu.clear();
    this.memoryKib.clear();
    Object.assign(this.startUp, { samples: 0, cpuMilli: 0, memoryKib: 0 });
    Object.assign(this.pods, { min: 0, max: 0 });
    this.hours = 0;
    this.firstMinute = 1440;
    this.lastMinute = 0;
    this.countedTo = 0;
  }
}
