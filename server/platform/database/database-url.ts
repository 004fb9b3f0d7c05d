import { inspect } from 'node:util';
import { AppError } from '../../../common/errors.ts';

/**
 * Where a PostgreSQL database is, password included: printed, logged or made JSON of, it shows the place alone. What the
 * address leaves out comes from `PGHOST`, `PGUSER`, `PGPASSWORD` and the other variables that PostgreSQL's own tools read.
 */
export class DatabaseUrl {
  readonly #text: string;
  /** `cloudoptim at db.example:5432`: for people. */
  readonly place: string;

  /** @throws AppError `config.invalid` when it is no address of PostgreSQL; the message repeats nothing of it */
  constructor(text: string) {
    let url: URL;
    try {
      // An address may leave the host out, as in postgresql://user@/name?host=/var/run/postgresql.
      url = new URL(text.replace(/^(\w+:\/\/[^/]*@)\//, '$1localhost/'));
    } catch {
      throw notAnAddress();
    }
    if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') throw notAnAddress();
    this.#text = text;
    const name = decodeURIComponent(url.pathname.slice(1)) || process.env.PGDATABASE;
    const host = url.searchParams.get('host') || url.hostname || process.env.PGHOST || 'localhost';
    this.place = `${name ?? 'PostgreSQL'} at ${decodeURIComponent(host)}:${url.port || (process.env.PGPORT ?? 5432)}`;
  }

  /** With the password, for the driver alone. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return this.place;
  }

  toJSON(): string {
    return this.place;
  }

  [inspect.custom](): string {
    return this.place;
  }
}

function notAnAddress(): AppError {
  return new AppError('config.invalid', 'The database URL is no address of a PostgreSQL database.', {
    hint: 'Write it as postgresql://user@host:5432/database, with the password in PGPASSWORD or in the URL.',
  });
}
