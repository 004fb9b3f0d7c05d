import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where tests create PostgreSQL databases; `null` in a project that tests stores on SQLite. */
    postgresUrl: string | null;
  }
}

/** As the project of the running test says. */
export const postgresUrl = inject('postgresUrl');
