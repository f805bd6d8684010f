# An image with the program and nothing else, for checks, audits of local repositories and the other verbs that start no process.
# It is made from a static binary that a release was built from, for the platform at hand:
#
#     cargo build --release --locked --target x86_64-unknown-linux-musl
#     docker build --build-arg BINARY=target/x86_64-unknown-linux-musl/release/cargo-pinned .
#
# No base image: there is nothing to pin, and nothing in it to be patched.
FROM scratch
ARG BINARY
COPY --chmod=755 ${BINARY} /cargo-pinned
WORKDIR /repository
USER 65534:65534
ENTRYPOINT ["/cargo-pinned"]
CMD ["check"]
