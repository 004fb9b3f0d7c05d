import type { Actor } from '../../common/contracts/index.ts';
import { api, modelFileKinds, modelFilePath, modelUploadPath } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { type Routes, receiveUpload } from '../platform/index.ts';
import { downloadName } from './download-name.ts';
import type { Models } from './models.ts';

const nameOf = (actor: Actor) => `${actor.label} (${actor.id})`;

/** Calls about models, and the upload and downloads, which stream. */
export function addModelRoutes(routes: Routes, models: Models): void {
  routes.addRaw(
    {
      method: 'POST',
      path: modelUploadPath,
      access: 'operator',
      action: 'model.upload',
      tag: 'models',
      summary:
        'Multipart form: the model in `file`, optionally its manifest in `manifest`; answers the verdict',
    },
    async request => {
      if (!request.isMultipart()) {
        throw new AppError(
          'input.invalid',
          'The upload is no multipart form; send the model in its field "file".',
        );
      }
      return receiveUpload(request.parts(), (file, fileName, manifest) =>
        models.register(file, fileName, manifest),
      );
    },
  );
  routes.addRaw(
    {
      method: 'GET',
      path: modelFilePath,
      access: 'viewer',
      tag: 'models',
      summary: 'A file of a version: `onnx` runs, `original` was uploaded, `manifest` says what it is',
    },
    async (request, reply) => {
      const { id, kind: asked } = request.params as { id: string; kind: string };
      const kind = modelFileKinds.find(known => known === asked);
      if (!kind) {
        throw new AppError('input.invalid', `A version has no file of kind "${asked}".`, {
          hint: `Ask for one of ${modelFileKinds.join(', ')}.`,
        });
      }
      if (kind === 'manifest') {
        const model = await models.get(id);
        reply.header('content-disposition', `attachment; filename="${downloadName(model, kind)}"`);
        return reply.type('application/json').send(`${JSON.stringify(model.manifest, null, 2)}\n`);
      }
      const { model, stream, bytes } = await models.readFile(id, kind);
      reply.header('content-disposition', `attachment; filename="${downloadName(model, kind)}"`);
      reply.header('content-length', bytes);
      return reply.type('application/octet-stream').send(stream);
    },
  );
  routes.add(api.models.listModels, async () => ({ models: await models.list() }));
  routes.add(api.models.getModel, async ({ params }) => ({
    model: await models.get(params.id),
    activations: await models.activationsOf(params.id),
  }));
  routes.add(api.models.activateModel, ({ body, actor }) => models.activate(body.modelId, nameOf(actor)));
  routes.add(api.models.rollbackModel, ({ body, actor }) => models.rollback(body.task, nameOf(actor)));
  routes.add(api.models.annotateModel, ({ params, body }) => {
    const { notes, tags } = body;
    const change = {
      ...(notes === undefined ? {} : { notes }),
      ...(tags ? { tags: [...new Set(tags)] } : {}),
    };
    return models.annotate(params.id, change);
  });
  routes.add(api.models.deleteModel, async ({ params }) => {
    await models.delete(params.id);
    return { ok: true as const };
  });
  routes.add(api.models.activeModel, ({ query }) => {
    const { task, clusterId, workload, at } = query;
    return models.activeFor(task, clusterId === undefined ? undefined : { clusterId, workload }, at);
  });
  routes.add(api.models.listDrafts, async () => ({ drafts: await models.drafts() }));
  routes.add(api.models.registerDraft, ({ params, body }) => models.registerDraft(params.id, body.manifest));
  routes.add(api.models.discardDraft, async ({ params }) => {
    await models.discardDraft(params.id);
    return { ok: true as const };
  });
  addExperimentRoutes(routes, models);
}

function addExperimentRoutes(routes: Routes, models: Models): void {
  routes.add(api.experiments.startExperiment, ({ body, actor }) =>
    models.startExperiment(body, nameOf(actor)),
  );
  routes.add(api.experiments.stopExperiment, ({ params, body, actor }) =>
    models.endExperiment(params.id, {
      outcome: 'stopped',
      endedBy: nameOf(actor),
      endReason: body.reason ?? null,
    }),
  );
  routes.add(api.experiments.listExperiments, async () => ({ experiments: await models.experiments() }));
}
