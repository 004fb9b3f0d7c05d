import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND } from '../../../common/units/index.ts';

const ISO =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,]\d+)?\s*(?:(Z|UTC|GMT)|([+-])(\d{2}):?(\d{2}))?$/i;
const EPOCH = /^(\d{9,10}|\d{12,13})(?:\.\d+)?$/;
/** Ten digits are seconds until the year 2286, thirteen are milliseconds. */
const LONGEST_SECONDS = 10;
const ZERO = 48;
const MOST_DAYS_KEPT = 100_000;

/** Reads times; days are remembered, because files repeat them. */
export class TimestampReader {
  /** Times without a zone so far; they are read as UTC. */
  naiveTimes = 0;
  readonly #days = new Map<string, number | undefined>();
  #lastDay = '';
  #lastDayMs: number | undefined;

  /**
   * ISO 8601 with or without a zone, or seconds or milliseconds since 1970, to whole seconds in ms, as EC2's records are.
   * `undefined` when the text is no time.
   */
  read(text: string): number | undefined {
    const plainMs = this.#plain(text);
    if (plainMs !== undefined) return plainMs;
    const iso = ISO.exec(text);
    if (!iso) return epochMs(text);
    const [, day = '', hour, minute, second, utc, sign, zoneHours, zoneMinutes] = iso;
    const dayMs = this.#dayMs(day);
    const [h, m, s] = [Number(hour), Number(minute), Number(second)];
    if (dayMs === undefined || h > 23 || m > 59 || s > 60) return undefined;
    const localMs = dayMs + h * MS_PER_HOUR + m * MS_PER_MINUTE + s * MS_PER_SECOND;
    if (sign === undefined) {
      if (utc === undefined) this.naiveTimes++;
      return localMs;
    }
    const offsetMs = Number(zoneHours) * MS_PER_HOUR + Number(zoneMinutes) * MS_PER_MINUTE;
    return sign === '-' ? localMs + offsetMs : localMs - offsetMs;
  }

  /** `2022-03-12T22:15:46Z`, which nearly all files have, in a third of the time. */
  #plain(text: string): number | undefined {
    if (text.length !== 20 || text[10] !== 'T' || text[13] !== ':' || text[16] !== ':' || text[19] !== 'Z')
      return undefined;
    const hour = twoDigits(text, 11);
    const minute = twoDigits(text, 14);
    const second = twoDigits(text, 17);
    if (!(hour < 24 && minute < 60 && second < 60)) return undefined;
    const day = text.slice(0, 10);
    if (day !== this.#lastDay) {
      this.#lastDayMs = this.#dayMs(day);
      this.#lastDay = day;
    }
    const dayMs = this.#lastDayMs;
    return dayMs === undefined
      ? undefined
      : dayMs + hour * MS_PER_HOUR + minute * MS_PER_MINUTE + second * MS_PER_SECOND;
  }

  #dayMs(day: string): number | undefined {
    if (this.#days.has(day)) return this.#days.get(day);
    const ms = Date.parse(`${day}T00:00:00Z`);
    // Date.parse takes the 31st of February for the 3rd of March.
    const known = new Date(ms || 0).toISOString().startsWith(day) && ms % MS_PER_DAY === 0 ? ms : undefined;
    if (this.#days.size >= MOST_DAYS_KEPT) this.#days.clear();
    this.#days.set(day, known);
    return known;
  }
}

/** NaN unless both are digits. */
function twoDigits(text: string, at: number): number {
  const [tens, ones] = [text.charCodeAt(at) - ZERO, text.charCodeAt(at + 1) - ZERO];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? 10 * tens + ones : Number.NaN;
}

function epochMs(text: string): number | undefined {
  const digits = EPOCH.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const seconds =
    digits.length <= LONGEST_SECONDS ? Number(digits) : Math.floor(Number(digits) / MS_PER_SECOND);
  return seconds * MS_PER_SECOND;
}
