// Runs Iguazio's client for Go, unmodified, for a test.
//
//	v3io-go URL CONTAINER calls
//	v3io-go URL CONTAINER member PATH GROUP REPLICAS
//
// calls: a line of JSON comes in per call, {"method": …, "args": {…}}, and one goes out for what became
// of it: {"result": …} or {"error": {"message": …, "status": …}}. member: joins a consumer group, prints
// what it is given, one line for its claims and one for each record, and marks each record; it leaves the
// group on SIGTERM. calls ends with its input.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"

	v3io "github.com/v3io/v3io-go/pkg/dataplane"
	v3iohttp "github.com/v3io/v3io-go/pkg/dataplane/http"
	"github.com/v3io/v3io-go/pkg/dataplane/streamconsumergroup"
	v3ioerrors "github.com/v3io/v3io-go/pkg/errors"
)

type args struct {
	Path     string
	Shards   int
	Hours    int
	Records  []record
	Type     string
	Number   uint64
	Seconds  int
	Location string
	Limit    int
	Names    []string
}

type record struct {
	Data       []byte
	Shard      *int
	Key        string
	ClientInfo []byte
}

type request struct {
	Method string
	Args   args
}

var seekTypes = map[string]v3io.SeekShardInputType{
	"TIME":     v3io.SeekShardInputTypeTime,
	"SEQUENCE": v3io.SeekShardInputTypeSequence,
	"LATEST":   v3io.SeekShardInputTypeLatest,
	"EARLIEST": v3io.SeekShardInputTypeEarliest,
}

var output sync.Mutex

func say(value interface{}) {
	line, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	output.Lock()
	defer output.Unlock()
	fmt.Println(string(line))
}

func connect(url, container string) v3io.Container {
	context, err := v3iohttp.NewContext(silent{}, &v3iohttp.NewContextInput{})
	check(err)
	session, err := context.NewSession(&v3io.NewSessionInput{URL: url, AccessKey: os.Getenv("V3IO_ACCESS_KEY")})
	check(err)
	connected, err := session.NewContainer(&v3io.NewContainerInput{ContainerName: container})
	check(err)
	return connected
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func outputOf(response *v3io.Response, err error) (interface{}, error) {
	if err != nil {
		return nil, err
	}
	defer response.Release()
	return response.Output, nil
}

func perform(container v3io.Container, method string, a args) (interface{}, error) {
	switch method {
	case "create":
		return nil, container.CreateStreamSync(&v3io.CreateStreamInput{
			Path: a.Path, ShardCount: a.Shards, RetentionPeriodHours: a.Hours,
		})
	case "describe":
		return outputOf(container.DescribeStreamSync(&v3io.DescribeStreamInput{Path: a.Path}))
	case "delete":
		return nil, container.DeleteStreamSync(&v3io.DeleteStreamInput{Path: a.Path})
	case "exists":
		return nil, container.CheckPathExistsSync(&v3io.CheckPathExistsInput{Path: a.Path})
	case "put":
		records := make([]*v3io.StreamRecord, len(a.Records))
		for i, each := range a.Records {
			records[i] = &v3io.StreamRecord{
				Data: each.Data, ShardID: each.Shard, PartitionKey: each.Key, ClientInfo: each.ClientInfo,
			}
		}
		return outputOf(container.PutRecordsSync(&v3io.PutRecordsInput{Path: a.Path, Records: records}))
	case "seek":
		return outputOf(container.SeekShardSync(&v3io.SeekShardInput{
			Path: a.Path, Type: seekTypes[a.Type], StartingSequenceNumber: a.Number, Timestamp: a.Seconds,
		}))
	case "get":
		return outputOf(container.GetRecordsSync(&v3io.GetRecordsInput{
			Path: a.Path, Location: a.Location, Limit: a.Limit,
		}))
	case "list":
		return outputOf(container.GetContainerContentsSync(&v3io.GetContainerContentsInput{
			Path: a.Path, GetAllAttributes: true,
		}))
	case "item":
		return outputOf(container.GetItemSync(&v3io.GetItemInput{Path: a.Path, AttributeNames: a.Names}))
	}
	return nil, fmt.Errorf("there is no method %s", method)
}

func serveCalls(container v3io.Container) {
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var asked request
		check(json.Unmarshal(line, &asked))
		result, err := perform(container, asked.Method, asked.Args)
		if err == nil {
			say(map[string]interface{}{"result": result})
			continue
		}
		status := 0
		if known, ok := err.(v3ioerrors.ErrorWithStatusCode); ok {
			status = known.StatusCode()
		}
		say(map[string]interface{}{
			"error": map[string]interface{}{"message": err.Error(), "status": status},
		})
	}
}

type handler struct{}

func (handler) Setup(session streamconsumergroup.Session) error {
	claims := []int{}
	for _, claim := range session.GetClaims() {
		claims = append(claims, claim.GetShardID())
	}
	say(map[string]interface{}{"claims": claims})
	return nil
}

func (handler) Cleanup(streamconsumergroup.Session) error { return nil }

func (handler) Abort(streamconsumergroup.Session) error {
	say(map[string]interface{}{"aborted": true})
	return nil
}

func (handler) ConsumeClaim(session streamconsumergroup.Session, claim streamconsumergroup.Claim) error {
	for batch := range claim.GetRecordBatchChan() {
		for i := range batch.Records {
			each := &batch.Records[i]
			say(map[string]interface{}{
				"shard": claim.GetShardID(), "sequence": each.SequenceNumber, "data": string(each.Data),
			})
			if err := session.MarkRecord(each); err != nil {
				return err
			}
		}
	}
	return nil
}

// Everything that a group waits for is shortened; what it does is as it comes.
func shortened() *streamconsumergroup.Config {
	config := streamconsumergroup.NewConfig()
	config.Session.Timeout = 4 * time.Second
	config.Session.HeartbeatInterval = 500 * time.Millisecond
	config.SequenceNumber.CommitInterval = 300 * time.Millisecond
	config.SequenceNumber.ShardWaitInterval = 200 * time.Millisecond
	config.Claim.RecordBatchFetch.Interval = 50 * time.Millisecond
	return config
}

func join(container v3io.Container, path, group string, replicas int) {
	joined, err := streamconsumergroup.NewStreamConsumerGroup(
		silent{}, group, shortened(), container, path, replicas)
	check(err)
	member, err := streamconsumergroup.NewMember(joined, "member")
	check(err)
	check(member.Consume(handler{}))
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	<-asked
	check(member.Close())
	// What was marked last is committed by a goroutine that nothing tells of.
	time.Sleep(time.Second)
}

func main() {
	container := connect(os.Args[1], os.Args[2])
	if os.Args[3] == "calls" {
		serveCalls(container)
		return
	}
	replicas, err := strconv.Atoi(os.Args[6])
	check(err)
	join(container, os.Args[4], os.Args[5], replicas)
}
