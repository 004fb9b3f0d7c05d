import { api, engineFilePath, engineUploadPath } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { type Routes, receiveUpload } from '../platform/index.ts';
import type { Decisions } from './create-decisions.ts';
import { addEngineExperimentRoutes } from './experiments/routes.ts';
import type { ClusterControl } from './neighbours.ts';

/** Calls about engines, and the upload and download, which stream. */
export function addEngineRoutes(
  routes: Routes,
  decisions: Decisions,
  clusters: Pick<ClusterControl, 'summaries'>,
): void {
  const { engines } = decisions;
  routes.addRaw(
    {
      method: 'POST',
      path: engineUploadPath,
      access: 'operator',
      action: 'engine.upload',
      tag: 'engines',
      summary:
        'Multipart form: a JavaScript or WebAssembly module in `file`, its manifest in `manifest` unless inside; answers the engine',
    },
    async (request, _reply, actor) => {
      if (!request.isMultipart()) {
        throw new AppError(
          'input.invalid',
          'The upload is no multipart form; send the engine in its field "file".',
        );
      }
      return receiveUpload(request.parts(), (stream, fileName, manifestText) =>
        engines.upload({ stream, fileName, manifestText, uploadedBy: actor.label }),
      );
    },
  );
  routes.addRaw(
    {
      method: 'GET',
      path: engineFilePath,
      access: 'viewer',
      tag: 'engines',
      summary: 'The module of an uploaded engine',
    },
    async (request, reply) => {
      const { engine, content } = await engines.readFile((request.params as { id: string }).id);
      const ending = engine.file?.kind === 'webassembly' ? 'wasm' : 'js';
      const name = `${engine.name}-${engine.manifest?.version}.${ending}`;
      reply.header('content-disposition', `attachment; filename="${name}"`);
      return reply.type('application/octet-stream').send(content);
    },
  );
  routes.add(api.engines.listEngines, async () => ({
    engines: await engines.list(),
    choices: await engines.choices(),
  }));
  routes.add(api.engines.chooseEngine, async ({ body, actor }) => {
    if (!clusters.summaries().some(({ id }) => id === body.clusterId)) {
      throw new AppError('resource.not-found', `There is no cluster ${body.clusterId}.`);
    }
    return engines.choose(body.clusterId, body.engineId, body.parameters, actor.label);
  });
  routes.add(api.engines.deleteEngine, async ({ params }) => {
    await engines.delete(params.id);
    return { ok: true as const };
  });
  routes.add(api.engines.decide, async ({ params, body }) => {
    const { run, plans } = await decisions.preview(body.clusterId, params.engine, body.parameters);
    return { run, plans: [...plans] };
  });
  addEngineExperimentRoutes(routes, decisions.engineExperiments);
}
