//! A small mail server: speaks SMTP over a socket, takes mails, and fails where it is told to.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What a server does when somebody says this; a `.` ends the text of a mail.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Answers with this line instead.
    Says(&'static str, &'static str),
    /// Ends the connection.
    HangsUp(&'static str),
    /// Never answers.
    Hangs(&'static str),
}

/// The server, for as long as it lives.
pub struct Smtp {
    /// Its address.
    pub url: String,
    mails: Arc<Mutex<Vec<String>>>,
    faults: Arc<Mutex<VecDeque<Fault>>>,
    hung: Arc<AtomicUsize>,
    _server: JoinSet<()>,
}

impl Smtp {
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let mails = Arc::<Mutex<Vec<String>>>::default();
        let faults = Arc::<Mutex<VecDeque<Fault>>>::default();
        let hung = Arc::<AtomicUsize>::default();
        let hanging = Arc::clone(&hung);
        let mut server = JoinSet::new();
        let (kept, told) = (Arc::clone(&mails), Arc::clone(&faults));
        server.spawn(async move {
            let mut conversations = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let fault = told.lock().unwrap().pop_front();
                let (kept, hanging) = (Arc::clone(&kept), Arc::clone(&hanging));
                conversations.spawn(converse(stream, fault, kept, hanging));
            }
        });
        Self {
            url,
            mails,
            faults,
            hung,
            _server: server,
        }
    }

    /// Fails in the next conversations like this, one each.
    pub fn fail(&self, faults: &[Fault]) {
        self.faults.lock().unwrap().extend(faults);
    }

    /// How many conversations hang for ever.
    pub fn hung(&self) -> usize {
        self.hung.load(Ordering::Relaxed)
    }

    /// The mails that came since this was last asked, oldest first.
    pub fn mails(&self) -> Vec<String> {
        std::mem::take(&mut *self.mails.lock().unwrap())
    }
}

/// One conversation. It may end anywhere: that is the other side's business.
async fn converse(
    stream: TcpStream,
    fault: Option<Fault>,
    mails: Arc<Mutex<Vec<String>>>,
    hung: Arc<AtomicUsize>,
) {
    let mut stream = BufReader::new(stream);
    let (mut text, mut in_text) = (String::new(), false);
    if !say(&mut stream, "220 mail.example.org ESMTP").await {
        return;
    }
    loop {
        let mut line = String::new();
        match stream.read_line(&mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let said = line.trim_end_matches(['\r', '\n']);
        if in_text && said != "." {
            text.push_str(said.strip_prefix('.').unwrap_or(said));
            text.push('\n');
            continue;
        }
        let command = said.split([' ', ':']).next().unwrap().to_uppercase();
        match fault {
            Some(Fault::HangsUp(at)) if at == command => return,
            Some(Fault::Hangs(at)) if at == command => {
                hung.fetch_add(1, Ordering::Relaxed);
                std::future::pending::<()>().await;
            }
            Some(Fault::Says(at, reply)) if at == command => {
                in_text = false;
                say(&mut stream, reply).await;
                continue;
            }
            _ => {}
        }
        let reply = match command.as_str() {
            "EHLO" => "250-mail.example.org\r\n250 8BITMIME",
            "DATA" => {
                in_text = true;
                "354 Go on"
            }
            "." => {
                in_text = false;
                mails.lock().unwrap().push(std::mem::take(&mut text));
                "250 Taken"
            }
            "QUIT" => "221 Bye",
            _ => "250 Fine",
        };
        if !say(&mut stream, reply).await {
            return;
        }
    }
}

async fn say(stream: &mut BufReader<TcpStream>, line: &str) -> bool {
    let line = format!("{line}\r\n");
    stream.get_mut().write_all(line.as_bytes()).await.is_ok()
}
