FROM rust:1.95-bookworm AS build
# 'yes' builds twice, guided by a profile that the first build makes (benches/guided).
ARG GUIDED=no
RUN if [ "$GUIDED" = yes ]; then \
        rustup component add llvm-tools \
        && apt-get update && apt-get install -y --no-install-recommends postgresql; \
    fi
WORKDIR /src
# rust-toolchain.toml stays outside: the image's own toolchain builds.
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    if [ "$GUIDED" = yes ]; then \
        benches/guided target/guided && cp target/guided/*/dist/stoa /usr/local/bin/stoa; \
    else \
        cargo build --profile dist --locked -p stoa && cp target/dist/stoa /usr/local/bin/stoa; \
    fi

FROM node:20-bookworm-slim AS graphiql
WORKDIR /graphiql
# The versions that the suite drives a browser with.
RUN npm install --no-audit --no-fund graphiql@4.1.2 react@18.3.1 react-dom@18.3.1 \
    && cd node_modules && mkdir -p /files/node_modules \
    && cp --parents react/umd/react.production.min.js react-dom/umd/react-dom.production.min.js \
        graphiql/graphiql.min.js graphiql/graphiql.min.css graphiql/LICENSE react/LICENSE react-dom/LICENSE \
        /files/node_modules

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /var/lib/stoa --create-home stoa
COPY --from=build /usr/local/bin/stoa /usr/local/bin/stoa
COPY programs/ /usr/share/stoa/programs/
COPY --from=graphiql /files/ /usr/share/stoa/graphiql/
USER 10001
# Without STOA_DATABASE_URL the SQLite file lies here.
WORKDIR /var/lib/stoa
ENV STOA_LISTEN=0.0.0.0:8000 STOA_GRAPHIQL_FILES=/usr/share/stoa/graphiql
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
    CMD ["/usr/local/bin/stoa", "healthcheck"]
ENTRYPOINT ["stoa"]
CMD ["serve"]
