//! Ranges of addresses: of proxies that are trusted, and of those who may read numbers.

use std::{net::IpAddr, str::FromStr};

/// An address, or a range of addresses such as 10.0.0.0/8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Net {
    address: IpAddr,
    bits: u8,
}

impl Net {
    /// One address alone.
    #[must_use]
    pub fn one(address: IpAddr) -> Self {
        Self { address, bits: if address.is_ipv4() { 32 } else { 128 } }
    }

    /// Whether the address is one of these.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        let shifted = |bytes: u128, width: u32| {
            bytes.checked_shr(width - u32::from(self.bits)).unwrap_or_default()
        };
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(one)) => {
                shifted(net.to_bits().into(), 32) == shifted(one.to_bits().into(), 32)
            }
            (IpAddr::V6(net), IpAddr::V6(one)) => {
                shifted(net.to_bits(), 128) == shifted(one.to_bits(), 128)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Net {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.parse().map_err(|_| ())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).map_err(|_| ())?;
        if bits > most { Err(()) } else { Ok(Self { address, bits }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> Net {
        text.parse().expect("a net")
    }

    #[test]
    fn a_net_holds_its_addresses() {
        let holds = |text: &str, one: &str| net(text).holds(one.parse().expect("an address"));
        assert!(holds("10.0.0.0/8", "10.255.0.1") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("10.1.2.3", "::ffff:10.1.2.3") && !holds("10.1.2.3", "10.1.2.4"));
        assert!(holds("fd00::/8", "fd12::1") && !holds("fd00::/8", "fe80::1"));
        assert!(holds("0.0.0.0/0", "192.0.2.1") && !holds("0.0.0.0/0", "::1"));
        assert!("10.0.0.0/33".parse::<Net>().is_err() && "x".parse::<Net>().is_err());
    }
}
