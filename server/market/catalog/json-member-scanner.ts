import { AppError } from '../../../common/errors.ts';

/** What happens with the value of a member: its own members are looked at, its bytes are handed over, or neither. */
export type MemberChoice = 'enter' | 'take' | 'skip';

export interface MemberReader {
  /** @param path keys from the root to this member; valid during the call only */
  choose(path: readonly string[]): MemberChoice;
  /** @param json the whole value; valid during the call only */
  take(path: readonly string[], json: Buffer): void;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const COMMA = 0x2c;
const COLON = 0x3a;
/** `[` and `{`, `]` and `}` differ in this bit alone. */
const BRACKET_BIT = 0x20;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const LARGEST_KEY_BYTES = 1_024;
const LARGEST_VALUE_BYTES = 4 * 1024 ** 2;

type Place = 'start' | 'first-key' | 'key' | 'in-key' | 'colon' | 'value' | 'in-value' | 'after' | 'end';

/**
 * Reads one JSON object of any size in chunks and keeps no more of it than the member that is being taken. What is
 * skipped is searched for its end only: brackets are counted and strings stepped over, the rest is not checked.
 * @throws AppError `input.invalid` that says at which byte it stops being JSON
 */
export class JsonMemberScanner {
  readonly #reader: MemberReader;
  readonly #path: string[] = [];
  #place: Place = 'start';
  /** Objects that were entered and not left. */
  #entered = 0;
  /** Brackets open within the value; 0 for a string, number or word. */
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  #isTaking = false;
  #parts: Buffer[] = [];
  #partBytes = 0;
  #offset = 0;

  constructor(reader: MemberReader) {
    this.#reader = reader;
  }

  push(bytes: Uint8Array): void {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    while (at < chunk.length) {
      if (this.#place === 'in-key') at = this.#scanKey(chunk, at);
      else if (this.#place === 'in-value') at = this.#scanValue(chunk, at);
      else {
        const byte = chunk[at] as number;
        if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) at++;
        else at = this.#step(byte, chunk, at);
      }
    }
    this.#offset += chunk.length;
  }

  /** Call it after the last chunk. @throws AppError `input.invalid` when the object is not closed */
  end(): void {
    if (this.#place === 'end') return;
    if (this.#place === 'start') throw new AppError('input.invalid', 'It is empty.');
    const within =
      this.#path.length === 0 ? 'the outermost object' : `"${this.#path.join('.').slice(0, 200)}"`;
    throw new AppError('input.invalid', `It is cut off after ${this.#offset} bytes, within ${within}.`, {
      hint: 'Fetch the file again; nothing was taken from this one.',
    });
  }

  #step(byte: number, chunk: Buffer, at: number): number {
    switch (this.#place) {
      case 'start':
        if (byte === BYTE_ORDER_MARK[this.#offset + at]) return at + 1;
        if (byte !== OPEN) return this.#refuse(chunk, at);
        return this.#enter(at);
      case 'first-key':
        if (byte === CLOSE) return this.#leave(at);
        if (byte !== QUOTE) return this.#refuse(chunk, at);
        return this.#begin('in-key', at + 1);
      case 'key':
        if (byte !== QUOTE) return this.#refuse(chunk, at);
        return this.#begin('in-key', at + 1);
      case 'colon':
        if (byte !== COLON) return this.#refuse(chunk, at);
        this.#place = 'value';
        return at + 1;
      case 'value': {
        const choice = this.#reader.choose(this.#path);
        if (choice === 'enter' && byte === OPEN) return this.#enter(at);
        if (byte === COMMA || byte === CLOSE || byte === COLON) return this.#refuse(chunk, at);
        this.#isTaking = choice === 'take';
        this.#depth = 0;
        this.#inString = false;
        return this.#begin('in-value', at);
      }
      case 'after':
        if (byte === CLOSE) return this.#leave(at);
        if (byte !== COMMA) return this.#refuse(chunk, at);
        this.#place = 'key';
        return at + 1;
      default:
        return this.#refuse(chunk, at);
    }
  }

  #begin(place: Place, at: number): number {
    this.#place = place;
    this.#isEscaped = false;
    this.#parts = [];
    this.#partBytes = 0;
    return at;
  }

  #enter(at: number): number {
    this.#entered++;
    this.#place = 'first-key';
    return at + 1;
  }

  #leave(at: number): number {
    this.#entered--;
    this.#path.pop();
    this.#place = this.#entered === 0 ? 'end' : 'after';
    return at + 1;
  }

  #scanKey(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at];
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) {
        const text = this.#whole(chunk, from, at, LARGEST_KEY_BYTES).toString();
        this.#path.push(text.includes('\\') ? this.#unescape(text) : text);
        this.#place = 'colon';
        return at + 1;
      }
    }
    this.#keep(chunk, from, chunk.length, LARGEST_KEY_BYTES);
    return chunk.length;
  }

  /** The inner loop runs over every byte of a file of hundreds of megabytes: its state is in local variables. */
  #scanValue(chunk: Buffer, from: number): number {
    const { length } = chunk;
    let at = from;
    let depth = this.#depth;
    let inString = this.#inString;
    while (at < length) {
      if (inString) {
        if (this.#isEscaped) {
          this.#isEscaped = false;
          at++;
          continue;
        }
        let byte = 0;
        while (at < length) {
          byte = chunk[at++] as number;
          if (byte === QUOTE || byte === BACKSLASH) break;
        }
        if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) {
          inString = false;
          if (depth === 0) return this.#finishValue(chunk, from, at);
        }
        continue;
      }
      const byte = chunk[at] as number;
      if (byte === QUOTE) inString = true;
      else if ((byte | BRACKET_BIT) === OPEN) depth++;
      else if ((byte | BRACKET_BIT) === CLOSE) {
        // A number or word ends before the bracket of the object around it.
        if (depth === 0) return this.#finishValue(chunk, from, at);
        if (--depth === 0) return this.#finishValue(chunk, from, at + 1);
      } else if (byte === COMMA && depth === 0) return this.#finishValue(chunk, from, at);
      at++;
    }
    this.#depth = depth;
    this.#inString = inString;
    if (this.#isTaking) this.#keep(chunk, from, length, LARGEST_VALUE_BYTES);
    return length;
  }

  #finishValue(chunk: Buffer, from: number, to: number): number {
    if (this.#isTaking) this.#reader.take(this.#path, this.#whole(chunk, from, to, LARGEST_VALUE_BYTES));
    this.#path.pop();
    this.#place = 'after';
    return to;
  }

  #whole(chunk: Buffer, from: number, to: number, limit: number): Buffer {
    if (this.#parts.length === 0 && to - from <= limit) return chunk.subarray(from, to);
    this.#keep(chunk, from, to, limit);
    return Buffer.concat(this.#parts);
  }

  /** A copy: the caller may use the chunk's memory again. */
  #keep(chunk: Buffer, from: number, to: number, limit: number): void {
    this.#partBytes += to - from;
    if (this.#partBytes > limit) {
      throw new AppError(
        'input.invalid',
        `A single ${this.#place === 'in-key' ? 'name' : 'value'} at byte ${this.#offset + from} is longer than ${limit} bytes.`,
      );
    }
    this.#parts.push(Buffer.from(chunk.subarray(from, to)));
  }

  #unescape(text: string): string {
    try {
      return JSON.parse(`"${text}"`) as string;
    } catch (cause) {
      throw new AppError('input.invalid', `The name "${text}" is no JSON text.`, { cause });
    }
  }

  #refuse(chunk: Buffer, at: number): never {
    const seen = chunk.toString('utf8', at, at + 24).replace(/\s+/g, ' ');
    const place = this.#place === 'start' ? 'It begins with' : `At byte ${this.#offset + at} it has`;
    throw new AppError('input.invalid', `${place} "${seen}", which is not JSON as expected there.`, {
      hint: seen.startsWith('<')
        ? 'This is a web page, perhaps of a proxy that asks for a sign-in; fetch the file itself.'
        : 'Check that this is the file that AWS publishes, whole and unchanged.',
    });
  }
}
