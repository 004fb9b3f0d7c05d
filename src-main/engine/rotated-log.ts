import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Size at which a new file begins, and how many old ones stay, unless said otherwise. */
const LIMITS = { maxBytes: 5 * 1024 * 1024, kept: 3 };

/** A log file that never grows beyond its bounds: `name.log`, before it `name.1.log`, and so on. */
export class RotatedLog {
  /** The file that is written now. */
  readonly file: string;
  readonly #folder: string;
  readonly #name: string;
  readonly #limits: typeof LIMITS;
  #descriptor: number;
  #bytes: number;

  /** Opens the log, which goes on where it was. @throws what the file system says */
  constructor(folder: string, name: string, limits: typeof LIMITS = LIMITS) {
    this.#folder = folder;
    this.#name = name;
    this.#limits = limits;
    this.file = join(folder, `${name}.log`);
    mkdirSync(folder, { recursive: true });
    this.#descriptor = openSync(this.file, 'a', 0o600);
    this.#bytes = fstatSync(this.#descriptor).size;
  }

  /** Appends at once, so that the last words before a crash are there. */
  write(chunk: Uint8Array): void {
    if (this.#bytes > 0 && this.#bytes + chunk.length > this.#limits.maxBytes) this.#rotate();
    writeSync(this.#descriptor, chunk);
    this.#bytes += chunk.length;
  }

  /** One line of its own, with the time. @param at in milliseconds */
  note(at: number, text: string): void {
    this.write(Buffer.from(`${new Date(at).toISOString()} ${text}\n`));
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #rotate(): void {
    closeSync(this.#descriptor);
    const old = (age: number) => join(this.#folder, `${this.#name}.${age}.log`);
    rmSync(old(this.#limits.kept), { force: true });
    for (let age = this.#limits.kept - 1; age >= 1; age--) moveIfThere(old(age), old(age + 1));
    moveIfThere(this.file, old(1));
    this.#descriptor = openSync(this.file, 'a', 0o600);
    this.#bytes = 0;
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
