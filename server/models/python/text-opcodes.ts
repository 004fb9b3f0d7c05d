import { damagedPickle, refusedPickle } from './damaged-pickle.ts';

const LONG_BYTES_MAX = 1024;
const TEXT_BYTES_MAX = 2 ** 28;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 to text. @throws AppError `model.not-a-model` for other bytes, `model.rejected` beyond 256 MiB */
export function utf8Text(bytes: Uint8Array): string {
  checkTextLength(bytes);
  try {
    return utf8.decode(bytes);
  } catch {
    throw damagedPickle('a text is not UTF-8');
  }
}

/** One character per byte. @throws AppError `model.rejected` beyond 256 MiB */
export function latin1Text(bytes: Uint8Array): string {
  checkTextLength(bytes);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function checkTextLength(bytes: Uint8Array): void {
  if (bytes.length > TEXT_BYTES_MAX)
    throw refusedPickle('This Python file holds a text of more than 256 MiB.');
}

/** Decimal digits, as INT and LONG hold them (`12`, `-3L`). A bigint only beyond 2^53. */
export function parseInteger(line: Uint8Array): number | bigint {
  if (line.length > LONG_BYTES_MAX) throw damagedPickle('an integer has more than 1,024 digits');
  const text = latin1Text(line).trim().replace(/L$/, '');
  if (!/^[+-]?\d+$/.test(text)) throw damagedPickle(`"${text.slice(0, 40)}" is no integer`);
  return compact(BigInt(text.replace(/^\+/, '')));
}

/** What INT holds: an integer, or `00` and `01` for False and True. */
export function parseIntOpcode(line: Uint8Array): number | bigint | boolean {
  const text = line.length === 2 ? latin1Text(line) : '';
  if (text === '00') return false;
  return text === '01' ? true : parseInteger(line);
}

/** What FLOAT holds: `repr` of a float. */
export function parseFloatOpcode(line: Uint8Array): number {
  const text = line.length > 100 ? '' : latin1Text(line).trim().toLowerCase();
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(text)) return Number(text);
  const special = /^([+-]?)(inf|infinity|nan)$/.exec(text);
  if (special === null) throw damagedPickle(`"${text.slice(0, 40)}" is no number`);
  if (special[2] === 'nan') return Number.NaN;
  return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/**
 * Little-endian two's complement of at most 1 KB, as LONG1 and LONG4 hold it.
 * @throws AppError `model.not-a-model` when longer
 */
export function decodeLong(bytes: Uint8Array): number | bigint {
  if (bytes.length > LONG_BYTES_MAX) throw damagedPickle(`an integer has ${bytes.length} bytes`);
  if (bytes.length === 0) return 0;
  const hex = Buffer.from(bytes).reverse().toString('hex');
  return compact(BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`)));
}

function compact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** What STRING holds: `repr` of a byte string in quotes, read as Latin-1. */
export function parseStringOpcode(line: Uint8Array): string {
  const quoted = latin1Text(line).trim();
  const quote = quoted[0];
  if (quoted.length < 2 || (quote !== "'" && quote !== '"') || quoted.at(-1) !== quote) {
    throw damagedPickle('a string lacks its quotes');
  }
  return quoted
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([nrtabfv\\'"]))/g, (_, hex, octal, letter) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255);
      return escapes[letter] ?? '';
    });
}

/** What UNICODE holds: Latin-1 with `\uXXXX` and `\UXXXXXXXX`, Python's raw-unicode-escape. */
export function parseUnicodeOpcode(line: Uint8Array): string {
  return latin1Text(line).replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/g, (_, short, long) => {
    const code = Number.parseInt(short ?? long, 16);
    if (code > 0x10ffff) throw damagedPickle('a text holds a character beyond Unicode');
    return String.fromCodePoint(code);
  });
}
