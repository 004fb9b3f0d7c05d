# The server as an image: the built engine and user interface, and the packages that are loaded beside them.
#   docker build -f infra/docker/server.Dockerfile -t cloudoptim/server:0.1.0 .
# Pin the base to what you reviewed: --build-arg NODE_IMAGE=node:24-slim@sha256:<digest of your review>
# Not on Alpine: ONNX Runtime comes for glibc only, and models are read in children whose memory /bin/sh caps.
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.base.json ./
RUN npm ci --omit=optional --ignore-scripts --no-audit --no-fund
COPY common common
COPY src-renderer src-renderer
RUN node node_modules/vite/bin/vite.js build -c src-renderer/vite.config.ts --logLevel warn
COPY server server
COPY resources resources
COPY scripts/build-server.ts scripts/build-server.ts
COPY scripts/bundle scripts/bundle
# What Node compiles ahead it finds again for the same user in the same place; nobody can write there once it runs.
RUN install -d -o 65532 -g 65532 out/server
USER 65532:65532
RUN node scripts/build-server.ts && chmod -R a+rX out/server

FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# Optional packages are the Node of a checkout, which the base has. Native modules bring their binaries; of ONNX Runtime those
# of this system alone are kept (45 of 290 MB).
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
  && cd node_modules/onnxruntime-node/bin/napi-v* \
  && find . -mindepth 1 -maxdepth 1 ! -name linux -exec rm -r {} + \
  && find linux -mindepth 1 -maxdepth 1 ! -name "$(node -p process.arch)" -exec rm -r {} +

FROM ${NODE_IMAGE}
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY resources resources
COPY --from=build /app/out/renderer out/renderer
COPY --from=build /app/out/server out/server
# A new volume takes owner and mode from here.
RUN install -d -o 65532 -g 65532 -m 0700 /data
USER 65532:65532
ENV CLOUDOPTIM_HOST=127.0.0.1 \
  CLOUDOPTIM_PORT=8000 \
  CLOUDOPTIM_DATA=/data \
  CLOUDOPTIM_KUBECONFIGS=off
EXPOSE 8000
VOLUME /data
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["node", "-e", "require('node:http').get({host:'127.0.0.1',port:process.env.CLOUDOPTIM_PORT,path:'/healthz'},r=>process.exit(r.statusCode===200?0:1)).on('error',()=>process.exit(1))"]
ENTRYPOINT ["node", "/app/out/server/main.mjs"]
CMD ["server"]
