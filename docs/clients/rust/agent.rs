//! Talks to wg-agent: shows its networks, brings one up, and follows what happens meanwhile.
//!
//!     rustc --edition 2021 agent.rs && ./agent SOCKET NETWORK
//!
//! Needs nothing but the standard library, which has no JSON: the few lines in `json` are enough to
//! read what this example asks for. In a program of yours, use serde_json. docs/api.md has every method.

use std::io::{BufRead, BufReader, Error, ErrorKind, Result, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// One connection, for one thread. Events that come before a reply are kept.
struct Agent {
    writer: UnixStream,
    reader: BufReader<UnixStream>,
    next_id: u64,
    events: Vec<String>,
}

/// What came back: the result, or the agent's refusal with its type from docs/api.md.
enum Reply {
    Result(String),
    Refused { kind: String, message: String },
}

impl Agent {
    fn connect(path: &str) -> Result<Agent> {
        let writer = UnixStream::connect(path)?;
        writer.set_read_timeout(Some(Duration::from_secs(10)))?;
        let reader = BufReader::new(writer.try_clone()?);
        Ok(Agent { writer, reader, next_id: 1, events: Vec::new() })
    }

    /// Sends a request and waits for its reply. `params` is a JSON object.
    fn call(&mut self, method: &str, params: &str) -> Result<Reply> {
        let id = self.next_id.to_string();
        self.next_id += 1;
        let request =
            format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#);
        writeln!(self.writer, "{request}")?;
        loop {
            let line = self.line()?;
            let answers = json::member(&line, "id");
            if json::member(&line, "method") == Some("\"event\"") {
                self.events.push(line);
            } else if let Some(error) = json::member(&line, "error") {
                // Without id: the connection as a whole is refused.
                if answers == Some(id.as_str()) || answers == Some("null") {
                    let data = json::member(error, "data").unwrap_or("{}");
                    return Ok(Reply::Refused {
                        kind: json::text(data, "type"),
                        message: json::text(error, "message"),
                    });
                }
            } else if answers == Some(id.as_str()) {
                return Ok(Reply::Result(json::member(&line, "result").unwrap_or("").into()));
            }
        }
    }

    /// The next event's params, once "subscribe" was called.
    fn event(&mut self) -> Result<String> {
        loop {
            let line = if self.events.is_empty() { self.line()? } else { self.events.remove(0) };
            if json::member(&line, "method") == Some("\"event\"") {
                return Ok(json::member(&line, "params").unwrap_or("{}").into());
            }
        }
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.reader.read_line(&mut line)? == 0 {
            return Err(Error::new(ErrorKind::UnexpectedEof, "the agent closed the connection"));
        }
        Ok(line.trim_end().into())
    }
}

/// Finds members and elements in JSON that a well-behaved peer wrote. Everything stays text.
mod json {
    /// Where the value that begins at the start of `text` ends.
    fn end(text: &str) -> usize {
        let (mut depth, mut quoted, mut escaped) = (0, false, false);
        for (at, c) in text.char_indices() {
            if quoted {
                (quoted, escaped) = (escaped || c != '"', !escaped && c == '\\');
                if !quoted && depth == 0 {
                    return at + 1;
                }
                continue;
            }
            match c {
                '"' => quoted = true,
                '{' | '[' => depth += 1,
                '}' | ']' | ',' if depth == 0 => return at,
                '}' | ']' => {
                    depth -= 1;
                    if depth == 0 {
                        return at + 1;
                    }
                }
                _ => {}
            }
        }
        text.len()
    }

    /// The values of an array, or names and values of an object in turn.
    pub fn parts(text: &str) -> Vec<&str> {
        let mut parts = Vec::new();
        let mut rest = text.trim().get(1..).unwrap_or("");
        loop {
            rest = rest.trim_start_matches([',', ':', ' ']);
            let cut = end(rest);
            if cut == 0 {
                return parts;
            }
            parts.push(rest[..cut].trim());
            rest = &rest[cut..];
        }
    }

    /// The value of a member, as JSON.
    pub fn member<'a>(object: &'a str, name: &str) -> Option<&'a str> {
        let quoted = format!("\"{name}\"");
        parts(object).chunks(2).find(|pair| pair[0] == quoted).and_then(|pair| pair.get(1).copied())
    }

    /// The value of a member that is a string without escapes, as names and states are.
    pub fn text(object: &str, name: &str) -> String {
        member(object, name).unwrap_or("").trim_matches('"').into()
    }
}

fn run(path: &str, network: &str) -> Result<i32> {
    let mut agent = Agent::connect(path)?;
    if let Reply::Result(status) = agent.call("status", "{}")? {
        for found in json::parts(json::member(&status, "networks").unwrap_or("[]")) {
            let peers = json::member(found, "peers").unwrap_or("{}");
            println!(
                "{}: {}, {} peers",
                json::text(found, "network"),
                json::text(found, "state"),
                json::member(peers, "total").unwrap_or("?")
            );
        }
    }
    agent.call("subscribe", r#"{"topics":["state"]}"#)?;
    let connected = match agent.call("connect", &format!(r#"{{"network":"{network}"}}"#))? {
        Reply::Result(result) => result,
        Reply::Refused { kind, message } => {
            eprintln!("refused: {kind}: {message}");
            return Ok(1);
        }
    };
    loop {
        let event = agent.event()?;
        if json::text(&event, "network") == network {
            let data = json::member(&event, "data").unwrap_or("{}");
            println!("event: {} -> {}", json::text(data, "from"), json::text(data, "to"));
            if json::text(data, "to") == json::text(&connected, "state") {
                break;
            }
        }
    }
    println!("connected: {network} on {}", json::text(&connected, "interface"));
    Ok(0)
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match run(&arguments[1], &arguments[2]) {
        Ok(code) => std::process::exit(code),
        Err(failed) => {
            eprintln!("{failed}");
            std::process::exit(1);
        }
    }
}
