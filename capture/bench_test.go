package capture

import (
	"io"
	"math/rand/v2"
	"testing"
)

// mixture is 32 MB of packets in the sizes of web traffic, whose octets compress about as headers and encrypted
// payload do.
func mixture() []sample {
	r := rand.New(rand.NewPCG(1, 2))
	var all []sample
	for size := 0; size < 32<<20; {
		n := 66
		switch r.IntN(10) {
		case 0, 1, 2:
			n = 86 + r.IntN(400)
		case 3, 4, 5:
			n = 1514
		}
		data := make([]byte, n)
		for i := 54; i < n; i++ {
			data[i] = byte(r.Uint32())
		}
		size += n
		all = append(all, sample{seconds: uint32(len(all)), data: string(data)})
	}
	return all
}

func benchmarkRead(b *testing.B, file func() []byte, size int64) {
	path := store(b, b.TempDir(), "bench", file())
	b.SetBytes(size)
	b.ReportAllocs()
	packets := 0
	for b.Loop() {
		s, err := Open([]string{path}, Options{})
		if err != nil {
			b.Fatal(err)
		}
		var batch Batch
		packets = 0
		for {
			err := s.Read(&batch)
			if err == io.EOF {
				break
			}
			packets += len(batch.Packets)
		}
		s.Close()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*packets), "ns/packet")
}

func BenchmarkReadPcap(b *testing.B) {
	file := pcapFile(littleEndian, magicMicro, mixture()...)
	benchmarkRead(b, func() []byte { return file }, int64(len(file)))
}

func BenchmarkReadPcapng(b *testing.B) {
	file := pcapngFile(littleEndian, mixture()...)
	benchmarkRead(b, func() []byte { return file }, int64(len(file)))
}

func BenchmarkReadGzip(b *testing.B) {
	file := pcapFile(littleEndian, magicMicro, mixture()...)
	benchmarkRead(b, func() []byte { return gzipOf(b, file) }, int64(len(file)))
}

func BenchmarkReadZstd(b *testing.B) {
	file := pcapFile(littleEndian, magicMicro, mixture()...)
	benchmarkRead(b, func() []byte { return zstdOf(b, file) }, int64(len(file)))
}
