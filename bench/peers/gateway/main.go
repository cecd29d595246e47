// A gateway as one would write it in Go: net/http, encoding/json, franz-go. PutRecord and PutRecords
// of Kinesis in JSON, placed by the MD5 of the key, acknowledged by all replicas, idempotent, without
// linger or compression. A yardstick; it stays as it is.
//
//	gateway HOST:PORT PARTITIONS      prints `port N` once it listens
package main

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const bodyBytesMax = 10 << 20

type entry struct {
	PartitionKey string
	Data         []byte // encoding/json undoes the base64
}

type request struct {
	StreamName string
	Records    []entry
	entry
}

type result struct {
	SequenceNumber string `json:",omitempty"`
	ShardId        string `json:",omitempty"`
	ErrorCode      string `json:",omitempty"`
	ErrorMessage   string `json:",omitempty"`
}

type reply struct {
	FailedRecordCount int
	Records           []result
}

type gateway struct {
	kafka      *kgo.Client
	partitions uint64
}

func (g *gateway) partitionOf(key string) int32 {
	digest := md5.Sum([]byte(key))
	return int32(uint64(binary.BigEndian.Uint32(digest[:4])) * g.partitions >> 32)
}

// Stores entries and says of each, in its place, what became of it.
func (g *gateway) store(r *http.Request, topic string, entries []entry) []result {
	results := make([]result, len(entries))
	var stored sync.WaitGroup
	stored.Add(len(entries))
	for i := range entries {
		record := &kgo.Record{
			Topic:     topic,
			Partition: g.partitionOf(entries[i].PartitionKey),
			Key:       []byte(entries[i].PartitionKey),
			Value:     entries[i].Data,
		}
		g.kafka.Produce(r.Context(), record, func(record *kgo.Record, err error) {
			defer stored.Done()
			if err != nil {
				results[i] = result{ErrorCode: "InternalFailure", ErrorMessage: err.Error()}
				return
			}
			results[i] = result{
				SequenceNumber: strconv.FormatInt(record.Offset, 10),
				ShardId:        fmt.Sprintf("shardId-%012d", record.Partition),
			}
		})
	}
	stored.Wait()
	return results
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var input request
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyBytesMax)).Decode(&input); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if input.Records == nil {
		results := g.store(r, input.StreamName, []entry{input.entry})
		if results[0].ErrorCode != "" {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_ = json.NewEncoder(w).Encode(results[0])
		return
	}
	answer := reply{Records: g.store(r, input.StreamName, input.Records)}
	for i := range answer.Records {
		if answer.Records[i].ErrorCode != "" {
			answer.FailedRecordCount++
		}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func main() {
	partitions, _ := strconv.ParseUint(os.Args[2], 10, 32)
	kafka, err := kgo.NewClient(
		kgo.SeedBrokers(os.Args[1]),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerLinger(0),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.ProducerBatchMaxBytes(1_000_000),
		kgo.MaxBufferedRecords(100_000),
	)
	if err != nil {
		panic(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("port %d\n", listener.Addr().(*net.TCPAddr).Port)
	server := &http.Server{
		Handler:           &gateway{kafka, partitions},
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
	}
	server.Protocols = new(http.Protocols)
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	panic(server.Serve(listener))
}
