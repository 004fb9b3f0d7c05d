# The server as an image: its sources, which Node runs as they are, the packages that it needs, the built user interface.
#   docker build -f infra/docker/server.Dockerfile -t cloudoptim/server:0.1.0 .
# Pin the base to what you reviewed: --build-arg NODE_IMAGE=node:24-slim@sha256:<digest of your review>
# Not on Alpine: ONNX Runtime comes for glibc only, and models are read in children whose memory /bin/sh caps.
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS ui
WORKDIR /src
COPY package.json package-lock.json tsconfig.base.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY common common
COPY src-renderer src-renderer
RUN node node_modules/vite/bin/vite.js build -c src-renderer/vite.config.ts --logLevel warn

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
COPY common common
COPY server server
COPY resources resources
COPY --from=ui /src/out/renderer out/renderer
# A new volume takes owner and mode from here.
RUN install -d -o 65532 -g 65532 -m 0700 /data
USER 65532:65532
# Compiled code would be kept on a disk that is read-only here.
ENV NODE_DISABLE_COMPILE_CACHE=1 \
  CLOUDOPTIM_HOST=127.0.0.1 \
  CLOUDOPTIM_PORT=8000 \
  CLOUDOPTIM_DATA=/data \
  CLOUDOPTIM_KUBECONFIGS=off
EXPOSE 8000
VOLUME /data
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["node", "-e", "require('node:http').get({host:'127.0.0.1',port:process.env.CLOUDOPTIM_PORT,path:'/healthz'},r=>process.exit(r.statusCode===200?0:1)).on('error',()=>process.exit(1))"]
ENTRYPOINT ["node", "/app/server/main.ts"]
CMD ["server"]
