import { api, modelUploadPath } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { Routes } from '../platform/index.ts';
import type { Models } from './create-models.ts';
import { receiveUpload } from './receive-upload.ts';

/** Calls about models, and the upload, which streams. */
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
  routes.add(api.models.listModels, async () => ({ models: await models.list() }));
  routes.add(api.models.getModel, async ({ params }) => ({
    model: await models.get(params.id),
    activations: await models.activationsOf(params.id),
  }));
  routes.add(api.models.activateModel, ({ body, actor }) =>
    models.activate(body.modelId, `${actor.label} (${actor.id})`),
  );
  routes.add(api.models.rollbackModel, ({ body, actor }) =>
    models.rollback(body.task, `${actor.label} (${actor.id})`),
  );
}
