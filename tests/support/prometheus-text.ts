/** A metric as an answer of `/metrics` tells it. */
export interface ScrapedMetric {
  readonly type: string;
  /** Names of the labels of its samples, without `le` of histograms. */
  readonly labels: ReadonlySet<string>;
  /** Samples by their text before the value: `name{state="live"}`. */
  readonly samples: ReadonlyMap<string, number>;
}

/** Reads the text format of Prometheus, as prom-client writes it. */
export function readPrometheusText(text: string): Map<string, ScrapedMetric> {
  const metrics = new Map<string, { type: string; labels: Set<string>; samples: Map<string, number> }>();
  let metric: { type: string; labels: Set<string>; samples: Map<string, number> } | undefined;
  for (const line of text.split('\n')) {
    const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (name !== undefined && type !== undefined) {
      metric = { type, labels: new Set(), samples: new Map() };
      metrics.set(name, metric);
    }
    const [, key, labels, value] = /^([a-z_A-Z0-9]+(?:\{(.*)\})?) (\S+)$/.exec(line) ?? [];
    if (!metric || key === undefined || line.startsWith('#')) continue;
    metric.samples.set(key, Number(value));
    for (const [, label] of (labels ?? '').matchAll(/([a-zA-Z_]+)="(?:[^"\\]|\\.)*"/g))
      if (label !== undefined && !(label === 'le' && metric.type === 'histogram')) metric.labels.add(label);
  }
  return metrics;
}
