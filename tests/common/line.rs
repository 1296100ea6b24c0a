//! A line to a server that can be cut without either end hearing of it.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// In truth it is rather hours.
const KERNELS_PATIENCE: Duration = Duration::from_secs(60);

/// Passes on what both ends say, until it is cut: then it swallows it, and holds the connections open.
pub struct Line {
    port: u16,
    cuts: watch::Sender<usize>,
}

impl Line {
    /// To the server of this address.
    pub async fn to(host: &str, port: u16) -> Self {
        let host = host.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap().port();
        let (cuts, cut) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((ours, _)) = listener.accept().await {
                // Where nobody is there, whoever called hears it by the end of the connection.
                let Ok(theirs) = TcpStream::connect((host.as_str(), port)).await else { continue };
                let ((from, to), (back_from, back_to)) = (ours.into_split(), theirs.into_split());
                tokio::spawn(pass(from, back_to, cut.clone()));
                tokio::spawn(pass(back_from, to, cut.clone()));
            }
        });
        Self { port: here, cuts }
    }

    /// The same database, over this line.
    pub async fn to_database(uri: &str) -> (Self, String) {
        let mut uri: url::Url = uri.parse().unwrap();
        let line = Self::to(uri.host_str().unwrap(), uri.port().unwrap_or(5432)).await;
        uri.set_host(Some("127.0.0.1")).unwrap();
        uri.set_port(Some(line.port)).unwrap();
        (line, uri.into())
    }

    /// The connections that there are; new ones are whole.
    pub fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut cut: watch::Receiver<usize>) {
    cut.mark_unchanged();
    let mut bytes = [0; 4096];
    let mut is_cut = false;
    loop {
        let read = tokio::select! {
            biased;
            Ok(()) = cut.changed() => {
                is_cut = true;
                continue;
            }
            read = from.read(&mut bytes) => read,
        };
        match read {
            Ok(read) if read > 0 => {
                if !is_cut && to.write_all(&bytes[..read]).await.is_err() {
                    return;
                }
            }
            // The other end does not hear of that, either, before its kernel gives up.
            _ if is_cut => return tokio::time::sleep(KERNELS_PATIENCE).await,
            _ => return,
        }
    }
}
