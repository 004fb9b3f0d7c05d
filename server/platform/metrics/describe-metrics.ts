import { collectDefaultMetrics, Registry } from 'prom-client';
import { type MetricDefinition, metricDefinitions } from './metric-definitions.ts';

/** An alerting rule of Prometheus, as far as it is told. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string; readonly description: string };
}

const INTRO = `# Metrics, alerts and traces

\`GET /metrics\` answers in the text format of Prometheus. It wants a token with the scope \`metrics\`, which an administrator
creates on the Settings page:

\`\`\`yaml
scrape_configs:
  - job_name: cloudoptim
    authorization: { credentials_file: /etc/prometheus/cloudoptim-token }
    static_configs: [{ targets: ['cloudoptim.example.com:8000'] }]
\`\`\`

- \`infra/grafana/cloudoptim.json\` is a dashboard for Grafana: import it and choose the Prometheus data source.
- \`infra/prometheus/alerts.yml\` holds the alerts that are listed below.

No label holds an id, a name of a cluster or anything else that grows without bound. Figures of money are US dollars. What is
not known is absent, never zero.

The column *of* says how replicas are taken together: what a \`process\` did or holds adds up, so use \`sum\`; what the whole
\`installation\` has each replica tells alike, so use \`max\`.
`;

const TRACES = `## Traces

Set \`OTEL_EXPORTER_OTLP_ENDPOINT\` (or \`--otlp-endpoint\`) to the address of an OpenTelemetry collector, e.g.
\`http://collector:4318\`, and spans are sent there by OTLP over HTTP. Without it nothing of OpenTelemetry is loaded.

| span | when | attributes |
|---|---|---|
| \`GET /api/v1/…\` | an HTTP request | \`http.request.method\`, \`http.route\`, \`http.response.status_code\`, \`cloudoptim.request_id\` |
| \`database.write\` | a write, until its commit is on disk | \`db.system.name\` |
| \`job <kind>\` | long work | \`cloudoptim.job.id\`, \`cloudoptim.job.kind\` |
| \`decision.run\` | a run of a decision engine | \`cloudoptim.cluster.id\`, \`cloudoptim.engine\` |
| \`agent.batch\` | a batch of messages of an agent | \`cloudoptim.cluster.id\`, \`cloudoptim.messages\` |
| \`ec2.DescribeSpotPriceHistory\`, \`autoscaling.…\` | a request to AWS | \`cloud.region\` |
| \`sync.request\` | a request to another engine | \`server.address\` |

- A \`traceparent\` header (W3C Trace Context) of a request is taken up, and passed on to another engine that sync calls.
- Lines of the log that are written inside of a span carry its \`traceId\` beside the \`requestId\`.
- The standard variables hold: \`OTEL_EXPORTER_OTLP_HEADERS\` for a collector that wants a key, \`OTEL_EXPORTER_OTLP_TIMEOUT\`,
  \`OTEL_RESOURCE_ATTRIBUTES\`, and \`OTEL_SERVICE_NAME\`, which is \`cloudoptim\` unless told.
- \`CLOUDOPTIM_TRACE_SHARE\` sends only a part, e.g. \`0.1\`; a caller that sends a trace decides for it.
- Of an error a span holds the code (\`error.type\`). No span holds a token, a header, a body or a query.
- A collector that is away costs the spans of that time and a line in the log now and then; at most 2,048 spans wait.
`;

/** The guide to all metrics, as Markdown; a test keeps docs/guides/metrics.md equal to it. */
export async function describeMetrics(alerts: readonly AlertRule[]): Promise<string> {
  const own = Object.values<MetricDefinition>(metricDefinitions).map(
    ({ name, type, labels = {}, unit, of, help }) =>
      `| \`${name}\` | ${type} | ${labelText(labels)} | ${unit} | ${of} | ${help} |`,
  );
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const common = (await registry.getMetricsAsJSON()).map(({ name, type, help }) => {
    const text = help.endsWith('.') ? help : `${help}.`;
    return `| \`${name}\` | ${type} | ${text} |`;
  });
  const rules = alerts.map(
    ({ alert, expr, annotations }) => `| ${alert} | \`${cell(expr)}\` | ${cell(annotations.description)} |`,
  );
  return [
    INTRO,
    '## Of CloudOptim',
    '',
    '| metric | type | labels | unit | of | meaning |',
    '|---|---|---|---|---|---|',
    ...own,
    '',
    '## Alerts',
    '',
    '| alert | fires when | what to look at |',
    '|---|---|---|',
    ...rules,
    '',
    '## Of Node and the process',
    '',
    'Some are there on Linux only, some once something happened. All are of the process.',
    '',
    '| metric | type | meaning |',
    '|---|---|---|',
    ...common,
    '',
    TRACES,
  ].join('\n');
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const texts = Object.entries(labels).map(([label, holds]) => `\`${label}\`: ${holds}`);
  return texts.length === 0 ? 'none' : texts.join('; ');
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
