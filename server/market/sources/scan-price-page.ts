import type { PriceBatch } from '../price-batch.ts';
import { endOfValue, ItemTemplate } from './item-template.ts';
import type { PoolNames, Span } from './pool-names.ts';
import { scanMicroUsd, scanTimestamp } from './scan-values.ts';

/** What a page holds. */
export interface ScannedPage {
  readonly batch: PriceBatch;
  /** Records without pool, time or usable price; they are not in the batch. */
  readonly refusedPrices: number;
  /** Empty or absent on the last page. */
  readonly nextToken: string | undefined;
}

const [OPEN, CLOSE, SLASH, AMPERSAND, QUESTION, MARK] = Buffer.from('<>/&?!');
const ROOT = Buffer.from('DescribeSpotPriceHistoryResponse');
const SET = Buffer.from('spotPriceHistorySet');
const ITEM = Buffer.from('item');
const TOKEN = Buffer.from('nextToken');
/** Places of the fields of an item in `FIELDS` and in the spans of a scan; the last one is read over. */
const FIELDS = [
  'instanceType',
  'productDescription',
  'spotPrice',
  'timestamp',
  'availabilityZone',
  'availabilityZoneId',
].map(name => Buffer.from(name));
const ROWS_EXPECTED = 1_000;
/** Elements that are skipped may lie this deep; EC2 nests none. */
const DEEPEST = 20;

/** Thrown inside a scan and caught by it: the page holds what only a whole XML parser understands. */
class NotPlain extends Error {}

/**
 * Reads an answer to DescribeSpotPriceHistory (EC2 Query protocol, API of 2016-11-15 and before) from its bytes.
 * Fields of an item may come in any order, elements that are not known are skipped.
 * @returns `undefined` when the page holds anything else than plain elements with plain text, as EC2 sends it: entities,
 * comments, CDATA, attributes, values with blanks about them, a date or a number in another form, or an end that is
 * missing. The caller then has a whole parser read it, so that both agree wherever this one answers.
 */
export function scanPricePage(bytes: Uint8Array, names: PoolNames): ScannedPage | undefined {
  try {
    return new Scan(bytes, names).page();
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

class Scan {
  readonly #bytes: Uint8Array;
  readonly #names: PoolNames;
  readonly #fields: Span[] = FIELDS.map(() => ({ start: 0, end: 0 }));
  readonly #name: Span = { start: 0, end: 0 };
  #template: ItemTemplate | undefined;
  #at = 0;
  #isEmpty = false;
  #count = 0;
  #refused = 0;
  #poolOf = new Int32Array(ROWS_EXPECTED);
  #atMs = new Float64Array(ROWS_EXPECTED);
  #price = new Float64Array(ROWS_EXPECTED);

  constructor(bytes: Uint8Array, names: PoolNames) {
    this.#bytes = bytes;
    this.#names = names;
  }

  page(): ScannedPage {
    this.#prolog();
    this.#open(true);
    if (!this.#isNamed(ROOT) || this.#isEmpty) throw new NotPlain();
    let nextToken: string | undefined;
    let sets = 0;
    while (this.#isChild()) {
      this.#open(false);
      if (this.#isNamed(SET)) {
        if (sets++ > 0) throw new NotPlain();
        if (!this.#isEmpty) this.#items();
      } else if (this.#isNamed(TOKEN)) {
        if (nextToken !== undefined) throw new NotPlain();
        nextToken = this.#isEmpty ? '' : this.#text(TOKEN);
      } else this.#skip();
    }
    this.#close(ROOT);
    this.#blanks();
    if (this.#at !== this.#bytes.length) throw new NotPlain();
    const batch = {
      pools: this.#names.pools,
      poolOf: this.#poolOf.subarray(0, this.#count),
      atMs: this.#atMs.subarray(0, this.#count),
      priceMicroUsdPerHour: this.#price.subarray(0, this.#count),
    };
    return { batch, refusedPrices: this.#refused, nextToken: nextToken === '' ? undefined : nextToken };
  }

  /** `<?xml version="1.0" encoding="UTF-8"?>`, or nothing. */
  #prolog(): void {
    this.#blanks();
    if (this.#bytes[this.#at] !== OPEN || this.#bytes[this.#at + 1] !== QUESTION) return;
    const end = this.#find(CLOSE, this.#at);
    const text = Buffer.from(this.#bytes.subarray(this.#at, end + 1)).toString('latin1');
    if (!/^<\?xml version="1\.0"( encoding="(UTF|utf)-8")?\s*\?>$/.test(text)) throw new NotPlain();
    this.#at = end + 1;
    this.#blanks();
  }

  #items(): void {
    while (this.#isChild()) {
      const start = this.#at;
      const end = this.#template?.read(this.#bytes, start, this.#fields) ?? -1;
      if (end < 0) {
        this.#open(false);
        if (!this.#isNamed(ITEM) || this.#isEmpty) throw new NotPlain();
        this.#item();
        this.#template = new ItemTemplate(this.#bytes, start, this.#at, this.#fields);
      } else this.#at = end;
      this.#keep();
    }
    this.#close(SET);
  }

  #item(): void {
    for (const field of this.#fields) field.end = -1;
    while (this.#isChild()) {
      this.#open(false);
      const place = this.#fieldNamed();
      const field = this.#fields[place];
      if (field === undefined) this.#skip();
      else {
        if (field.end !== -1 || this.#isEmpty) throw new NotPlain();
        this.#span(field);
        this.#close(FIELDS[place] as Uint8Array);
      }
    }
    this.#close(ITEM);
  }

  #keep(): void {
    const [type, product, price, timestamp, zone] = this.#fields as [Span, Span, Span, Span, Span];
    const atMs = timestamp.end === -1 ? 0 : scanTimestamp(this.#bytes, timestamp);
    const microUsd = price.end === -1 ? 0 : scanMicroUsd(this.#bytes, price);
    if (atMs === undefined || microUsd === undefined) throw new NotPlain();
    if (microUsd === 0 || type.end === -1 || product.end === -1 || timestamp.end === -1 || zone.end === -1) {
      this.#refused++;
      return;
    }
    if (this.#count === this.#poolOf.length) this.#grow();
    this.#poolOf[this.#count] = this.#names.placeOf(this.#bytes, zone, type, product);
    this.#atMs[this.#count] = atMs;
    this.#price[this.#count] = microUsd;
    this.#count++;
  }

  #grow(): void {
    const larger = <T extends { set(from: T): void }>(old: T, made: T): T => {
      made.set(old);
      return made;
    };
    const length = 2 * this.#poolOf.length;
    this.#poolOf = larger(this.#poolOf, new Int32Array(length));
    this.#atMs = larger(this.#atMs, new Float64Array(length));
    this.#price = larger(this.#price, new Float64Array(length));
  }

  /** Whether an element begins next, rather than the end of the one around it. */
  #isChild(): boolean {
    this.#blanks();
    if (this.#bytes[this.#at] !== OPEN) throw new NotPlain();
    return this.#bytes[this.#at + 1] !== SLASH;
  }

  /** Reads `<name>` or `<name/>` into `#name` and `#isEmpty`. */
  #open(mayHaveAttributes: boolean): void {
    const bytes = this.#bytes;
    let at = this.#at + 1;
    if (bytes[this.#at] !== OPEN || !isNameStart(bytes[at])) throw new NotPlain();
    this.#name.start = at;
    while (isNamePart(bytes[at])) at++;
    this.#name.end = at;
    if (mayHaveAttributes && isBlank(bytes[at])) at = this.#attributes(at);
    this.#isEmpty = bytes[at] === SLASH;
    if (this.#isEmpty) at++;
    if (bytes[at] !== CLOSE) throw new NotPlain();
    this.#at = at + 1;
  }

  /** Nothing but the namespace. */
  #attributes(from: number): number {
    const end = this.#find(CLOSE, from);
    const text = Buffer.from(this.#bytes.subarray(from, end)).toString('latin1');
    if (!/^\s+xmlns="[^"<&]*"\s*$/.test(text)) throw new NotPlain();
    return end;
  }

  #close(name: Uint8Array): void {
    const bytes = this.#bytes;
    let at = this.#at;
    if (bytes[at++] !== OPEN || bytes[at++] !== SLASH) throw new NotPlain();
    for (let index = 0; index < name.length; index++) if (bytes[at++] !== name[index]) throw new NotPlain();
    if (bytes[at++] !== CLOSE) throw new NotPlain();
    this.#at = at;
  }

  /** The text up to the next tag, which has to be plain. */
  #span(into: Span): void {
    const end = endOfValue(this.#bytes, this.#at);
    if (end < 0) throw new NotPlain();
    into.start = this.#at;
    into.end = end;
    this.#at = end;
  }

  #text(name: Uint8Array): string {
    if (this.#bytes[this.#at] === OPEN) {
      this.#close(name);
      return '';
    }
    const span = { start: 0, end: 0 };
    this.#span(span);
    this.#close(name);
    return Buffer.from(this.#bytes.subarray(span.start, span.end)).toString('utf8');
  }

  /** What was opened last, with everything in it. */
  #skip(depth = 0): void {
    if (this.#isEmpty) return;
    if (depth > DEEPEST) throw new NotPlain();
    const name = this.#bytes.subarray(this.#name.start, this.#name.end);
    for (;;) {
      const end = this.#find(OPEN, this.#at);
      for (let at = this.#at; at < end; at++) if (this.#bytes[at] === AMPERSAND) throw new NotPlain();
      this.#at = end;
      if (this.#bytes[end + 1] === SLASH) {
        this.#close(name);
        return;
      }
      if (this.#bytes[end + 1] === MARK || this.#bytes[end + 1] === QUESTION) throw new NotPlain();
      this.#open(false);
      this.#skip(depth + 1);
    }
  }

  #fieldNamed(): number {
    for (let place = 0; place < FIELDS.length; place++)
      if (this.#isNamed(FIELDS[place] as Uint8Array)) return place;
    return -1;
  }

  #isNamed(name: Uint8Array): boolean {
    const { start, end } = this.#name;
    if (end - start !== name.length) return false;
    for (let index = 0; index < name.length; index++)
      if (this.#bytes[start + index] !== name[index]) return false;
    return true;
  }

  #find(byte: number | undefined, from: number): number {
    const found = this.#bytes.indexOf(byte ?? 0, from);
    if (found < 0) throw new NotPlain();
    return found;
  }

  #blanks(): void {
    while (isBlank(this.#bytes[this.#at])) this.#at++;
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isNameStart(byte: number | undefined): boolean {
  return byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
}

/** Letters and digits only: names with a prefix or a dot are left to a whole parser. */
function isNamePart(byte: number | undefined): boolean {
  return byte !== undefined && (isNameStart(byte) || (byte >= 0x30 && byte <= 0x39));
}
