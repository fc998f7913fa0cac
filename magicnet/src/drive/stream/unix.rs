//! Files that Unix sockets are found by.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::{Path, PathBuf};

/// The file of a listener, which goes with it.
#[derive(Debug)]
pub(in crate::drive) struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Somebody may have taken it away already.
        let _ = fs::remove_file(&self.0);
    }
}

/// Listens at `path`, without blocking. A socket that was left there by a program that is gone is replaced.
pub(in crate::drive) fn bind(path: &Path) -> io::Result<(UnixListener, SocketFile)> {
    let listener = match UnixListener::bind(path) {
        Err(error) if error.kind() == ErrorKind::AddrInUse && is_abandoned(path) => {
            fs::remove_file(path)?;
            UnixListener::bind(path)
        }
        bound => bound,
    }?;
    listener.set_nonblocking(true)?;
    Ok((listener, SocketFile(path.to_owned())))
}

/// Whether a socket lies there that nobody has open. It is asked for by a socket of another kind: if one is there it
/// says so, and does not let us wait for a place among those whom it has not accepted.
fn is_abandoned(path: &Path) -> bool {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket());
    let ask = || UnixDatagram::unbound()?.connect(path);
    is_socket && ask().is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}
