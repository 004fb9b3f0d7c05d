import pino from 'pino';

export type Logger = pino.Logger;

/** Structured log lines on standard error; headers that carry secrets never reach them. */
export function createLog(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: [
        'req.headers.authorization',
        'req.headers.cookie',
        '*.token',
        '*.secret',
        '*.key',
        '*.password',
      ],
    },
    pino.destination(2),
  );
}
