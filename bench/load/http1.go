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

// One connection of HTTP/1.1, no more than the replies of servers here need.
type http1 struct {
	socket net.Conn
	reader *bufio.Reader
	body   []byte
	closed bool
}

const patience = 90 * time.Second

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
	c.closed = true
	_ = c.socket.Close()
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
	if _, err := c.socket.Write(r.whole); err != nil {
		return answer{}, err
	}
	return c.read()
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
	length, chunked, last := 0, false, false
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
			last = bytes.EqualFold(value, []byte("close"))
		}
	}
	c.body = c.body[:0]
	if chunked {
		err = c.readChunks()
	} else {
		err = c.readBytes(length)
	}
	body := c.body
	if err == nil && last {
		c.close()
		*c = *openHTTP1(c.socket.RemoteAddr().String())
	}
	return answer{status, body}, err
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
