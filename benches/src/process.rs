//! What a process took of the machine, as Linux counts it.

use std::collections::HashMap;
use std::time::Duration;

/// The processor time that processes have used so far, by process, in clock ticks.
#[derive(Default)]
pub struct Used(HashMap<u32, u64>);

/// The part of `/proc/PID/stat` that is looked at.
struct Stat {
    parent: u32,
    ticks: u64,
    ticks_of_children: u64,
}

impl Used {
    /// By one process.
    pub fn by(pid: u32) -> Self {
        let ticks = stat(pid).map(|stat| (pid, stat.ticks));
        Self(ticks.into_iter().collect())
    }

    /// By one process and those it started.
    pub fn by_family(pid: u32) -> Self {
        let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let ticks = pids.filter_map(|it: u32| {
            let stat = stat(it)?;
            (it == pid || stat.parent == pid).then_some((it, stat.ticks))
        });
        Self(ticks.collect())
    }

    /// What was used since an earlier look. What a process used that ended in between is not known.
    pub fn since(&self, earlier: &Self) -> Duration {
        let used = self.0.iter().map(|(pid, ticks)| {
            let before = earlier.0.get(pid).copied().unwrap_or_default();
            ticks.saturating_sub(before)
        });
        let ticks: u64 = used.sum();
        Duration::from_micros(ticks * 1_000_000 / rustix::param::clock_ticks_per_second())
    }
}

/// The processor time that ended children of this process have used, and their children.
pub fn used_by_ended_children() -> Duration {
    let ticks = stat(std::process::id()).map_or(0, |stat| stat.ticks_of_children);
    Duration::from_micros(ticks * 1_000_000 / rustix::param::clock_ticks_per_second())
}

/// The name of a process.
pub fn name(pid: u32) -> Option<String> {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    Some(name.trim_end().to_owned())
}

/// The process that started a process.
pub fn parent(pid: u32) -> Option<u32> {
    stat(pid).map(|stat| stat.parent)
}

/// The most memory that a process ever held, in KiB.
pub fn peak_memory(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn stat(pid: u32) -> Option<Stat> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is a name, which may hold anything, brackets too.
    let (_, fields) = text.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let number = |place: usize| fields.get(place)?.parse::<u64>().ok();
    Some(Stat {
        parent: u32::try_from(number(1)?).ok()?,
        // In user mode and in the kernel.
        ticks: number(11)? + number(12)?,
        ticks_of_children: number(13)? + number(14)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_knows_its_own_time_memory_and_parent() {
        let pid = std::process::id();
        assert!(peak_memory(pid).is_some_and(|kib| kib > 0));
        assert!(parent(pid).is_some_and(|parent| parent > 0));
        let before = Used::by(pid);
        assert_eq!(Used::by(pid).since(&before).as_secs(), 0);
    }
}
