import { collectDefaultMetrics, Registry } from 'prom-client';
import { type MetricDefinition, metricDefinitions } from './metric-definitions.ts';

/** An alerting rule of Prometheus, as far as it is told. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string; readonly description: string };
}

const INTRO = `# Metrics and alerts

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
