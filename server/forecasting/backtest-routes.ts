import { api, backtestFileKinds, backtestFilePath } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { Routes } from '../platform/index.ts';
import { poolsAsCsv, reportAsHtml, riskPoolsAsCsv, riskReportAsHtml } from './backtest/index.ts';
import type { BacktestFindings } from './backtest-findings.ts';
import type { Backtests } from './create-backtests.ts';

/** Calls about backtests, and the downloads of what they found out. */
export function addBacktestRoutes(routes: Routes, backtests: Backtests): void {
  routes.add(api.backtests.startBacktest, ({ body }) => backtests.start(body));
  routes.add(api.backtests.listBacktests, async () => ({ backtests: await backtests.list() }));
  routes.add(api.backtests.getBacktest, ({ params }) => backtests.get(params.job));
  routes.add(api.backtests.keepRecording, ({ body }) => backtests.keepRecording(body.name, body.text));
  routes.add(api.backtests.listBacktestPools, async ({ params }) => {
    const findings = await backtests.result(params.job);
    return 'riskReport' in findings
      ? { pools: [], riskPools: [...findings.riskPools] }
      : { pools: [...findings.pools], riskPools: [] };
  });
  routes.add(api.backtests.cancelBacktest, ({ params }) => backtests.cancel(params.job));
  routes.addRaw(
    {
      method: 'GET',
      path: backtestFilePath,
      access: 'viewer',
      tag: 'forecasts',
      summary: 'What a backtest found out: `pools.csv`, `report.html` or `report.json`',
    },
    async (request, reply) => {
      const { job, kind } = request.params as { job: string; kind: string };
      if (!backtestFileKinds.some(known => known === kind)) {
        throw new AppError('input.invalid', `A backtest has no file "${kind}".`, {
          hint: `Ask for one of ${backtestFileKinds.join(', ')}.`,
        });
      }
      const files = filesOf(await backtests.result(job));
      // Attached, so that a page with names from outside never runs beside the user interface.
      reply.header('content-disposition', `attachment; filename="backtest-${kind}"`);
      if (kind === 'pools.csv') return reply.type('text/csv').send(files.csv());
      if (kind === 'report.html') return reply.type('text/html').send(files.html());
      return reply.type('application/json').send(`${JSON.stringify(files.report, null, 2)}\n`);
    },
  );
}

function filesOf(findings: BacktestFindings) {
  if ('riskReport' in findings) {
    const { riskReport: report, riskPools } = findings;
    return { report, csv: () => riskPoolsAsCsv(riskPools), html: () => riskReportAsHtml(report, riskPools) };
  }
  const { report, pools } = findings;
  return { report, csv: () => poolsAsCsv(pools), html: () => reportAsHtml(report, pools) };
}
