//! The XMP packet as text: Easel's settings found in it, taken out of it, put into it.
//!
//! A packet belongs to everybody who wrote into it (cameras, editors, archives), so it is never written anew:
//! ours is cut out and put in, and every other byte stays where it is. For that only its tags have to be told
//! from the rest; a packet that is not well-formed that far, or no RDF, is for the caller to leave alone.
//!
//! In the packet `xmp:CreatorTool` names Easel, unless somebody has named a tool already (a property may be there
//! only once), and `easel:settings` holds the settings as JSON.

use std::borrow::Cow;
use std::ops::Range;

const PROPERTY: &str = "easel:settings";
const TOOL: &str = "xmp:CreatorTool";
const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
/// Names its prefixes itself, since others may have called the same things otherwise.
const OPENS: &str = concat!(
    r#"<rdf:Description rdf:about="" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" "#,
    r#"xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:easel="urn:easel:ns:1.0">"#
);

/// A packet that says nothing.
pub const EMPTY: &str = concat!(
    "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?><x:xmpmeta xmlns:x=\"adobe:ns:meta/\">",
    "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"></rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>"
);

/// The settings in a packet: the text of `easel:settings`, or nothing.
pub fn settings_in(packet: &str) -> Option<String> {
    let tags = tags(packet)?;
    // As an element or, as some tools write it again, as an attribute.
    let value = tags.iter().enumerate().find_map(|(index, tag)| match attribute(tag, PROPERTY) {
        Some((_, value)) => Some(value),
        None if tag.is(PROPERTY, Kind::Opens) => Some(&packet[tag.end()..tags.get(index + 1)?.start]),
        None => None,
    });
    unescape(value?).map(Cow::into_owned)
}

/// The packet without our settings, in whatever form they are; nothing for a packet that cannot be followed.
pub fn without_settings(packet: &str) -> Option<String> {
    let tags = tags(packet)?;
    let (mut kept, mut from) = (String::with_capacity(packet.len()), 0);
    for (index, tag) in tags.iter().enumerate() {
        if tag.start < from || tag.kind == Kind::Closes {
            continue;
        }
        let element = || {
            let close = tags[index..].iter().position(|close| close.is(tag.name, Kind::Closes))?;
            Some(&tags[index..=index + close])
        };
        let cut = if tag.name == PROPERTY && tag.kind == Kind::Empty {
            Some(tag.start..tag.end())
        } else if tag.name == PROPERTY {
            element().map(outer)
        } else if tag.text == OPENS {
            // Somebody may have put something of theirs into it.
            let ours =
                |inner: &&[Tag]| inner[1..inner.len() - 1].iter().all(|tag| [PROPERTY, TOOL].contains(&tag.name));
            element().filter(ours).map(outer)
        } else {
            attribute(tag, PROPERTY).map(|(place, _)| tag.start + place.start..tag.start + place.end)
        };
        if let Some(cut) = cut {
            kept.push_str(&packet[from..cut.start]);
            from = cut.end;
        }
    }
    kept.push_str(&packet[from..]);
    Some(kept)
}

/// The packet, which holds none of ours, with settings (JSON) in it; nothing where there is no RDF to put them in.
pub fn with_settings(packet: &str, json: &str) -> Option<String> {
    let tags = tags(packet)?;
    let local = |name: &str| name.rsplit(':').next() == Some("RDF");
    let end = tags.iter().rfind(|tag| tag.kind == Kind::Closes && local(tag.name))?.start;
    let tool = match packet.contains("CreatorTool") {
        true => String::new(),
        false => format!("<{TOOL}>Easel {}</{TOOL}>", env!("CARGO_PKG_VERSION")),
    };
    let (before, after, json) = (&packet[..end], &packet[end..], escape(json));
    let whole = format!("{before}{OPENS}{tool}<{PROPERTY}>{json}</{PROPERTY}></rdf:Description>{after}");
    packet.contains(RDF).then_some(whole)
}

/// A text as XML can hold it between tags.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// XML's five names and numbers for characters; nothing where one is broken.
fn unescape(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('&') {
        return Some(text.into());
    }
    let mut parts = text.split('&');
    let mut whole = parts.next()?.to_string();
    for part in parts {
        let (name, rest) = part.split_once(';')?;
        whole.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let number = name.strip_prefix('#')?;
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16),
                    None => number.parse(),
                };
                char::from_u32(code.ok()?)?
            }
        });
        whole.push_str(rest);
    }
    Some(whole.into())
}

// ---- as much of XML as that takes

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Opens,
    Closes,
    Empty,
}

/// A tag: `<name …>`, `</name>` or `<name …/>`.
#[derive(Debug)]
struct Tag<'a> {
    kind: Kind,
    name: &'a str,
    text: &'a str,
    start: usize,
}

impl Tag<'_> {
    fn end(&self) -> usize {
        self.start + self.text.len()
    }

    fn is(&self, name: &str, kind: Kind) -> bool {
        self.kind == kind && self.name == name
    }
}

/// From an element's first tag to its last.
fn outer(element: &[Tag]) -> Range<usize> {
    element[0].start..element[element.len() - 1].end()
}

/// Every tag in order, if each that opens is closed; nothing otherwise, or if there is a document type, which could
/// redefine anything.
fn tags(xml: &str) -> Option<Vec<Tag<'_>>> {
    const PASSIVE: [(&str, &str); 3] = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];
    let (mut tags, mut open, mut at) = (Vec::new(), Vec::new(), 0);
    while let Some(found) = xml[at..].find('<') {
        let start = at + found;
        let rest = &xml[start..];
        if let Some((opens, closes)) = PASSIVE.into_iter().find(|(opens, _)| rest.starts_with(opens)) {
            at = start + opens.len() + rest[opens.len()..].find(closes)? + closes.len();
            continue;
        }
        let text = &rest[..tag_length(rest)?];
        at = start + text.len();
        let inside = &text[1..text.len() - 1];
        let name = inside.trim_start_matches('/').split(|c: char| c.is_whitespace() || c == '/').next()?;
        let kind = match (inside.starts_with('/'), inside.ends_with('/')) {
            _ if name.is_empty() || name.starts_with('!') => return None,
            (true, _) => Kind::Closes,
            (false, true) => Kind::Empty,
            (false, false) => Kind::Opens,
        };
        match kind {
            Kind::Opens => open.push(name),
            Kind::Closes if open.pop() != Some(name) => return None,
            _ => {}
        }
        tags.push(Tag { kind, name, text, start });
    }
    open.is_empty().then_some(tags)
}

/// Up to and with the `>` that is not within quotes.
fn tag_length(text: &str) -> Option<usize> {
    let mut quote = None;
    let end = text.bytes().position(|byte| match (quote, byte) {
        (Some(opened), _) => {
            quote = quote.filter(|_| opened != byte);
            false
        }
        (None, b'"' | b'\'') => {
            quote = Some(byte);
            false
        }
        (None, _) => byte == b'>',
    });
    Some(end? + 1)
}

/// An attribute's place in its tag's text, and its value.
fn attribute<'a>(tag: &Tag<'a>, wanted: &str) -> Option<(Range<usize>, &'a str)> {
    let text = if tag.kind == Kind::Closes { "" } else { tag.text };
    let mut at = 1 + tag.name.len();
    loop {
        let start = text.len() - text.get(at..)?.trim_start().len();
        let equals = start + text[start..].find('=')?;
        let value = text[equals + 1..].trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let begins = text.len() - value.len() + 1;
        let ends = begins + text[begins..].find(quote)?;
        if text[start..equals].trim_end() == wanted {
            return Some((start..ends + 1, &text[begins..ends]));
        }
        at = ends + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet as editors write them, with another prefix for RDF, a comment that looks like its end, and more.
    const THEIRS: &str = concat!(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>",
        "<!-- </r:RDF> easel:settings='{}' --><r:Description r:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' ",
        "dc:format='a > b'><dc:title>Größe <![CDATA[</r:RDF><easel:settings>]]></dc:title></r:Description>",
        "</r:RDF></x:xmpmeta>"
    );

    #[test]
    fn ours_goes_in_and_out_of_theirs_without_a_trace() {
        for theirs in [THEIRS, EMPTY, &THEIRS.replace("r:", "").replace(":r=", "=")] {
            assert_eq!(settings_in(theirs), None);
            assert_eq!(without_settings(theirs).as_deref(), Some(theirs));
            let both = with_settings(theirs, r#"{"a":"<&>"}"#).expect("there is RDF");
            assert_eq!(settings_in(&both).as_deref(), Some(r#"{"a":"<&>"}"#));
            assert_eq!(without_settings(&both).as_deref(), Some(theirs));
        }
    }

    #[test]
    fn settings_in_another_tools_form_are_found_and_taken_out() {
        let forms = [
            ("<a b='1' easel:settings = '{&quot;seed&quot;: &#x37;}' c=\"2\"/>", "<a b='1'  c=\"2\"/>"),
            ("<a><easel:settings>{&quot;seed&quot;: 7}</easel:settings ></a>", "<a></a>"),
            ("<a\neasel:settings=\"{&quot;seed&quot;: 7}\"></a>", "<a\n></a>"),
        ];
        for (form, rest) in forms {
            assert_eq!(settings_in(form).as_deref(), Some(r#"{"seed": 7}"#), "{form}");
            assert_eq!(without_settings(form).as_deref(), Some(rest), "{form}");
        }
    }

    #[test]
    fn what_others_put_into_our_description_stays() {
        let ours = with_settings(EMPTY, "{}").expect("RDF");
        let both = ours.replace("</rdf:Description>", "<xmp:Rating>5</xmp:Rating></rdf:Description>");
        let rest = without_settings(&both).expect("well-formed");
        assert!(rest.contains("<xmp:Rating>5</xmp:Rating>") && !rest.contains(PROPERTY), "{rest}");
        let again = with_settings(&rest, "{}").expect("RDF");
        assert_eq!(again.matches("<xmp:CreatorTool>").count(), 1, "a property is there once: {again}");
    }

    #[test]
    fn packets_that_cannot_be_followed_are_left_to_the_caller() {
        for broken in
            ["<a>", "</a>", "<a></b>", "<a b='>", "<!-- <a/>", "<!DOCTYPE x [<!ENTITY y '<'>]><a/>", "<>", "</>"]
        {
            assert_eq!((settings_in(broken), without_settings(broken)), (None, None), "{broken}");
        }
        for no_rdf in ["", "<a/>", "<RDF/>", "<RDF></RDF>"] {
            assert_eq!(with_settings(no_rdf, "{}"), None, "{no_rdf}");
        }
    }
}
