//! Files: the key that signs, and an embedded database.

use std::path::{Path, PathBuf};

use super::Finding;
use crate::config::Settings;

const KEY: &str = "token key";
const FILE: &str = "database file";
/// Below this the next import or backup may end half way, in bytes.
const ROOM: u64 = 512 * 1024 * 1024;
/// What others' machines lend: locks do not hold there, and `SQLite` loses data.
const REMOTE: [&str; 12] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "fuse.sshfs",
    "fuse.glusterfs",
    "fuse.s3fs",
    "vboxsf",
];

/// Whether the settings choose an embedded database.
pub(super) fn is_embedded(settings: &Settings) -> bool {
    let url = settings.database_url.as_deref();
    url.is_none_or(|url| url.starts_with("sqlite:"))
}

/// Where the key is, or would be made.
pub(super) fn key_file(settings: &Settings) -> PathBuf {
    let path = settings.token_key_file.clone();
    path.unwrap_or_else(|| "stoa.key".into())
}

/// The file of an embedded database; one in memory has none.
pub(super) fn embedded(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or(path);
    (path != ":memory:" && !path.is_empty()).then(|| path.into())
}

/// The key that signs tokens.
pub(super) fn key(settings: &Settings) -> Vec<Finding> {
    if settings.token_key.is_some() {
        return vec![Finding::fine(KEY, "given as a setting")];
    }
    let path = key_file(settings);
    let name = path.display();
    if path.exists() {
        return vec![private(KEY, &path).unwrap_or_else(|| {
            Finding::fine(KEY, format!("{name} is there, for its owner only"))
        })];
    }
    if is_embedded(settings) {
        let found = format!("{name} is not there");
        let mend =
            "Nothing to do: the first start makes it. Keep a copy: with a new one all tokens end.";
        return vec![Finding::note(KEY, found, mend)];
    }
    // The configuration's check has said that it is needed.
    Vec::new()
}

/// The file of an embedded database.
pub(super) fn database(path: &Path) -> Vec<Finding> {
    let name = path.display();
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => path,
    };
    let mut findings = Vec::new();
    if !folder.is_dir() {
        let found = format!("the folder of {name} is not there");
        let mend = format!("mkdir -p {}", folder.display());
        return vec![Finding::mend(FILE, found, mend)];
    }
    if path.exists() && !path.is_file() {
        let found = format!("{name} is not a file");
        return vec![Finding::mend(
            FILE,
            found,
            "Name a file in STOA_DATABASE_URL.",
        )];
    }
    // The journal lies beside the file, so its folder must be writable too.
    let writable = |path: &Path| {
        use rustix::fs::{Access, access};
        access(path, Access::READ_OK | Access::WRITE_OK).is_ok()
    };
    for path in [folder, path].into_iter().filter(|path| path.exists()) {
        if !writable(path) {
            let found = format!("{} cannot be written", path.display());
            let mend = "Give it to the user that the service runs as.";
            findings.push(Finding::mend(FILE, found, mend));
        }
    }
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.into());
    if let Some(kind) = mounted(&mounts, &whole).filter(|kind| REMOTE.contains(kind)) {
        let found = format!("{name} lies on a network mount ({kind}), where locks do not hold");
        findings.push(Finding::mend(
            FILE,
            found,
            "Move it to a local disk, or use PostgreSQL.",
        ));
    }
    if let Ok(disk) = rustix::fs::statvfs(folder) {
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < ROOM {
            let found = format!("{} MiB are free where {name} lies", free / 1024 / 1024);
            findings.push(Finding::mend(FILE, found, "Make room: 512 MiB at least."));
        }
    }
    if let Some(mode) = mode(path).filter(|mode| mode & 0o007 != 0) {
        let found = format!("everybody on this machine can read {name} (mode {mode:03o})");
        findings.push(Finding::note(FILE, found, format!("chmod 640 {name}")));
    }
    if !path.exists() {
        let mend = "Nothing to do: the first start makes it.";
        findings.push(Finding::note(FILE, format!("{name} is not there"), mend));
    } else if findings.is_empty() {
        findings.push(Finding::fine(FILE, format!("{name} can be written")));
    }
    findings
}

/// Something to mend if others than the owner can read a file.
fn private(place: &'static str, path: &Path) -> Option<Finding> {
    let mode = mode(path).filter(|mode| mode & 0o077 != 0)?;
    let name = path.display();
    let found = format!("{name} can be read by others (mode {mode:03o})");
    Some(Finding::mend(place, found, format!("chmod 600 {name}")))
}

/// Who may do what with a file.
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let permissions = std::fs::metadata(path).ok()?.permissions();
    Some(permissions.mode() & 0o777)
}

/// The kind of file system that a folder lies on, from the kernel's list of mounts.
fn mounted<'a>(mounts: &'a str, folder: &Path) -> Option<&'a str> {
    let fields = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        // Spaces in names are written as octal.
        let place = fields.next()?.replace("\\040", " ");
        Some((PathBuf::from(place), fields.next()?))
    });
    let around = fields.filter(|(place, _)| folder.starts_with(place));
    // Of two mounts in one place the later hides the earlier.
    let nearest = around.enumerate();
    let nearest = nearest.max_by_key(|(number, (place, _))| (place.components().count(), *number));
    nearest.map(|(_, (_, kind))| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_lies_on_the_nearest_mount_around_it() {
        let mounts = "/dev/sda1 / ext4 rw 0 0\nfiles:/a /srv nfs4 rw 0 0\n\
                      /dev/sdb1 /srv/local xfs rw 0 0\nproc /proc proc rw 0 0\n\
                      files:/b /mnt/two\\040words cifs rw 0 0\ntmpfs /srv/local tmpfs rw 0 0\n";
        for (folder, kind) in [
            ("/var/lib/stoa", "ext4"),
            ("/srv/stoa", "nfs4"),
            ("/srv", "nfs4"),
            ("/srv/local/stoa", "tmpfs"),
            ("/srvlike", "ext4"),
            ("/mnt/two words/stoa", "cifs"),
        ] {
            assert_eq!(mounted(mounts, Path::new(folder)), Some(kind), "{folder}");
        }
        assert_eq!(mounted("", Path::new("/")), None);
    }

    #[test]
    fn the_file_of_an_embedded_database_is_in_its_address() {
        for (url, path) in [
            ("sqlite://stoa.db?mode=rwc", Some("stoa.db")),
            (
                "sqlite:///var/lib/stoa/stoa.db",
                Some("/var/lib/stoa/stoa.db"),
            ),
            ("sqlite:data/stoa.db", Some("data/stoa.db")),
            ("sqlite::memory:", None),
            ("postgres://localhost/stoa", None),
        ] {
            assert_eq!(embedded(url).as_deref(), path.map(Path::new), "{url}");
        }
    }
}
