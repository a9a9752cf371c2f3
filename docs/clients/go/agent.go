// Talks to wg-agent: shows its networks, brings one up, and follows what happens meanwhile.
//
//	go run agent.go SOCKET NETWORK
//
// Needs nothing but the standard library. docs/api.md has every method.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"time"
)

// Refused says that the agent understood and said no; Data.Type is one of docs/api.md.
type Refused struct {
	Message string `json:"message"`
	Data    struct {
		Type     string            `json:"type"`
		Problems []json.RawMessage `json:"problems"`
	} `json:"data"`
}

func (r *Refused) Error() string { return r.Data.Type + ": " + r.Message }

// Event is something that happened; Data depends on the topic.
type Event struct {
	Topic   string `json:"topic"`
	Network string `json:"network"`
	Data    struct {
		From string `json:"from"`
		To   string `json:"to"`
	} `json:"data"`
}

// message is a reply, which has an id, or a notification, which has a method.
type message struct {
	ID     *int64          `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *Refused        `json:"error"`
}

// Agent is one connection, for one goroutine. Events that come before a reply are kept.
type Agent struct {
	conn    net.Conn
	lines   *bufio.Reader
	nextID  int64
	Timeout time.Duration
	events  []Event
}

// Dial connects to the control socket.
func Dial(path string) (*Agent, error) {
	conn, err := net.Dial("unix", path)
	if err != nil {
		return nil, err
	}
	return &Agent{conn: conn, lines: bufio.NewReader(conn), Timeout: 10 * time.Second}, nil
}

func (a *Agent) read() (*message, error) {
	line, err := a.lines.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("the agent closed the connection, see its log: %w", err)
	}
	var m message
	return &m, json.Unmarshal(line, &m)
}

// Call sends a request and waits for its result, which it puts into result.
func (a *Agent) Call(method string, params any, result any) error {
	a.nextID++
	line, err := json.Marshal(map[string]any{
		"jsonrpc": "2.0", "id": a.nextID, "method": method, "params": params})
	if err != nil {
		return err
	}
	a.conn.SetDeadline(time.Now().Add(a.Timeout))
	if _, err := a.conn.Write(append(line, '\n')); err != nil {
		return err
	}
	for {
		m, err := a.read()
		if err != nil {
			return err
		}
		switch {
		case m.Method == "event":
			var event Event
			if err := json.Unmarshal(m.Params, &event); err != nil {
				return err
			}
			a.events = append(a.events, event)
		case m.Error != nil && (m.ID == nil || *m.ID == a.nextID):
			return m.Error // Without id: the connection as a whole is refused.
		case m.ID != nil && *m.ID == a.nextID:
			return json.Unmarshal(m.Result, result)
		}
	}
}

// Next waits for the next event, once "subscribe" was called.
func (a *Agent) Next() (event Event, err error) {
	if len(a.events) > 0 {
		event, a.events = a.events[0], a.events[1:]
		return event, nil
	}
	a.conn.SetDeadline(time.Now().Add(a.Timeout))
	for {
		m, err := a.read()
		if err != nil {
			return event, err
		}
		if m.Method == "event" {
			return event, json.Unmarshal(m.Params, &event)
		}
	}
}

func run(path, network string) error {
	agent, err := Dial(path)
	if err != nil {
		return err
	}
	defer agent.conn.Close()
	var status struct {
		Networks []struct {
			Network string
			State   string
			Peers   struct{ Total int }
		}
	}
	if err := agent.Call("status", map[string]any{}, &status); err != nil {
		return err
	}
	for _, found := range status.Networks {
		fmt.Printf("%s: %s, %d peers\n", found.Network, found.State, found.Peers.Total)
	}
	var subscribed any
	if err := agent.Call("subscribe", map[string]any{"topics": []string{"state"}}, &subscribed); err != nil {
		return err
	}
	var connected struct{ Network, State, Interface string }
	if err := agent.Call("connect", map[string]any{"network": network}, &connected); err != nil {
		return err
	}
	for {
		event, err := agent.Next()
		if err != nil {
			return err
		}
		if event.Network != network {
			continue
		}
		fmt.Printf("event: %s -> %s\n", event.Data.From, event.Data.To)
		if event.Data.To == connected.State {
			break
		}
	}
	fmt.Printf("connected: %s on %s\n", connected.Network, connected.Interface)
	return nil
}

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		if refused, is := err.(*Refused); is {
			fmt.Fprintln(os.Stderr, "refused:", refused)
		} else {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
}
