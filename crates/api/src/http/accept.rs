//! What a client takes: `Accept` with its wildcards and q-values.

use axum::http::{HeaderMap, header};

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/json`: what every client knows; mistakes in a document are answered with 200.
    Json,
    /// `application/graphql-response+json`: the status tells whether the request was executed.
    GraphqlJson,
    /// `text/event-stream`: one answer after another.
    EventStream,
}

/// What a client takes, and how gladly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accept {
    json: Wish,
    graphql_json: Wish,
    event_stream: Wish,
}

/// How gladly one type is taken: not at all is 0. Wishes compare as servers should prefer them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Wish {
    /// The q-value in thousandths.
    quality: u16,
    /// 0 by `*/*`, 1 by a wildcard of the subtype, 2 by its name.
    named: u8,
}

const ANYTHING: Wish = Wish {
    quality: 1000,
    named: 0,
};

impl Media {
    /// The type and subtype.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::GraphqlJson => "application/graphql-response+json",
            Self::EventStream => "text/event-stream",
        }
    }
}

impl Accept {
    /// What the headers of a request say; saying nothing takes everything but streams.
    pub fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(header::ACCEPT);
        let lines: Vec<_> = lines.iter().filter_map(|line| line.to_str().ok()).collect();
        Self::read(&lines.join(","))
    }

    fn read(text: &str) -> Self {
        if text.trim().is_empty() {
            return Self {
                json: ANYTHING,
                graphql_json: ANYTHING,
                event_stream: Wish::default(),
            };
        }
        let ranges: Vec<_> = text.split(',').filter_map(range).collect();
        let wish = |media: Media| {
            let matching = ranges.iter().filter_map(|(name, quality)| {
                let named = fits(name, media)?;
                Some((named, *quality))
            });
            // The most specific range speaks, whatever less specific ones say.
            let (named, quality) = matching.max().unwrap_or_default();
            Wish { quality, named }
        };
        Self {
            json: wish(Media::Json),
            graphql_json: wish(Media::GraphqlJson),
            event_stream: wish(Media::EventStream),
        }
    }

    /// How a single answer is written; none if nothing fits.
    pub fn single(&self) -> Option<Media> {
        let stream = self.event_stream.quality > 0;
        match self.json() {
            None => stream.then_some(Media::EventStream),
            Some(media) => {
                let best = self.json.max(self.graphql_json);
                Some(if self.event_stream > best {
                    Media::EventStream
                } else {
                    media
                })
            }
        }
    }

    /// Whether a stream of answers can be sent.
    pub const fn streams(&self) -> bool {
        self.event_stream.quality > 0
    }

    /// The better kind of JSON. Of two that are equally welcome the newer is taken if the client
    /// names it; to whom anything is welcome, `application/json` is: the audits ask for both.
    pub fn json(&self) -> Option<Media> {
        if self.json.quality == 0 && self.graphql_json.quality == 0 {
            return None;
        }
        let newer = match self.graphql_json.cmp(&self.json) {
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Equal => self.graphql_json.named == 2,
            std::cmp::Ordering::Less => false,
        };
        Some(if newer {
            Media::GraphqlJson
        } else {
            Media::Json
        })
    }
}

/// A media range with its quality. One that cannot be read, or that asks for another encoding of
/// characters than UTF-8, is none.
fn range(text: &str) -> Option<(String, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next()?.to_ascii_lowercase();
    let mut quality = 1000;
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        match key.trim().to_ascii_lowercase().as_str() {
            "q" => quality = thousandths(value.trim())?,
            "charset" if !is_utf8(value) => return None,
            _ => {}
        }
    }
    Some((name, quality))
}

/// `0.35` is 350. More than three digits after the point are not allowed.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.bytes().all(|it| it.is_ascii_digit());
    if !digits || fraction.len() > 3 || !matches!(whole, "0" | "1") {
        return None;
    }
    let value: u16 = format!("{whole}{fraction:0<3}").parse().ok()?;
    (value <= 1000).then_some(value)
}

/// How specifically a range names a type, if it does. Streams are only sent to who asks for text.
fn fits(range: &str, media: Media) -> Option<u8> {
    let family = match media {
        Media::EventStream => "text/*",
        Media::Json | Media::GraphqlJson => "application/*",
    };
    if range == media.name() {
        Some(2)
    } else if range == family {
        Some(1)
    } else {
        (range == "*/*" && media != Media::EventStream).then_some(0)
    }
}

/// Whether the value of a `charset` parameter means UTF-8.
pub fn is_utf8(value: &str) -> bool {
    let value = value.trim().trim_matches('"');
    value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_of_what_is_welcome_is_sent() {
        use Media::{EventStream, GraphqlJson, Json};
        for (accept, single, streams) in [
            ("", Some(Json), false),
            ("*/*", Some(Json), false),
            ("application/*", Some(Json), false),
            ("application/json", Some(Json), false),
            ("Application/JSON; charset=UTF-8", Some(Json), false),
            (
                "application/graphql-response+json",
                Some(GraphqlJson),
                false,
            ),
            (
                "application/graphql-response+json, application/json;q=0.9",
                Some(GraphqlJson),
                false,
            ),
            (
                "application/json, application/graphql-response+json",
                Some(GraphqlJson),
                false,
            ),
            (
                "application/json, application/graphql-response+json;q=0.9",
                Some(Json),
                false,
            ),
            (
                "application/json;q=0.2, */*;q=0.8",
                Some(GraphqlJson),
                false,
            ),
            ("application/json, */*", Some(Json), false),
            (
                "application/graphql-response+json;q=0, */*",
                Some(Json),
                false,
            ),
            (
                "application/json;q=0, application/*",
                Some(GraphqlJson),
                false,
            ),
            (
                "text/html, application/xhtml+xml, */*;q=0.8",
                Some(Json),
                false,
            ),
            ("text/event-stream", Some(EventStream), true),
            ("text/*", Some(EventStream), true),
            ("text/event-stream, application/json", Some(Json), true),
            (
                "text/event-stream, application/json;q=0.5",
                Some(EventStream),
                true,
            ),
            (
                "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed",
                Some(GraphqlJson),
                true,
            ),
            ("text/html", None, false),
            ("*/*;q=0", None, false),
            ("application/json;q=0", None, false),
            ("application/json;q=2", None, false),
            ("application/json;q=0.1234", None, false),
            ("application/json;charset=latin1", None, false),
            (", ,", None, false),
        ] {
            let read = Accept::read(accept);
            assert_eq!(
                (read.single(), read.streams()),
                (single, streams),
                "{accept}"
            );
        }
    }
}
