//! References to container images, as workflows and Dockerfiles write them.
