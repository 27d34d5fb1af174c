//! One HTTP/1.1 request over a connection of its own: the backend API, and upgrades that are
//! expected to be refused.

use crate::{server::Server, wait::within};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The header fields, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{error} in the body {:?}", self.body))
    }

    /// A header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The `code` of the error in the body: either the object itself or under `error`.
    pub fn code(&self) -> String {
        let body = self.json();
        body["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Sends a request with an optional bearer token and JSON body.
pub async fn request(
    server: &Server,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: Option<&Value>,
) -> Answer {
    let authorization = token.map(|token| format!("Bearer {token}"));
    let mut headers = Vec::new();
    if let Some(value) = &authorization {
        headers.push(("Authorization", value.as_str()));
    }
    let body = body.map(Value::to_string);
    if body.is_some() {
        headers.push(("Content-Type", "application/json"));
    }
    send(server, method, path, &headers, body.as_deref()).await
}

/// `GET` without a token.
pub async fn get(server: &Server, path: &str) -> Answer {
    request(server, "GET", path, None, None).await
}

/// A WebSocket upgrade with more header fields, by a client that expects to be refused.
pub async fn upgrade(server: &Server, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut all = vec![
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    all.extend_from_slice(headers);
    send(server, "GET", path, &all, None).await
}

/// Sends a request with any header fields.
pub async fn send(
    server: &Server,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&str>,
) -> Answer {
    let host = server.address();
    let mut lines = vec![format!("{method} {path} HTTP/1.1"), format!("Host: {host}")];
    if !headers.iter().any(|(name, _)| *name == "Connection") {
        lines.push("Connection: close".to_owned());
    }
    lines.extend(
        headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}")),
    );
    let body = body.unwrap_or_default();
    lines.push(format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    let text = lines.join("\r\n");
    within(
        &format!("{method} {path}"),
        exchange(server, text.as_bytes()),
    )
    .await
}

async fn exchange(server: &Server, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(server.address())
        .await
        .expect("a connection");
    stream.write_all(request).await.expect("a request sent");
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    loop {
        if let Some(answer) = parse(&bytes, false) {
            return answer;
        }
        // A reset after the whole answer is no loss.
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
    parse(&bytes, true).unwrap_or_else(|| {
        panic!("no answer in {:?}", String::from_utf8_lossy(&bytes));
    })
}

/// The answer, once it is complete; `ended` says that nothing more comes.
fn parse(bytes: &[u8], ended: bool) -> Option<Answer> {
    let split = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..split]);
    let mut lines = head.lines();
    let status: u16 = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let field = |name: &str| headers.iter().find(|(field, _)| field == name);
    let rest = &bytes[split + 4..];
    let body = if status == 101 {
        Vec::new()
    } else if let Some((_, length)) = field("content-length") {
        let length: usize = length.parse().ok()?;
        if rest.len() < length && !ended {
            return None;
        }
        rest[..length.min(rest.len())].to_vec()
    } else if field("transfer-encoding").is_some() {
        chunks(rest)?
    } else if ended {
        rest.to_vec()
    } else {
        return None;
    };
    Some(Answer {
        status,
        headers: headers.clone(),
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

fn chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..line]).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(line + 2..line + 2 + size)?);
        rest = rest.get(line + 4 + size..)?;
    }
}
