import { damagedPickle } from './damaged-pickle.ts';
import { PythonObject, type PythonValue } from './python-values.ts';

/** The four bytes of `datetime.date` → `2025-10-31`. @throws AppError `model.not-a-model` */
export function dateText(bytes: Uint8Array): string {
  const [high = 0, low = 0, month = 0, day = 0] = bytes;
  const year = high * 256 + low;
  if (bytes.length < 4 || !isDate(year, month, day)) throw damagedPickle('it holds an impossible date');
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

/**
 * The ten bytes of `datetime.datetime` → `2025-11-02T03:04:05`, with microseconds where there are some, and with the offset of a fixed time zone.
 * @throws AppError `model.not-a-model`
 */
export function datetimeText(bytes: Uint8Array, zone: PythonValue | undefined): string {
  if (bytes.length !== 10) throw damagedPickle('it holds an impossible time');
  // The highest bit of the month marks the second of two equal hours in autumn.
  const date = Uint8Array.of(bytes[0] ?? 0, bytes[1] ?? 0, (bytes[2] ?? 0) & 127, bytes[3] ?? 0);
  const [hour = 0, minute = 0, second = 0, high = 0, middle = 0, low = 0] = bytes.subarray(4);
  const microseconds = high * 65_536 + middle * 256 + low;
  if (hour > 23 || minute > 59 || second > 59 || microseconds > 999_999) {
    throw damagedPickle('it holds an impossible time');
  }
  const fraction = microseconds === 0 ? '' : `.${pad(microseconds, 6)}`;
  return `${dateText(date)}T${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}${fraction}${zoneText(zone)}`;
}

const unitsPerSecond: Readonly<Record<number, bigint>> = {
  7: 1n,
  8: 1_000n,
  9: 1_000_000n,
  10: 1_000_000_000n,
};

/**
 * `pandas.Timestamp` → ISO text.
 * @param value ticks since 1970
 * @param unit pandas' number of the tick: 7 seconds, 8 ms, 9 µs, 10 ns; pandas 1 has only nanoseconds and leaves it out
 * @throws AppError `model.not-a-model`
 */
export function timestampText(
  value: PythonValue | undefined,
  zone: PythonValue | undefined,
  unit: PythonValue | undefined,
): string {
  const perSecond = unitsPerSecond[typeof unit === 'number' ? unit : 10];
  const isWhole = typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
  if (perSecond === undefined || !isWhole) throw damagedPickle('it holds an impossible timestamp');
  const ticks = BigInt(value);
  const rest = ((ticks % perSecond) + perSecond) % perSecond;
  const seconds = (ticks - rest) / perSecond;
  if (seconds < -62_135_596_800n || seconds > 253_402_300_799n) {
    throw damagedPickle('it holds an impossible timestamp');
  }
  const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const digits = (rest * (1_000_000_000n / perSecond)).toString().padStart(9, '0');
  const fraction = rest === 0n ? '' : `.${digits.replace(/(000)+$/, '')}`;
  // A timestamp with a zone counts in UTC, whatever the zone is.
  return `${text}${fraction}${zone === null || zone === undefined ? '' : 'Z'}`;
}

function zoneText(zone: PythonValue | undefined): string {
  if (zone === undefined || zone === null || !(zone instanceof PythonObject)) return '';
  if (zone.type.name === '_UTC') return 'Z';
  const [delta] = zone.args;
  if (!(delta instanceof PythonObject) || delta.type.name !== 'timedelta') return '';
  const [days, seconds] = delta.args;
  const offset = (typeof days === 'number' ? days : 0) * 86_400 + (typeof seconds === 'number' ? seconds : 0);
  if (offset === 0) return 'Z';
  const minutes = Math.trunc(Math.abs(offset) / 60);
  if (!(minutes < 1_440)) throw damagedPickle('it holds an impossible time zone');
  return `${offset < 0 ? '-' : '+'}${pad(Math.trunc(minutes / 60), 2)}:${pad(minutes % 60, 2)}`;
}

function isDate(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(2000, 0, 1));
  date.setUTCFullYear(year, month - 1, day);
  return (
    year >= 1 &&
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day
  );
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
