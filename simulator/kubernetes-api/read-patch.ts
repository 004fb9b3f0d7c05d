import type { KubernetesObject } from '../cluster/index.ts';
import type { ApiRequest } from './api-request.ts';
import { applyJsonPatch, PatchFailure } from './json-patch.ts';
import { applyMergePatch, applyStrategicMergePatch } from './merge-patch.ts';
import { badRequest, failure, StatusAnswer } from './status.ts';

/** Applies the patch of a request to an object, giving a new one. Throws the 422 of a patch that does not apply. */
export type Patch = (
  object: KubernetesObject,
  about: { readonly kind: string; readonly group: string },
) => KubernetesObject;

const ACCEPTED =
  'application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json';

/**
 * The patch of a PATCH request by its Content-Type. Throws 415 for any other type; server-side apply is one of those
 * here. Custom resources take no strategic merge patch, as on a real server.
 */
export function readPatch(request: ApiRequest): Patch {
  const type = request.contentType.split(';')[0]?.trim();
  const { body } = request;
  switch (type) {
    case 'application/json-patch+json': {
      if (!Array.isArray(body))
        throw badRequest('error decoding patch: a JSON patch is a list of operations');
      return (object, { kind, group }) => {
        try {
          return checked(applyJsonPatch(object, body));
        } catch (error) {
          if (!(error instanceof PatchFailure)) throw error;
          const details = { name: object.metadata.name, ...(group === '' ? {} : { group }), kind };
          throw new StatusAnswer(
            422,
            failure(
              422,
              'Invalid',
              `the server rejected our request due to an error in our request: ${error.message}`,
              details,
            ),
          );
        }
      };
    }
    case 'application/merge-patch+json':
      return object => checked(applyMergePatch(object, requireRecord(body)));
    case 'application/strategic-merge-patch+json':
      if (request.path.group.includes('karpenter')) throw unsupported(type, request);
      return object => checked(applyStrategicMergePatch(object, requireRecord(body)));
    default:
      throw unsupported(type ?? '', request);
  }
}

function unsupported(type: string, request: ApiRequest): StatusAnswer {
  const hint = type.startsWith('application/apply-patch')
    ? ' (the pretend cluster has no server-side apply)'
    : ` (accepted media types: ${ACCEPTED})`;
  const message = `the body of the request was in an unknown format - the content type ${type || 'none'} is not supported${hint}`;
  return new StatusAnswer(
    415,
    failure(415, 'UnsupportedMediaType', message, { kind: request.path.resource }),
  );
}

function requireRecord(body: unknown): object {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('error decoding patch: a merge patch is a JSON object');
  }
  return body;
}

function checked(value: unknown): KubernetesObject {
  const object = value as Partial<KubernetesObject> | null;
  if (typeof object !== 'object' || object === null || typeof object.metadata !== 'object') {
    throw badRequest('error decoding patch: the patch removes the metadata of the object');
  }
  return object as KubernetesObject;
}
