// Amazon's SDK for Go, unmodified, for a test: kinesis-go ENDPOINT.
//
// A line of JSON comes in per call, {"method": …, "args": {…}}, operations and members by their names, and
// one goes out: {"result": …} or {"error": {"message": "TYPE: …", "status": …}}.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/smithy-go"
)

type call struct {
	Method string          `json:"method"`
	Args   json.RawMessage `json:"args"`
}

type failure struct {
	Message string `json:"message"`
	Status  int    `json:"status"`
}

type answer struct {
	Result any      `json:"result,omitempty"`
	Error  *failure `json:"error,omitempty"`
}

func main() {
	client := kinesis.New(kinesis.Options{
		BaseEndpoint: aws.String(os.Args[1]),
		Region:       "us-east-1",
		Credentials:  credentials.NewStaticCredentialsProvider("any", "any", ""),
	})
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var it call
		if err := json.Unmarshal(lines.Bytes(), &it); err != nil {
			panic(err)
		}
		result, err := perform(client, it)
		if err != nil {
			_ = answers.Encode(answer{Error: describe(err)})
		} else {
			_ = answers.Encode(answer{Result: result})
		}
	}
}

func perform(client *kinesis.Client, it call) (any, error) {
	method := reflect.ValueOf(client).MethodByName(it.Method)
	input := reflect.New(method.Type().In(1).Elem())
	if err := json.Unmarshal(it.Args, input.Interface()); err != nil {
		return nil, err
	}
	out := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), input})
	err, _ := out[1].Interface().(error)
	return out[0].Interface(), err
}

// The type is that of the error that programs look for, by errors.As.
func describe(err error) *failure {
	it := &failure{Message: err.Error()}
	var known smithy.APIError
	if errors.As(err, &known) {
		name := reflect.TypeOf(known).String()
		it.Message = fmt.Sprintf("%s: %s", name[strings.LastIndex(name, ".")+1:], known.ErrorMessage())
	}
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		it.Status = response.HTTPStatusCode()
	}
	return it
}
