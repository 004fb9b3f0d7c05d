import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isUiPath } from '../../../common/ui-pages.ts';

/**
 * Serves the built UI for whatever no route answers: its files, and its page for every address that is one of a page, so that a
 * page survives a reload.
 * @param notFound answers what is neither
 */
export function serveUi(
  app: FastifyInstance,
  folder: string,
  notFound: (request: FastifyRequest) => never,
): void {
  let files: ReadonlySet<string> | undefined;
  const sendFile = async (request: FastifyRequest, reply: FastifyReply, path: string) => {
    const { send } = await import('@fastify/send');
    const { statusCode, headers, stream } = await send(request.raw, path, { root: folder });
    const isHashed = path.includes('/assets/');
    return reply
      .code(reply.statusCode === 404 ? 404 : statusCode)
      .headers(headers)
      .header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      .send(stream);
  };
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    if (request.method !== 'GET' && request.method !== 'HEAD') return notFound(request);
    // What is no file of it does not reach the disk.
    files ??= new Set(filesBelow(folder));
    if (files.has(path)) return sendFile(request, reply.code(200), path);
    if (path.startsWith('/api/') || path.includes('.')) return notFound(request);
    // What the UI does not know it says itself; whoever only looks at the status is told, too.
    return sendFile(request, reply.code(isUiPath(path) ? 200 : 404), '/index.html');
  });
}

/** Paths from the folder, with a slash before each part. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => `/${relative(folder, join(parentPath, name)).replaceAll(sep, '/')}`);
}
