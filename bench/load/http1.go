package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"strconv"
	"time"
)

// One connection of HTTP/1.1, no more than the replies of servers here need. It reads while it
// writes: an answer that comes before its request was sent whole counts from when it came. What is
// left of the request is then sent all the same, as the clients of Node, Python and Apache do (those
// of Go and curl close instead), unless the server closes first; the next request waits for that.
type http1 struct {
	socket net.Conn
	reader *bufio.Reader
	body   []byte
	last   bool // the server closes behind this answer
	closed bool
	parts  chan net.Buffers
	wrote  chan error
}

const (
	patience = 90 * time.Second
	// What is smaller leaves in one system call, before anything can be answered.
	smallBytes = 32768
)

func openHTTP1(target string) *http1 {
	socket, err := net.Dial("tcp", target)
	for tries := 0; err != nil && tries < 100; tries++ {
		time.Sleep(20 * time.Millisecond)
		socket, err = net.Dial("tcp", target)
	}
	if err != nil {
		panic(err)
	}
	return &http1{socket: socket, reader: bufio.NewReaderSize(socket, 16384)}
}

func (c *http1) close() {
	if c.closed {
		return
	}
	c.closed = true
	_ = c.socket.Close()
	if c.parts != nil {
		close(c.parts)
	}
}

// Whether the server keeps the connection open.
func (c *http1) stands() bool {
	if c == nil || c.closed {
		return false
	}
	_ = c.socket.SetReadDeadline(time.Now().Add(time.Millisecond))
	_, err := c.reader.Peek(1)
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func (c *http1) do(r request) (answer, error) {
	_ = c.socket.SetDeadline(time.Now().Add(patience))
	if len(r.front)+len(r.rest) > smallBytes {
		return c.doLarge(r)
	}
	var err error
	if len(r.rest) == 0 {
		_, err = c.socket.Write(r.front)
	} else {
		parts := net.Buffers{r.front, r.rest}
		_, err = parts.WriteTo(c.socket)
	}
	if err != nil {
		return answer{}, err
	}
	a, err := c.read()
	a.at = time.Now()
	return c.again(a, err)
}

func (c *http1) doLarge(r request) (answer, error) {
	if c.parts == nil {
		c.parts, c.wrote = make(chan net.Buffers), make(chan error, 1)
		go c.write(c.parts, c.wrote)
	}
	c.parts <- net.Buffers{r.front, r.rest}
	a, err := c.read()
	a.at = time.Now()
	if err != nil || c.last {
		_ = c.socket.Close() // which ends the writing, too
	}
	if <-c.wrote != nil && err == nil {
		c.last = true
	}
	return c.again(a, err)
}

func (c *http1) write(all <-chan net.Buffers, wrote chan<- error) {
	for parts := range all {
		_, err := parts.WriteTo(c.socket)
		wrote <- err
	}
}

// Behind the last answer of a connection comes another connection.
func (c *http1) again(a answer, err error) (answer, error) {
	if err == nil && c.last {
		target := c.socket.RemoteAddr().String()
		c.close()
		*c = *openHTTP1(target)
		a.reopened = true
	}
	return a, err
}

func (c *http1) read() (answer, error) {
	line, err := c.reader.ReadSlice('\n')
	if err != nil {
		return answer{}, err
	}
	if len(line) < 12 {
		return answer{}, errors.New("no status line")
	}
	status, _ := strconv.Atoi(string(line[9:12]))
	if status == 100 {
		_, _ = c.reader.ReadSlice('\n')
		return c.read()
	}
	length, chunked := 0, false
	for {
		line, err = c.reader.ReadSlice('\n')
		if err != nil {
			return answer{}, err
		}
		if len(line) <= 2 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("content-length")):
			length, _ = strconv.Atoi(string(value))
		case bytes.EqualFold(name, []byte("transfer-encoding")):
			chunked = true
		case bytes.EqualFold(name, []byte("connection")):
			c.last = bytes.EqualFold(value, []byte("close"))
		}
	}
	c.body = c.body[:0]
	if chunked {
		err = c.readChunks()
	} else {
		err = c.readBytes(length)
	}
	return answer{status: status, body: c.body}, err
}

func (c *http1) readBytes(length int) error {
	from := len(c.body)
	if need := from + length; cap(c.body) < need {
		c.body = append(make([]byte, 0, 2*need), c.body...)
	}
	c.body = c.body[:from+length]
	_, err := io.ReadFull(c.reader, c.body[from:])
	return err
}

func (c *http1) readChunks() error {
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		length, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return err
		}
		if err = c.readBytes(int(length)); err != nil {
			return err
		}
		if _, err = c.reader.Discard(2); err != nil || length == 0 {
			return err
		}
	}
}
