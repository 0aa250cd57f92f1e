# The grader with its course: to grade with, and as the image of Dask workers. SECURITY.md, "In a container", has the
# commands and their flags. The image holds the solutions and the hidden tests: it is not for learners.

# The Python and the Debian that the test suite is run with; slim, since nothing is compiled here.
FROM python:3.11-slim-bookworm

# The address of PyTorch's CPU builds: what the install page on pytorch.org shows after --index-url for Linux, Pip, CPU.
# Without it pip takes PyTorch's default build, which works, and on x86_64 is several gigabytes larger.
# The range of versions is pyproject.toml's.
ARG TORCH_INDEX=""
# hadolint ignore=DL3013  # the newest of this range is wanted
RUN pip install --no-cache-dir ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} "torch>=2.6,<2.14"

WORKDIR /course
COPY pyproject.toml README.md LICENSE ./
COPY grader grader
RUN pip install --no-cache-dir --editable ".[cluster]"
COPY course.toml ./
COPY exercises exercises
COPY solutions solutions
COPY tests/hidden tests/hidden

# Whoever the container runs as can read the course, whatever rights its files have where the image is built.
RUN chmod -R a+rX /course && mkdir /results && chown 10001:10001 /results

# An ordinary user: root without capabilities cannot confine anything. It has no name, as one given by --user has none,
# so it is told where it may write.
ENV HOME=/tmp
USER 10001:10001

# No ENTRYPOINT: what follows the image's name is "grader run ...", or "dask worker ...".
CMD ["grader", "doctor"]
