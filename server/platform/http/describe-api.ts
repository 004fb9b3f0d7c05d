import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RouteOptions,
} from 'fastify';

/**
 * Serves the OpenAPI 3.1 text of all routes that are added from now on at `/api/openapi.json`, and its pages at `/api/docs`. Both are
 * made when they are first asked for, by a server of their own that never listens: a start does not wait for them.
 */
export function describeApi(app: FastifyInstance, version: string): void {
  const described: RouteOptions[] = [];
  app.addHook('onRoute', ({ method, url, schema }) => {
    if (schema && !schema.hide) described.push({ method, url, schema, handler: async () => undefined });
  });
  let opened: Promise<FastifyInstance> | undefined;
  const open = () => {
    opened ??= openPages(described, version);
    return opened;
  };
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    const pages = await open();
    const { statusCode, headers, rawPayload } = await pages.inject({
      url: request.url,
      headers: request.headers,
    });
    return reply.code(statusCode).headers(headers).send(rawPayload);
  };
  const hidden = { schema: { hide: true } };
  app.get('/api/openapi.json', hidden, async () => (await open()).swagger());
  app.get('/api/docs', hidden, answer);
  app.get('/api/docs/*', hidden, answer);
}

async function openPages(routes: readonly RouteOptions[], version: string): Promise<FastifyInstance> {
  const [
    { default: swagger },
    { default: swaggerUi },
    { jsonSchemaTransform, serializerCompiler, validatorCompiler },
  ] = await Promise.all([
    import('@fastify/swagger'),
    import('@fastify/swagger-ui'),
    import('fastify-type-provider-zod'),
  ]);
  const pages = Fastify({ exposeHeadRoutes: false });
  pages.setValidatorCompiler(validatorCompiler);
  pages.setSerializerCompiler(serializerCompiler);
  await pages.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'CloudOptim', version, description: 'Forecasts, plans, carries out and books savings.' },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
    },
    transform: jsonSchemaTransform,
  });
  await pages.register(swaggerUi, { routePrefix: '/api/docs', staticCSP: true });
  for (const route of routes) pages.route(route);
  await pages.ready();
  return pages;
}
