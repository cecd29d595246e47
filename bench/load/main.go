// The load: sends prepared requests over HTTP/1.1 or HTTP/2 in clear text, and says what came of them.
// What the requests are is not its business: it reads them whole from a file.
//
//   - Closed loop: each connection (each stream of HTTP/2) sends its next request when it has its answer.
//   - Open loop: requests are due at a steady rate, and a latency counts from when its request was due,
//     whether it could be sent then or not (no coordinated omission). What is due while all connections
//     are busy waits for one, and is never sent when the time is over by then.
//   - Connections are opened, and idle ones used once, before anything is measured.
//   - An answer that refuses a request (4xx) says that nothing was stored. Of what fails in its place, with
//     a 5xx or without an answer it is open: a service may not know itself what became of it.
//   - It reports the CPU that it took, how late it sent what it could have sent in time, and how long
//     requests waited for a connection, so that one can tell when it was the bottleneck.
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

// Sent in two parts: in front is all that changes, if anything does.
type request struct {
	front, rest []byte
	head        int // length of the head, its blank line included, all in front
	number      int // where the number ends; -1: none
	name        int // where the name ends; -1: none
}

// An answer, and when it had come; the connection may be busy for longer.
type answer struct {
	status   int
	body     []byte
	at       time.Time
	reopened bool // the server closed the connection behind it
}

type client interface {
	do(r request) (answer, error)
	close()
}

// What one worker saw. Only its own goroutine writes it.
type tally struct {
	stored, storedInTime int
	open                 int // records that may be stored or not, as far as answers tell
	requests, unsent     int
	statuses             map[int]int
	errors, reopened     int
	lastError            string
	failed               int      // records that answers in time said were not stored
	lastFailure          string   // what such an answer begins with, where it says so
	served, refused      []uint32 // µs
	waits, lags          []uint32 // µs, in the open loop: of all requests; of those that had a connection
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
		r := request{whole, nil, head, endOf(whole[:head], numberMark), -1}
		if *names > 0 {
			r.name = endOf(whole, nameMark)
		}
		if r.changes() {
			front := max(head, r.name)
			r.front, r.rest = whole[:front], whole[front:]
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
				if a, err := standing[i].do(r); err == nil && a.status == 200 {
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

func (r request) changes() bool {
	return r.number >= 0 || r.name >= 0
}

// The same, changed by the number of the attempt; its front lies in `own`.
func (r request) marked(n int64, own []byte) request {
	r.front = append(own[:0], r.front...)
	if r.number >= 0 {
		copy(r.front[r.number-12:], fmt.Sprintf("%012x", n))
	}
	if r.name >= 0 {
		copy(r.front[r.name-4:], fmt.Sprintf("%04d", n%int64(*names)))
	}
	return r
}

func (p *phase) work(c *client, t *tally) {
	t.statuses = map[int]int{}
	var own []byte
	for {
		n := p.next.Add(1) - 1
		due, goesOn := p.await(n, t)
		if !goesOn {
			return
		}
		r := p.requests[n%int64(len(p.requests))]
		if r.changes() {
			r = r.marked(n, own)
			own = r.front
		}
		a, err := (*c).do(r)
		done := a.at.Sub(p.start)
		t.take(a, err, p.isMeasured(due, done), p.isWithin(done), done-due)
		if err != nil {
			(*c).close()
			if *streams == 0 { // else its other streams would each open one
				*c = open()
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// Returns when a request is to be sent, with when it was due; false: not any more.
func (p *phase) await(n int64, t *tally) (time.Duration, bool) {
	free := time.Since(p.start)
	if p.due == 0 {
		return free, free < p.end
	}
	due := time.Duration(n) * p.due
	if due >= p.end {
		return due, false
	}
	if free >= p.end {
		t.unsent++
		return p.await(p.next.Add(1)-1, t)
	}
	time.Sleep(due - free)
	if p.isWithin(due) {
		wait := uint32((time.Since(p.start) - due).Microseconds())
		t.waits = append(t.waits, wait)
		if free < due {
			t.lags = append(t.lags, wait)
		}
	}
	return due, true
}

func (p *phase) isWithin(at time.Duration) bool {
	return at >= p.begin && at < p.end
}

// A latency counts in a closed loop by when the answer came, in an open one by when the request was due.
func (p *phase) isMeasured(due, done time.Duration) bool {
	if p.due > 0 {
		return p.isWithin(due)
	}
	return p.isWithin(done)
}

// `isInTime`: the answer came within the measured time, and its records count for the rate.
func (t *tally) take(a answer, err error, isMeasured, isInTime bool, latency time.Duration) {
	if a.reopened {
		t.reopened++
	}
	if err != nil {
		t.errors++
		t.lastError = err.Error()
		t.open += *records
		return
	}
	stored := 0
	if a.status == 200 {
		stored = storedOf(a)
	}
	t.stored += stored
	if a.status == 200 || a.status >= 500 {
		t.open += *records - stored
	}
	if isInTime {
		t.storedInTime += stored
	}
	if !isMeasured {
		return
	}
	t.requests++
	t.statuses[a.status]++
	if stored < *records {
		t.failed += *records - stored
		t.lastFailure = excerpt(a.body)
	}
	if stored > 0 {
		t.served = append(t.served, uint32(latency.Microseconds()))
	} else {
		t.refused = append(t.refused, uint32(latency.Microseconds()))
	}
}

func excerpt(body []byte) string {
	at := max(0, bytes.Index(body, []byte(*failure))-8)
	return string(body[at:min(len(body), at+120)])
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
	var requests, unsent, stored, storedAll, open, errors, reopened int
	var served, refused, waits, lags []uint32
	failed := 0
	lastError, lastFailure := "", ""
	for i := range tallies {
		t := &tallies[i]
		requests += t.requests
		unsent += t.unsent
		reopened += t.reopened
		stored += t.storedInTime
		storedAll += t.stored
		open += t.open
		errors += t.errors
		if t.lastError != "" {
			lastError = t.lastError
		}
		failed += t.failed
		if t.lastFailure != "" {
			lastFailure = t.lastFailure
		}
		for status, count := range t.statuses {
			statuses[strconv.Itoa(status)] += count
		}
		served = append(served, t.served...)
		refused = append(refused, t.refused...)
		waits = append(waits, t.waits...)
		lags = append(lags, t.lags...)
	}
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{
		"requests":     requests,
		"records":      stored,
		"acknowledged": storedAll + int(idleStored.Load()),
		"open":         open,
		"errors":       errors,
		"lastError":    lastError,
		"failed":       failed,
		"lastFailure":  lastFailure,
		"statuses":     statuses,
		"seconds":      measured.Seconds(),
		"served":       spread(served),
		"refused":      spread(refused),
		"unsent":       unsent,
		"reopened":     reopened,
		"waits":        spread(waits),
		"lags":         spread(lags),
		"idle":         idled.Load(),
		"idleAtEnd":    idleAtEnd,
		"cpuUs":        used.Microseconds(),
		"threads":      runtime.GOMAXPROCS(0),
	})
}
