import { Readable } from 'node:stream';
import { api, savingsFileKinds, savingsFilePath, savingsFileQuery } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { Routes } from '../platform/index.ts';
import type { Savings } from './create-savings.ts';
import { allocationColumns, asCsv, asJson, ledgerColumns } from './export-lines.ts';

/** Adds `api.savings` to the server, and the exports. */
export function addSavingRoutes(routes: Routes, savings: Savings): void {
  routes.add(api.savings.getSavings, async () => ({
    summary: savings.summary(),
    entries: savings.entries(),
  }));
  routes.add(api.savings.getEntry, ({ params }) => savings.entry(params.id));
  routes.add(api.savings.report, ({ query }) => savings.report(query));
  routes.add(api.savings.costHistory, async ({ query: { fromMs, toMs } }) => {
    if (toMs <= fromMs)
      throw new AppError('input.invalid', `toMs (${toMs}) must lie after fromMs (${fromMs}).`);
    return { points: await savings.costHistory(fromMs, toMs) };
  });
  routes.add(api.savings.allocation, ({ query }) => savings.allocation(query));
  routes.add(api.savings.recomputeAllocation, ({ body }) => savings.recompute(body.clusterId, body.dayMs));
  routes.addRaw(
    {
      method: 'GET',
      path: savingsFilePath,
      access: 'viewer',
      tag: 'savings',
      summary: `The ledger or the allocation as a file that streams: ${savingsFileKinds.join(', ')}`,
      query: savingsFileQuery,
    },
    async (request, reply) => {
      const { kind } = request.params as { kind: string };
      const known = savingsFileKinds.find(one => one === kind);
      if (known === undefined) {
        throw new AppError('input.invalid', `Savings have no file "${kind}".`, {
          hint: `Ask for one of ${savingsFileKinds.join(', ')}.`,
        });
      }
      const what = known.startsWith('ledger') ? 'ledger' : 'allocation';
      const query = savingsFileQuery.parse(request.query);
      const lines = await savings.exportLines({ ...query, what });
      reply.header('content-disposition', `attachment; filename="savings-${known}"`);
      if (known.endsWith('.json')) return reply.type('application/json').send(Readable.from(asJson(lines)));
      const columns = what === 'ledger' ? ledgerColumns : allocationColumns;
      return reply.type('text/csv').send(Readable.from(asCsv(columns, lines)));
    },
  );
}
