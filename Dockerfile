FROM rust:1.95-bookworm AS build
WORKDIR /src
# rust-toolchain.toml stays outside: the image's own toolchain builds.
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --profile dist --locked -p stoa \
    && cp target/dist/stoa /usr/local/bin/stoa

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /var/lib/stoa --create-home stoa
COPY --from=build /usr/local/bin/stoa /usr/local/bin/stoa
COPY programs/ /usr/share/stoa/programs/
USER 10001
# Without STOA_DATABASE_URL the SQLite file lies here.
WORKDIR /var/lib/stoa
ENV STOA_LISTEN=0.0.0.0:8000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
    CMD ["/usr/local/bin/stoa", "healthcheck"]
ENTRYPOINT ["stoa"]
CMD ["serve"]
