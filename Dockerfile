# The service without a Kafka: no Java is inside, so KAFKA_BROKERS must be given.
#
#   docker build -t tributary .
#   docker run -e KAFKA_BROKERS=host:9092 -p 8080:8080 -p 8081:8081 tributary
#
# It writes nothing to its file system, and runs with --read-only, --cap-drop=ALL and no new privileges.

ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
# No package has to run anything to be installed.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
# What only the build needs goes again: one download is enough.
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Tributary" \
      org.opencontainers.image.description="An ingest gateway: producers of Amazon Kinesis, Yandex Data Streams, Huawei DIS and Iguazio v3io write into Apache Kafka" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY package.json LICENSE ./
COPY config config
# By number: Kubernetes cannot tell whether a name is root.
USER 65532:65532
EXPOSE 8080 8081
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s CMD \
  ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.TRIBUTARY_ADMIN_PORT || 8081) + '/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node is process 1 and handles signals itself; it starts no child that would have to be reaped.
# Room for what is young: with V8's own 16 MiB bodies grow old before they are sent (docs/performance.md).
# Node's own code in large pages, where the kernel gives them: a request passes through much of it.
CMD ["node", "--max-semi-space-size=32", "--use-largepages=silent", "dist/cli.js"]
