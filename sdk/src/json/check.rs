//! Whether a text is JSON.

/// Whether a text is one JSON value, by RFC 8259, with white space around it or none.
pub(crate) fn is_json(text: &str) -> bool {
    Rest(text.as_bytes()).value().is_some()
}

/// What is not read yet. Its methods take what they are named for; `None`: something else is there.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// A value and the end of the text. Keeps what is open in a list: no depth overflows the stack.
    fn value(&mut self) -> Option<()> {
        let mut open = Vec::new();
        loop {
            match self.mark()? {
                b'{' => {
                    open.push(b'}');
                    if !self.closes(b'}') {
                        self.name()?;
                        continue;
                    }
                }
                b'[' => {
                    open.push(b']');
                    if !self.closes(b']') {
                        continue;
                    }
                }
                b'"' => self.text()?,
                b't' => self.word(b"rue")?,
                b'f' => self.word(b"alse")?,
                b'n' => self.word(b"ull")?,
                first => self.number(first)?,
            }
            loop {
                match (self.mark(), open.last().copied()) {
                    (None, None) => return Some(()),
                    (Some(b','), Some(b']')) => break,
                    (Some(b','), Some(_)) => {
                        self.name()?;
                        break;
                    }
                    (Some(mark), Some(wanted)) if mark == wanted => drop(open.pop()),
                    _ => return None,
                }
            }
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The next byte that is no white space.
    fn mark(&mut self) -> Option<u8> {
        loop {
            let byte = self.byte()?;
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
        }
    }

    /// Whether nothing is in what was opened. Takes white space alone.
    fn closes(&mut self, mark: u8) -> bool {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.byte();
        }
        self.peek() == Some(mark)
    }

    /// The name of a field, with its colon.
    fn name(&mut self) -> Option<()> {
        (self.mark()? == b'"').then_some(())?;
        self.text()?;
        (self.mark()? == b':').then_some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(word)?;
        Some(())
    }

    /// A text, after its first quotation mark.
    fn text(&mut self) -> Option<()> {
        loop {
            match self.byte()? {
                b'"' => return Some(()),
                b'\\' => match self.byte()? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        let (digits, rest) = self.0.split_at_checked(4)?;
                        digits.iter().all(u8::is_ascii_hexdigit).then_some(())?;
                        self.0 = rest;
                    }
                    _ => return None,
                },
                0x20.. => {}
                _ => return None,
            }
        }
    }

    fn number(&mut self, first: u8) -> Option<()> {
        match if first == b'-' { self.byte()? } else { first } {
            b'0' => {}
            b'1'..=b'9' => self.digits(),
            _ => return None,
        }
        if self.peek() == Some(b'.') {
            self.byte();
            self.some_digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.byte();
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.byte();
            }
            self.some_digits()?;
        }
        Some(())
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.byte();
        }
    }

    fn some_digits(&mut self) -> Option<()> {
        self.byte()?.is_ascii_digit().then(|| self.digits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    fn serde_says(text: &str) -> bool {
        serde_json::from_str::<&RawValue>(text).is_ok()
    }

    #[test]
    fn what_is_json_and_what_is_not() {
        let json = [
            " { } ",
            "[ ]",
            "[1 ,2]",
            r#"{"a" : {"b":[]} , "c":null}"#,
            "-0.5e+10",
            "0",
            "1E5",
            r#""\u00e9\ud83e\"\\\/""#,
            "\"é\u{7f}\"",
            "true",
            "false ",
            "\n\t\r1",
        ];
        let none = [
            "",
            " ",
            "{",
            "}",
            "[1,]",
            "[,1]",
            "[1 2]",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            "{1:2}",
            "[1}",
            "{]",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "1e+",
            "+1",
            "--1",
            "nul",
            "True",
            "tru e",
            "\u{c}1",
            "\"a\nb\"",
            r#""\x""#,
            r#""\u12g4""#,
            r#""\u12"#,
            "\"",
            "1 1",
            "{}{}",
            "[]]",
            "NaN",
        ];
        for text in json {
            assert!(is_json(text) && serde_says(text), "{text}");
        }
        for text in none {
            assert!(!is_json(text) && !serde_says(text), "{text}");
        }
    }

    #[test]
    fn no_depth_is_too_deep() {
        let deep = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
        assert!(is_json(&deep));
        assert!(!is_json(&deep[1..]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn as_serde_json_says(text in r#"([\[\]{}":,]|\\|\\u|"[a-f0-9]{0,4}"|0|1|-|\.|e|true|null| |\t|é){0,14}"#) {
            prop_assert_eq!(is_json(&text), serde_says(&text));
        }

        #[test]
        fn as_serde_json_says_of_json_with_an_error(
            text in r#"\{"a":\[(-?[01]\.?[0-9]{0,2}(e-?[0-9]{0,1})?,){0,2}"(\\u[0-9a-g]{4}|\\[nx"]|[ -~]){0,3}"\]\}"#,
            at: prop::sample::Index,
            other in "[\\[\\]{}\":,0e. ]?",
        ) {
            prop_assert_eq!(is_json(&text), serde_says(&text));
            let mut changed = text.clone();
            let at = at.index(text.len());
            changed.replace_range(at..=at, &other);
            prop_assert_eq!(is_json(&changed), serde_says(&changed));
        }
    }
}
