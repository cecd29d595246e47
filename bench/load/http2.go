package main

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// One connection of HTTP/2 with prior knowledge, by Go's own client.
type http2 struct {
	client    *http.Client
	transport *http.Transport
	target    string
}

func openHTTP2(target string) *http2 {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: protocols, DisableCompression: true}
	return &http2{&http.Client{Transport: transport, Timeout: patience}, transport, target}
}

func (c *http2) close() {
	c.transport.CloseIdleConnections()
}

func (c *http2) do(r request) (answer, error) {
	lines := strings.Split(string(r.front[:r.head-4]), "\r\n")
	body := slices.Concat(r.front[r.head:], r.rest)
	words := strings.Fields(lines[0])
	whole, err := http.NewRequest(words[0], "http://"+c.target+words[1], bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	whole.Header["User-Agent"] = nil
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		switch strings.ToLower(name) {
		case "host":
			whole.Host = value
		case "connection", "content-length":
		default:
			whole.Header.Set(name, value)
		}
	}
	reply, err := c.client.Do(whole)
	if err != nil {
		return answer{}, err
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	return answer{status: reply.StatusCode, body: text, at: time.Now()}, err
}
