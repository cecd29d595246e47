// The load: sends prepared requests over HTTP/1.1 or HTTP/2 in clear text, and says what came of them.
// What the requests are is not its business: it reads them whole from a file.
//
//   - Closed loop: each connection (each stream of HTTP/2) sends its next request when it has its answer.
//   - Open loop: requests are due at a steady rate, and a latency counts from when its request was due,
//     whether it could be sent then or not (no coordinated omission).
//   - Connections are opened, and idle ones used once, before anything is measured.
//   - It reports the CPU that it took, so that one can tell when it was the bottleneck.
//
// Lines on standard output: `idle` when the idle connections stand, `begin` and `end` around what is
// measured, then one line of JSON.
package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

var (
	target      = flag.String("target", "", "host:port")
	file        = flag.String("requests", "", "whole requests, each behind its length (32 bits, little endian)")
	connections = flag.Int("connections", 64, "connections")
	streams     = flag.Int("streams", 0, "streams of HTTP/2 on each connection; 0: HTTP/1.1")
	idle        = flag.Int("idle", 0, "connections that stand by, after one request each")
	rate        = flag.Float64("rate", 0, "requests a second, all together; 0: closed loop")
	records     = flag.Int("records", 1, "records of a request")
	names       = flag.Int("names", 0, "stream names to go round: the digits of the first name are replaced")
	failure     = flag.String("failure", "", "stands once in a reply for each record that was not stored")
	warm        = flag.Duration("warm", time.Second, "before what is measured")
	measured    = flag.Duration("for", 5*time.Second, "what is measured")
)

// What a request is changed by each time it is sent, each in a place of the same length.
var (
	numberMark = []byte("00000000-0000-4000-8000-000000000000") // in a head: an attempt's own number
	nameMark   = []byte("-stream-0000")                         // behind a stream's name: which of them
)

type request struct {
	whole  []byte
	head   int // length of the head, its blank line included
	number int // where the number ends; -1: none
	name   int // where the name ends; -1: none
}

// An answer, or its failure to come: status 0.
type answer struct {
	status int
	body   []byte
}

type client interface {
	do(r request) (answer, error)
	close()
}

// What one worker saw. Only its own goroutine writes it.
type tally struct {
	stored, storedInTime int
	requests             int
	statuses             map[int]int
	errors               int
	lastError            string
	served, refused      []uint32 // µs
}

type phase struct {
	requests        []request
	next            atomic.Int64
	start           time.Time
	begin, end, due time.Duration // since start; due: between two requests of the open loop
}

func main() {
	flag.Parse()
	requests := readRequests(*file)
	width := max(1, *streams)
	clients := make([]client, *connections)
	for i := range clients {
		clients[i] = open()
	}
	standing := standBy(requests[0])
	fmt.Println("idle")
	run := &phase{requests: requests, begin: *warm, end: *warm + *measured, start: time.Now()}
	if *rate > 0 {
		run.due = time.Duration(float64(time.Second) / *rate)
	}
	tallies := make([]tally, *connections*width)
	var workers sync.WaitGroup
	for i := range tallies {
		workers.Add(1)
		go func() {
			defer workers.Done()
			run.work(&clients[i/width], &tallies[i])
		}()
	}
	time.Sleep(time.Until(run.start.Add(run.begin)))
	before := cpu()
	fmt.Println("begin")
	time.Sleep(time.Until(run.start.Add(run.end)))
	after := cpu()
	fmt.Println("end")
	workers.Wait()
	report(tallies, standing(), after-before)
}

func readRequests(name string) []request {
	all, err := os.ReadFile(name)
	if err != nil {
		panic(err)
	}
	var requests []request
	for len(all) > 0 {
		end := 4 + binary.LittleEndian.Uint32(all)
		whole := all[4:end]
		head := bytes.Index(whole, []byte("\r\n\r\n")) + 4
		r := request{whole, head, endOf(whole[:head], numberMark), -1}
		if *names > 0 {
			r.name = endOf(whole, nameMark)
		}
		requests = append(requests, r)
		all = all[end:]
	}
	return requests
}

func endOf(text, mark []byte) int {
	if at := bytes.Index(text, mark); at >= 0 {
		return at + len(mark)
	}
	return -1
}

func open() client {
	if *streams > 0 {
		return openHTTP2(*target)
	}
	return openHTTP1(*target)
}

// Opens what stands idle; the result tells how many still stand.
func standBy(r request) func() int {
	standing := make([]*http1, *idle)
	var opened sync.WaitGroup
	const atOnce = 50
	for from := 0; from < *idle; from += atOnce {
		for i := from; i < min(from+atOnce, *idle); i++ {
			opened.Add(1)
			go func() {
				defer opened.Done()
				standing[i] = openHTTP1(*target)
				idled.Add(1)
				if a, err := standing[i].do(copyOf(r)); err == nil && a.status == 200 {
					idleStored.Add(int64(storedOf(a)))
				}
			}()
		}
		opened.Wait()
	}
	return func() int {
		count := 0
		for _, c := range standing {
			if c.stands() {
				count++
			}
		}
		return count
	}
}

var idled, idleStored atomic.Int64

func copyOf(r request) request {
	r.whole = slices.Clone(r.whole)
	return r
}

func (r request) mark(n int64) {
	if r.number >= 0 {
		copy(r.whole[r.number-12:], fmt.Sprintf("%012x", n))
	}
	if r.name >= 0 {
		copy(r.whole[r.name-4:], fmt.Sprintf("%04d", n%int64(*names)))
	}
}

func (p *phase) work(c *client, t *tally) {
	t.statuses = map[int]int{}
	own := make([]request, len(p.requests))
	for {
		n := p.next.Add(1) - 1
		due := time.Since(p.start)
		if p.due > 0 {
			due = time.Duration(n) * p.due
			time.Sleep(time.Until(p.start.Add(due)))
		}
		if due >= p.end {
			return
		}
		at := int(n % int64(len(p.requests)))
		r := p.requests[at]
		if r.number >= 0 || r.name >= 0 {
			if own[at].whole == nil {
				own[at] = copyOf(r)
			}
			r = own[at]
			r.mark(n)
		}
		a, err := (*c).do(r)
		done := time.Since(p.start)
		t.take(a, err, p.isMeasured(due, done), done-due)
		if err != nil {
			(*c).close()
			if *streams == 0 { // else its other streams would each open one
				*c = open()
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// In a closed loop what ends within the time counts; in an open one what was due in it.
func (p *phase) isMeasured(due, done time.Duration) bool {
	if p.due > 0 {
		return due >= p.begin && due < p.end
	}
	return done >= p.begin && done < p.end
}

func (t *tally) take(a answer, err error, isMeasured bool, latency time.Duration) {
	if err != nil {
		t.errors++
		t.lastError = err.Error()
		return
	}
	stored := 0
	if a.status == 200 {
		stored = storedOf(a)
	}
	t.stored += stored
	if !isMeasured {
		return
	}
	t.requests++
	t.statuses[a.status]++
	t.storedInTime += stored
	if stored > 0 {
		t.served = append(t.served, uint32(latency.Microseconds()))
	} else {
		t.refused = append(t.refused, uint32(latency.Microseconds()))
	}
}

func storedOf(a answer) int {
	if *failure == "" {
		return *records
	}
	return *records - bytes.Count(a.body, []byte(*failure))
}

func cpu() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

type latencies struct {
	Count                    int
	P50, P90, P99, P999, Max float64 // ms
}

func spread(us []uint32) latencies {
	if len(us) == 0 {
		return latencies{}
	}
	slices.Sort(us)
	at := func(part float64) float64 {
		return float64(us[min(len(us)-1, int(part*float64(len(us))))]) / 1000
	}
	return latencies{len(us), at(0.5), at(0.9), at(0.99), at(0.999), float64(us[len(us)-1]) / 1000}
}

func report(tallies []tally, idleAtEnd int, used time.Duration) {
	statuses := map[string]int{}
	var requests, stored, storedAll, errors int
	var served, refused []uint32
	lastError := ""
	for i := range tallies {
		t := &tallies[i]
		requests += t.requests
		stored += t.storedInTime
		storedAll += t.stored
		errors += t.errors
		if t.lastError != "" {
			lastError = t.lastError
		}
		for status, count := range t.statuses {
			statuses[strconv.Itoa(status)] += count
		}
		served = append(served, t.served...)
		refused = append(refused, t.refused...)
	}
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{
		"requests":     requests,
		"records":      stored,
		"acknowledged": storedAll + int(idleStored.Load()),
		"errors":       errors,
		"lastError":    lastError,
		"statuses":     statuses,
		"seconds":      measured.Seconds(),
		"served":       spread(served),
		"refused":      spread(refused),
		"idle":         idled.Load(),
		"idleAtEnd":    idleAtEnd,
		"cpuUs":        used.Microseconds(),
		"threads":      runtime.GOMAXPROCS(0),
	})
}
