import type { SpanMaker, TracingOptions } from './open-telemetry.ts';

/** What is told of a span. Never a token, a header, a body or a query. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** `server` answers somebody, `client` asks somebody, `internal` is neither. */
export type SpanKind = 'server' | 'client' | 'internal';

export interface SpanOrder {
  readonly name: string;
  readonly kind?: SpanKind;
  readonly attributes?: SpanAttributes;
  /** Begins a trace of its own: long work outlives the request that asked for it. */
  readonly isRoot?: boolean;
}

/** A span that is ended by hand. */
export interface OpenSpan {
  /** Spans that begin meanwhile are its children. */
  enter<Result>(work: () => Result): Result;
  /** @param hasFailed the span is shown as an error */
  end(attributes: SpanAttributes, hasFailed: boolean): void;
}

const noSpan: OpenSpan = { enter: work => work(), end: () => {} };

/** Of this process, as OpenTelemetry has it: spans of several engines in one go to the last place that was named. */
let maker: SpanMaker | undefined;

/** Runs work as a span; without tracing it just runs it. A rejection ends the span as an error. */
export function inSpan<Result>(order: SpanOrder, work: () => Promise<Result>): Promise<Result> {
  return maker ? maker.inSpan(order, work) : work();
}

/** Begins a span under what a `traceparent` header names. */
export function serveSpan(
  order: SpanOrder,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): OpenSpan {
  return maker ? maker.serve(order, headers) : noSpan;
}

/** Headers that pass the present trace on to another engine; none without tracing. */
export function traceHeaders(): Record<string, string> {
  return maker?.headers() ?? {};
}

/** Id of the present trace, for the log. */
export function presentTraceId(): string | undefined {
  return maker?.traceId();
}

/** Turns tracing on and loads what it needs. Resolves with what turns it off and sends what waits, within some seconds. */
export async function startTracing(options: TracingOptions): Promise<() => Promise<void>> {
  const { createSpanMaker } = await import('./open-telemetry.ts');
  const own = createSpanMaker(options);
  maker = own;
  return async () => {
    if (maker === own) maker = undefined;
    await own.stop();
  };
}
