//! Secrets that people and systems carry: a prefix that scanners look for, 256 random bits, and a
//! checksum, so that a mistyped or cut one is told without asking the database.

use crate::id::ALPHABET;

/// What a secret is good for; its prefix says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opaque {
    /// Signs an integration in.
    Integration,
    /// Gives a new pair of tokens, once.
    Refresh,
}

/// 256 bits, five a letter; the last letter has one.
const SECRET: usize = 52;
/// 32 bits, five a letter; the last letter has two.
const CHECKSUM: usize = 7;

impl Opaque {
    /// How its texts begin.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Integration => "stoa_",
            Self::Refresh => "stoar_",
        }
    }

    /// The text that carries this secret.
    pub fn text(self, secret: &[u8; 32]) -> String {
        let mut text = format!("{}{}", self.prefix(), letters(secret));
        let sum = checksum(text.as_bytes());
        text.push_str(&letters(&sum.to_be_bytes()));
        text
    }

    /// Whether a text can be one of these: its shape and its checksum are right.
    pub fn is_one(self, text: &str) -> bool {
        let Some(rest) = text.strip_prefix(self.prefix()) else {
            return false;
        };
        if rest.len() != SECRET + CHECKSUM || !rest.bytes().all(|it| ALPHABET.contains(&it)) {
            return false;
        }
        let (told, sum) = text.split_at(text.len() - CHECKSUM);
        letters(&checksum(told.as_bytes()).to_be_bytes()) == sum
    }
}

/// Bytes as letters of the alphabet of ids, five bits each, the last filled up with zeros.
fn letters(bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut bits, mut held) = (0_u16, 0);
    for byte in bytes {
        bits = (bits << 8) | u16::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(letter(bits >> held));
            bits &= (1 << held) - 1;
        }
    }
    if held > 0 {
        text.push(letter(bits << (5 - held)));
    }
    text
}

fn letter(bits: u16) -> char {
    char::from(ALPHABET[usize::from(bits & 31)])
}

/// CRC-32 as in IEEE 802.3: it finds slips of the pen and is no secret.
fn checksum(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(sum & 1));
        }
    }
    !sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_the_standard() {
        assert_eq!(checksum(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_secret_is_told_from_everything_else() {
        let text = Opaque::Integration.text(&[0xA5; 32]);
        assert_eq!(text.len(), "stoa_".len() + SECRET + CHECKSUM);
        assert!(Opaque::Integration.is_one(&text));
        assert!(!Opaque::Refresh.is_one(&text));
        assert!(Opaque::Refresh.is_one(&Opaque::Refresh.text(&[0; 32])));
        for wrong in [
            "",
            "stoa_",
            &text[1..],
            &text[..text.len() - 1],
            &format!("{text}0"),
            &text.to_uppercase(),
            &text.replacen("stoa_", "stoa-", 1),
        ] {
            assert!(!Opaque::Integration.is_one(wrong), "{wrong}");
        }
    }

    #[test]
    fn any_letter_changed_is_noticed() {
        let text = Opaque::Refresh.text(&std::array::from_fn(|it| u8::try_from(it).unwrap_or(0)));
        for place in Opaque::Refresh.prefix().len()..text.len() {
            for letter in ["0", "z", "u", "é"] {
                let mut other = text.clone();
                other.replace_range(place..=place, letter);
                assert_eq!(Opaque::Refresh.is_one(&other), other == text, "{other}");
            }
        }
    }
}
