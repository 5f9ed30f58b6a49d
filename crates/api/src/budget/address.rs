//! From which address a request comes: the peer's, or what trusted proxies say.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The address that is counted. With so many proxies in front, each appends to `X-Forwarded-For` whom
/// it heard from, so the client's address is that many entries from the end; what stands before it
/// was written by the client and says nothing. A request that came around the proxies has fewer
/// entries, and is its peer's.
pub fn client<'a>(
    peer: Option<IpAddr>,
    forwarded: impl DoubleEndedIterator<Item = &'a str>,
    proxies: usize,
) -> Option<IpAddr> {
    let said = proxies.checked_sub(1).and_then(|nearer| {
        forwarded
            .rev()
            .flat_map(|line| line.rsplit(','))
            .nth(nearer)
            .and_then(parse)
    });
    said.or(peer).map(counted)
}

/// An address as proxies write it: alone, or with a port.
fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let alone = text.parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|it| it.ip());
    let in_brackets = || {
        let inside = text.strip_prefix('[')?.strip_suffix(']')?;
        inside.parse().ok()
    };
    alone.or_else(with_port).or_else(in_brackets)
}

/// One customer of IPv6 has at least 2^64 addresses, so the first half is what counts.
pub fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(lines: &[&str], proxies: usize) -> String {
        let peer = Some(IpAddr::from([192, 0, 2, 1]));
        let address = client(peer, lines.iter().copied(), proxies);
        address.map(|it| it.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_header_is_believed_only_as_far_as_proxies_are_trusted() {
        let lines = ["203.0.113.9, 198.51.100.7", "198.51.100.8"];
        assert_eq!(seen(&lines, 0), "192.0.2.1");
        assert_eq!(seen(&lines, 1), "198.51.100.8");
        assert_eq!(seen(&lines, 2), "198.51.100.7");
        assert_eq!(seen(&lines, 3), "203.0.113.9");
        assert_eq!(seen(&lines, 4), "192.0.2.1", "it came around the proxies");
        assert_eq!(seen(&[], 1), "192.0.2.1");
        assert_eq!(seen(&["nonsense"], 1), "192.0.2.1");
        assert_eq!(client(None, std::iter::empty(), 0), None);
    }

    #[test]
    fn ports_and_brackets_are_left_out_and_networks_of_ipv6_count_as_one() {
        assert_eq!(seen(&["198.51.100.7:4711"], 1), "198.51.100.7");
        assert_eq!(seen(&["[2001:db8:1:2:3::4]:4711"], 1), "2001:db8:1:2::");
        assert_eq!(seen(&["[2001:db8:1:2:3::4]"], 1), "2001:db8:1:2::");
        assert_eq!(seen(&["2001:db8:1:2:ffff::"], 1), "2001:db8:1:2::");
        assert_eq!(seen(&["::ffff:198.51.100.7"], 1), "198.51.100.7");
    }
}
