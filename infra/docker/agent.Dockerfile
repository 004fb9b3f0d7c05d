# The agent as a small image: a few files of JavaScript on Node, no shell needed, nothing writable but its data.
#   docker build -f infra/docker/agent.Dockerfile -t cloudoptim/agent:0.1.0 .
# Pin the base to what you reviewed: --build-arg NODE_IMAGE=node:24-slim@sha256:<digest of your review>
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY agent agent
COPY common common
COPY scripts/build-agent.ts scripts/build-agent.ts
COPY scripts/bundle scripts/bundle
RUN node scripts/build-agent.ts

FROM ${NODE_IMAGE}
COPY --from=build /src/out/agent /app
USER 65532:65532
# Compiled code would be kept on a disk that is read-only here.
ENV NODE_DISABLE_COMPILE_CACHE=1
ENTRYPOINT ["node", "/app/main.mjs"]
