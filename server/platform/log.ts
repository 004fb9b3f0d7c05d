import { AsyncLocalStorage } from 'node:async_hooks';
import pino from 'pino';
import { presentTraceId } from './tracing/tracing.ts';

export type Logger = pino.Logger;

/** The id of the request that is being answered; every line that is written meanwhile carries it. */
export const requestScope = new AsyncLocalStorage<string>();

/** Structured log lines, on standard error unless said otherwise; headers that carry secrets never reach them. */
export function createLog(level: string, to: pino.DestinationStream = pino.destination(2)): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: () => {
        const requestId = requestScope.getStore();
        const traceId = presentTraceId();
        return {
          ...(requestId === undefined ? {} : { requestId }),
          ...(traceId === undefined ? {} : { traceId }),
        };
      },
      redact: [
        'req.headers.authorization',
        'req.headers.cookie',
        '*.token',
        '*.secret',
        '*.key',
        '*.password',
      ],
    },
    to,
  );
}
