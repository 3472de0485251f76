# docker build -t wshake .                      reads files:  docker run --rm -u "$(id -u)" -v "$PWD:/data:ro" wshake /data/capture.pcap
# docker build -t wshake:sensor --target sensor .   listens:  docker run --rm --network host --cap-add NET_RAW --cap-add NET_ADMIN wshake:sensor -i eth0
FROM docker.io/library/golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION= COMMIT=
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.released=$VERSION -X main.commit=$COMMIT" -o /out/wshake ./cmd/wshake

# A user other than root gets of the container's capabilities only those that the file itself has. A file that has
# them cannot be started where the container has them not, so files are read by an image without.
FROM build AS capable
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends libcap2-bin && setcap cap_net_raw,cap_net_admin+ep /out/wshake

FROM scratch AS sensor
COPY --from=capable /out/wshake /wshake
USER 65532:65532
ENTRYPOINT ["/wshake"]

FROM scratch
COPY --from=build /out/wshake /wshake
COPY LICENSE /LICENSE
USER 65532:65532
ENTRYPOINT ["/wshake"]
