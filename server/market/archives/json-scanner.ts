import { type Column, columnsOfNames } from './column-names.ts';
import { LONGEST_LINE, type RawRow, type RowScanner } from './raw-row.ts';

const [NEWLINE, QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [10, 34, 92, 123, 125, 91, 93];
/** An object with none of these is what stands around the records: tokens, headers of answers. */
const telling: readonly Column[] = ['zone', 'type', 'price'];

/**
 * Rows of JSON: every object that holds no other one, so that the document of `aws … --output json`, a list, objects line by
 * line, and several of them one after the other read alike.
 */
export class JsonScanner implements RowScanner {
  damage: { line: number; reason: string } | undefined;
  #rest = '';
  /** Where the scan goes on in `#rest`. */
  #scanned = 0;
  #line = 1;
  #objectLine = 1;
  #objectAt = -1;
  #isInString = false;
  readonly #open: number[] = [];
  readonly #columns = new Map<string, Partial<Record<Column, string>>>();

  get line(): number {
    return this.#line;
  }

  push(text: string): RawRow[] {
    const rows: RawRow[] = [];
    if (this.damage) return rows;
    const nul = text.indexOf('\0');
    const all = this.#rest + (nul < 0 ? text : text.slice(0, nul));
    let at = this.#scanned;
    for (; at < all.length && !this.damage; at++) {
      const code = all.charCodeAt(at);
      if (this.#isInString) {
        if (code === BACKSLASH) at++;
        else if (code === QUOTE) this.#isInString = false;
        else if (code === NEWLINE) this.#fail('a text runs past the end of the line');
      } else if (code === QUOTE) this.#isInString = true;
      else if (code === NEWLINE) this.#line++;
      else if (code === OPEN || code === OPEN_LIST) {
        this.#open.push(code);
        if (code === OPEN) [this.#objectAt, this.#objectLine] = [at, this.#line];
      } else if (code === CLOSE || code === CLOSE_LIST) {
        const opened = this.#open.pop();
        if (opened !== (code === CLOSE ? OPEN : OPEN_LIST))
          this.#fail('a bracket closes what was not opened');
        else if (code === CLOSE && this.#objectAt >= 0) {
          const row = this.#read(all.slice(this.#objectAt, at + 1));
          if (row) rows.push(row);
          this.#objectAt = -1;
        }
      }
    }
    const kept = this.#objectAt >= 0 ? this.#objectAt : Math.min(at, all.length);
    this.#rest = all.slice(kept);
    this.#scanned = at - kept;
    if (this.#objectAt >= 0) this.#objectAt = 0;
    if (nul >= 0) this.#fail('it holds a NUL byte, which no text does');
    else if (this.#rest.length > LONGEST_LINE) {
      // What stands around the records may be as long as it likes; only a record may not.
      if (this.#open.length > 1 || this.#isInString) this.#fail('an object is longer than a megabyte');
      this.#objectAt = -1;
      this.#scanned -= this.#rest.length;
      this.#rest = '';
    }
    return rows;
  }

  end(): RawRow[] {
    if (this.#open.length > 0 || this.#isInString) this.#fail('the file ends inside an object');
    return [];
  }

  #read(text: string): RawRow | undefined {
    let object: Record<string, unknown>;
    try {
      object = JSON.parse(text) as Record<string, unknown>;
    } catch {
      this.#fail('it is no JSON');
      return undefined;
    }
    const names = Object.keys(object);
    const key = names.join('\0');
    const columns = this.#columns.get(key) ?? columnsOfNames(names);
    this.#columns.set(key, columns);
    if (telling.every(column => columns[column] === undefined)) return undefined;
    const value = (column: Column) => {
      const name = columns[column];
      const found = name === undefined ? undefined : object[name];
      return typeof found === 'string' || typeof found === 'number' ? String(found) : '';
    };
    return {
      line: this.#objectLine,
      region: value('region'),
      zone: value('zone'),
      type: value('type'),
      product: value('product'),
      price: value('price'),
      time: value('time'),
      isUnterminated: false,
    };
  }

  #fail(reason: string): void {
    this.damage ??= { line: this.#line, reason };
  }
}
