import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Logger } from '../log.ts';
import { type MetricDefinition, type MetricDefinitions, metricDefinitions } from './metric-definitions.ts';

type LabelsOf<D> = D extends { labels: infer L } ? keyof L & string : never;
type InstrumentOf<D> = D extends { type: 'counter' }
  ? Counter<LabelsOf<D>>
  : D extends { type: 'histogram' }
    ? Histogram<LabelsOf<D>>
    : Gauge<LabelsOf<D>>;

/** Each defined metric, to be counted, set or observed. */
export type Instruments = { readonly [Key in keyof MetricDefinitions]: InstrumentOf<MetricDefinitions[Key]> };

type InstrumentName = keyof MetricDefinitions;
type GaugeName = {
  [Key in InstrumentName]: MetricDefinitions[Key]['type'] extends 'gauge' ? Key : never;
}[InstrumentName];
type CounterName = {
  [Key in InstrumentName]: MetricDefinitions[Key]['type'] extends 'counter' ? Key : never;
}[InstrumentName];

interface Source {
  readonly name: string;
  readonly gauges: readonly GaugeName[];
  readonly read: () => Promise<void> | void;
}

/** The figures of one engine for Prometheus. Sources that are not cheap are read at each scrape, not in between. */
export class Metrics {
  readonly of: Instruments;
  readonly #registry = new Registry();
  readonly #log: Logger;
  readonly #sources: Source[] = [];
  readonly #totals = new Map<CounterName, number>();

  constructor(version: string, log: Logger) {
    this.#log = log;
    collectDefaultMetrics({ register: this.#registry });
    this.of = Object.fromEntries(
      Object.entries<MetricDefinition>(metricDefinitions).map(([key, definition]) => [
        key,
        instrument(definition, this.#registry),
      ]),
    ) as unknown as Instruments;
    this.of.buildInfo.set({ version }, 1);
  }

  /**
   * Has `read` set gauges at each scrape. They are emptied before: what cannot be read is absent and never an old value
   * or zero.
   */
  source(name: string, gauges: readonly GaugeName[], read: () => Promise<void> | void): void {
    this.#sources.push({ name, gauges, read });
  }

  /** Raises a counter to a total that somebody else counts. */
  raise(name: CounterName, total: number): void {
    this.of[name].inc(Math.max(0, total - (this.#totals.get(name) ?? 0)));
    this.#totals.set(name, total);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All figures in the text format of Prometheus. */
  async text(): Promise<string> {
    await Promise.all(this.#sources.map(source => this.#read(source)));
    return this.#registry.metrics();
  }

  async #read({ name, gauges, read }: Source): Promise<void> {
    const empty = () => gauges.forEach(gauge => void emptied(this.of[gauge]));
    empty();
    try {
      await read();
    } catch (error) {
      empty();
      this.of.scrapeFailures.inc({ source: name });
      this.#log.warn({ err: error, source: name }, 'figures could not be read for a scrape');
    }
  }
}

function emptied(gauge: Gauge): void {
  gauge.reset();
  // One without labels would tell zero.
  gauge.remove({});
}

function instrument(definition: MetricDefinition, registry: Registry): Counter | Gauge | Histogram {
  const { name, help, type, labels = {}, buckets } = definition;
  const common = { name, help, labelNames: Object.keys(labels), registers: [registry] };
  if (type === 'counter') return new Counter(common);
  if (type === 'histogram')
    return new Histogram({ ...common, ...(buckets ? { buckets: [...buckets] } : {}) });
  return new Gauge(common);
}
