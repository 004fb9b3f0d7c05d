import { type LineLayout, layoutOfHeader } from './line-layout.ts';
import { LONGEST_LINE, type RawRow, type RowScanner } from './raw-row.ts';
import { splitLine } from './split-line.ts';

const CARRIAGE_RETURN = 13;
const QUOTE = '"';
/** What `aws` prints beside records: tokens of pages, and `None` for an empty answer. */
const BESIDE = /^(?:NEXTTOKEN\b.*|None|#.*)?$/i;

/** Rows of text in lines: CSV, TSV, and what `aws` prints. Headers of files that were joined are followed. */
export class LineScanner implements RowScanner {
  damage: { line: number; reason: string } | undefined;
  #layout: LineLayout;
  #rest = '';
  #line = 0;
  readonly #fields: string[] = [];
  readonly #endings = new EndingShape();

  constructor(layout: LineLayout) {
    this.#layout = layout;
  }

  get line(): number {
    return this.#line + 1;
  }

  push(text: string): RawRow[] {
    const rows: RawRow[] = [];
    if (this.damage) return rows;
    const nul = text.indexOf('\0');
    const sound = nul < 0 ? text : text.slice(0, nul);
    const all = this.#rest === '' ? sound : this.#rest + sound;
    let start = 0;
    for (;;) {
      const end = all.indexOf('\n', start);
      if (end < 0 || this.damage) break;
      this.#line++;
      const row = this.#read(all, start, end, false);
      if (row) rows.push(row);
      start = end + 1;
    }
    this.#rest = all.slice(start);
    if (nul >= 0) this.#fail('it holds a NUL byte, which no text does', 1);
    else if (this.#rest.length > LONGEST_LINE) this.#fail('it is longer than a megabyte', 1);
    return rows;
  }

  end(): RawRow[] {
    if (this.damage || this.#rest.trim() === '') return [];
    this.#line++;
    const row = this.#read(this.#rest, 0, this.#rest.length, true);
    if (this.damage) this.damage = { line: this.#line, reason: 'it is cut off' };
    return row ? [row] : [];
  }

  #read(text: string, start: number, lineEnd: number, isUnterminated: boolean): RawRow | undefined {
    const end = text.charCodeAt(lineEnd - 1) === CARRIAGE_RETURN && lineEnd > start ? lineEnd - 1 : lineEnd;
    const { delimiter, positions, fields: wanted, last } = this.#layout;
    let fields = this.#fields;
    let count = 0;
    let hasQuotes = false;
    for (let at = start; at <= end && count <= wanted; ) {
      const next = text.indexOf(delimiter, at);
      const fieldEnd = next < 0 || next > end ? end : next;
      if (text[at] === QUOTE) hasQuotes = true;
      fields[count++] = text.slice(at, fieldEnd);
      at = fieldEnd + 1;
    }
    if (hasQuotes) {
      fields = splitLine(text.slice(start, end), delimiter);
      count = fields.length;
    }
    // A time begins with a digit wherever one is known; names of columns do not.
    const time = fields[positions.time] ?? '';
    if (count !== wanted || !(time >= '0' && time < ':')) {
      const line = text.slice(start, end);
      if (BESIDE.test(line.trim())) return undefined;
      const header = layoutOfHeader(line);
      if (header) {
        this.#layout = header;
        return undefined;
      }
      if (count !== wanted) {
        const found = splitLine(line, delimiter).length;
        this.#fail(`it has ${found} columns where ${wanted} are expected`, 0);
        return undefined;
      }
    }
    const ending = fields[wanted - 1] ?? '';
    if (isUnterminated && this.#endings.isShort(ending, last === 'price')) {
      this.#fail('it is cut off', 0);
      return undefined;
    }
    this.#endings.see(ending, last === 'price');
    const field = (position: number) => (position < 0 ? '' : (fields[position] ?? ''));
    return {
      line: this.#line,
      region: field(positions.region),
      zone: field(positions.zone),
      type: field(positions.type),
      product: field(positions.product),
      price: field(positions.price),
      time: field(positions.time),
      isUnterminated,
    };
  }

  #fail(reason: string, linesAhead: number): void {
    this.damage ??= { line: this.#line + linesAhead, reason };
  }
}

/**
 * Whether all lines of a file end alike. Where they do, a last line without an end that is shorter was cut: a price of
 * 0.071200 that was cut to 0.07 looks like a price.
 */
class EndingShape {
  #length: number | undefined;
  #isMixed = false;

  see(ending: string, isPrice: boolean): void {
    if (this.#isMixed) return;
    const length = lengthOf(ending, isPrice);
    if (this.#length === undefined) this.#length = length;
    else if (this.#length !== length) this.#isMixed = true;
  }

  isShort(ending: string, isPrice: boolean): boolean {
    return !this.#isMixed && this.#length !== undefined && lengthOf(ending, isPrice) < this.#length;
  }
}

/** Of prices the decimals count: those before the point differ in any file. */
function lengthOf(ending: string, isPrice: boolean): number {
  if (!isPrice) return ending.length;
  const point = ending.indexOf('.');
  return point < 0 ? 0 : ending.length - point;
}
