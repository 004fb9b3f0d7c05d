import { AsyncLocalStorage } from 'node:async_hooks';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type Context,
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { AppError } from '../../../common/errors.ts';
import { MS_PER_MINUTE, MS_PER_SECOND } from '../../../common/units/index.ts';
import type { Logger } from '../log.ts';
import type { OpenSpan, SpanAttributes, SpanOrder } from './tracing.ts';

export interface TracingOptions {
  /** Address of a collector that takes OTLP over HTTP: `http://127.0.0.1:4318`. */
  readonly endpoint: string;
  /** Part of the traces that begin here and are sent: 0…1. A caller's own choice is kept. */
  readonly share: number;
  readonly version: string;
  readonly log: Logger;
}

/** Makes spans and sends them. */
export interface SpanMaker {
  inSpan<Result>(order: SpanOrder, work: () => Promise<Result>): Promise<Result>;
  serve(order: SpanOrder, headers: Readonly<Record<string, string | string[] | undefined>>): OpenSpan;
  headers(): Record<string, string>;
  traceId(): string | undefined;
  stop(): Promise<void>;
}

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL };
const SEND_EVERY_MS = 2 * MS_PER_SECOND;
/** A collector that is away must not keep the engine from ending. */
const STOP_WITHIN_MS = 3 * MS_PER_SECOND;
const COMPLAIN_EVERY_MS = 5 * MS_PER_MINUTE;

const headerGetter: TextMapGetter<Readonly<Record<string, string | string[] | undefined>>> = {
  get: (headers, name) => headers[name],
  keys: headers => Object.keys(headers),
};

/** Loaded only where tracing is on. Headers, timeouts and names of the resource are those of the standard variables. */
export function createSpanMaker({ endpoint, share, version, log }: TracingOptions): SpanMaker {
  reportTrouble(log, endpoint);
  const resource = defaultResource()
    .merge(
      resourceFromAttributes({
        'service.name': 'cloudoptim',
        'service.version': version,
        'host.name': hostname(),
      }),
    )
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new TracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` }),
        scheduledDelayMillis: SEND_EVERY_MS,
      }),
    ],
  });
  const tracer = provider.getTracer('cloudoptim', version);
  const propagator = new W3CTraceContextPropagator();
  const present = new AsyncLocalStorage<Context>();
  const contextNow = () => present.getStore() ?? ROOT_CONTEXT;

  const open = ({ name, kind = 'internal', attributes = {}, isRoot = false }: SpanOrder, parent: Context) =>
    tracer.startSpan(name, { kind: KINDS[kind], attributes, root: isRoot }, parent);

  return {
    inSpan: async (order, work) => {
      const parent = contextNow();
      const span = open(order, parent);
      try {
        return await present.run(trace.setSpan(parent, span), work);
      } catch (error) {
        fail(span, error);
        throw error;
      } finally {
        span.end();
      }
    },
    serve: (order, headers) => {
      const parent = propagator.extract(ROOT_CONTEXT, headers, headerGetter);
      const span = open(order, parent);
      const context = trace.setSpan(parent, span);
      return {
        enter: work => present.run(context, work),
        end: (attributes: SpanAttributes, hasFailed: boolean) => {
          span.setAttributes(attributes);
          if (hasFailed) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
    headers: () => {
      const carrier: Record<string, string> = {};
      propagator.inject(contextNow(), carrier, {
        set: (to: Record<string, string>, name, value) => {
          to[name] = value;
        },
      });
      return carrier;
    },
    traceId: () => trace.getSpanContext(contextNow())?.traceId,
    stop: async () => {
      const given = new AbortController();
      await Promise.race([
        provider.shutdown().catch(() => undefined),
        pause(STOP_WITHIN_MS, undefined, { signal: given.signal }).catch(() => undefined),
      ]);
      given.abort();
      diag.disable();
    },
  };
}

/** By its code alone: messages name what people gave. */
function fail(span: Span, error: unknown): void {
  const code = error instanceof AppError ? error.code : 'bug.unexpected';
  span.setAttribute('error.type', code);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** A collector that is away is told once in a while, not with every batch. */
function reportTrouble(log: Logger, endpoint: string): void {
  let toldAtMs = Number.NEGATIVE_INFINITY;
  const tell = (message: string) => {
    const nowMs = performance.now();
    if (nowMs - toldAtMs < COMPLAIN_EVERY_MS) return;
    toldAtMs = nowMs;
    log.warn(
      { endpoint: new URL(endpoint).origin, reason: message.slice(0, 300) },
      'traces could not be sent',
    );
  };
  const quiet = () => {};
  diag.setLogger(
    { error: tell, warn: tell, info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
