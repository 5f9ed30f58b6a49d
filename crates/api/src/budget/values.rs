//! Bounds the JSON of a request before it is read: a mebibyte of `0,0,0` or `{},{}` takes a hundred
//! times as much once each value stands in memory.

use super::refused::Excess;

/// Values in one request.
const MOST: usize = 20_000;

/// Refuses JSON with too many values. What is no JSON is for the reader to refuse.
pub fn bounded(body: &[u8]) -> Result<(), Excess> {
    let mut values = 0_usize;
    let mut bytes = body.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'\\' => drop(bytes.next()),
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            // Each begins a value.
            b',' | b'[' | b'{' => {
                values += 1;
                if values > MOST {
                    return Err(Excess::Values(MOST));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_count_and_what_stands_in_texts_does_not() {
        let list = |number: usize| format!("[{}0]", "0,".repeat(number - 1));
        assert_eq!(bounded(list(MOST).as_bytes()), Ok(()));
        assert_eq!(
            bounded(list(MOST + 1).as_bytes()),
            Err(Excess::Values(MOST))
        );
        assert!(bounded("[{},".repeat(MOST).as_bytes()).is_err());
        let text = format!(
            r#"{{"query":"{}\"{}"}}"#,
            ",".repeat(MOST),
            "[".repeat(MOST)
        );
        assert_eq!(bounded(text.as_bytes()), Ok(()));
        assert_eq!(bounded(b"\"\\"), Ok(()), "it does not end");
    }
}
