//! Notebooks, taken apart: code and prose of each cell, each output as what it is (text, a picture), and everything else as
//! text. Nothing of one is left out. Judges nothing.

use serde_json::{Map, Value};

/// A piece of a notebook.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// What it is called: `cell 3 output 1.png`.
    pub(super) name: String,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// Whether they are text.
    pub(super) text: bool,
}

/// All pieces; `None` for what is no notebook.
pub(super) fn pieces(bytes: &[u8]) -> Option<Vec<Piece>> {
    let Value::Object(mut notebook) = serde_json::from_slice(bytes).ok()? else { return None };
    let Some(Value::Array(cells)) = notebook.remove("cells") else { return None };
    let mut pieces = Vec::new();
    for (cell, number) in cells.into_iter().zip(1..) {
        let Value::Object(mut cell) = cell else { return None };
        let name = format!("cell {number}");
        if let Some(source) = cell.remove("source") {
            pieces.push(text(name.clone(), lines(&source)));
        }
        let outputs = match cell.remove("outputs") {
            Some(Value::Array(outputs)) => outputs,
            Some(other) => vec![other],
            None => Vec::new(),
        };
        for (output, at) in outputs.into_iter().zip(1..) {
            data(output, &format!("{name} output {at}"), &mut pieces);
        }
        if let Some(Value::Object(attachments)) = cell.remove("attachments") {
            for (file, at) in attachments.into_iter().zip(1..) {
                let mut rest = String::new();
                rest.push_str(&file.0);
                pieces.push(text(format!("{name} attachment {at} name"), rest));
                bundle(file.1, &format!("{name} attachment {at}"), &mut pieces);
            }
        }
        pieces.push(text(format!("{name} metadata"), flat(&Value::Object(cell))));
    }
    pieces.push(text("metadata".to_owned(), flat(&Value::Object(notebook))));
    pieces.retain(|piece| !piece.bytes.trim_ascii().is_empty());
    Some(pieces)
}

fn text(name: String, text: String) -> Piece {
    Piece { name, bytes: text.into_bytes(), text: true }
}

/// An output: its text, its `data` by media type, and the rest.
fn data(output: Value, name: &str, pieces: &mut Vec<Piece>) {
    let Value::Object(mut output) = output else {
        return pieces.push(text(name.to_owned(), flat(&output)));
    };
    if let Some(lines_of_it) = output.remove("text") {
        pieces.push(text(name.to_owned(), lines(&lines_of_it)));
    }
    if let Some(by_type) = output.remove("data") {
        bundle(by_type, name, pieces);
    }
    pieces.push(text(format!("{name} metadata"), flat(&Value::Object(output))));
}

/// Contents by media type.
fn bundle(by_type: Value, name: &str, pieces: &mut Vec<Piece>) {
    let Value::Object(by_type) = by_type else {
        return pieces.push(text(name.to_owned(), flat(&by_type)));
    };
    for (media_type, value) in by_type {
        let whole = lines(&value);
        let ending = media_type.rsplit(['/', '+']).next().unwrap_or_default();
        let ending: String = ending.chars().filter(char::is_ascii_alphanumeric).take(12).collect();
        let is_text =
            media_type.starts_with("text/") || media_type.ends_with("json") || media_type.contains("xml");
        match base64(&whole).filter(|_| !is_text) {
            Some(bytes) => pieces.push(Piece { name: format!("{name}.{ending}"), bytes, text: false }),
            None => pieces
                .push(text(format!("{name}.{ending}"), if value.is_object() { flat(&value) } else { whole })),
        }
    }
}

/// A text that stands there whole or as a list of its lines.
fn lines(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(lines).collect(),
        other => flat(other),
    }
}

/// Everything that stands in a value, a line each, with its key.
fn flat(value: &Value) -> String {
    let mut text = String::new();
    // Values inside values are on a list and not on the stack.
    let mut open: Vec<(String, &Value)> = vec![(String::new(), value)];
    while let Some((key, value)) = open.pop() {
        match value {
            Value::Object(map) => open.extend(inner(map)),
            Value::Array(all) => open.extend(all.iter().rev().map(|value| (key.clone(), value))),
            Value::Null => {}
            Value::String(value) => line(&key, value, &mut text),
            other => line(&key, &other.to_string(), &mut text),
        }
    }
    text
}

fn inner(map: &Map<String, Value>) -> Vec<(String, &Value)> {
    map.iter().rev().map(|(key, value)| (key.clone(), value)).collect()
}

fn line(key: &str, value: &str, text: &mut String) {
    text.push_str(key);
    text.push_str(": ");
    text.push_str(value);
    text.push('\n');
}

/// Bytes of Base64 with or without line ends; `None` for anything else.
fn base64(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::with_capacity(text.len() / 4 * 3));
    let mut padded = false;
    for byte in text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padded = true;
                continue;
            }
            _ => return None,
        };
        if padded {
            return None;
        }
        bits = bits << 6 | u32::from(digit);
        count += 1;
        if count == 4 {
            bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, count) = (0, 0);
        }
    }
    match count {
        0 => {}
        2 => bytes.push((bits >> 4) as u8),
        3 => bytes.extend_from_slice(&[(bits >> 10) as u8, (bits >> 2) as u8]),
        _ => return None,
    }
    (!bytes.is_empty()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_string_of_a_notebook_is_in_a_piece() {
        let notebook = json!({
            "cells": [
                {"cell_type": "code", "source": ["import a\n", "b('in-source')"], "metadata": {"tags": ["in-tag"]},
                 "outputs": [
                    {"output_type": "stream", "name": "stdout", "text": ["in-", "stream\n"]},
                    {"output_type": "display_data", "metadata": {"x": "in-output-metadata"}, "data": {
                        "image/png": "iVBORw0KGgo=\n", "text/html": ["<td>in-html</td>"],
                        "application/json": {"deep": ["in-json"]}}},
                    {"output_type": "error", "ename": "E", "traceback": ["in-traceback"]}]},
                {"cell_type": "markdown", "source": "in-prose",
                 "attachments": {"in-name.png": {"image/png": "iVBORw0KGgo="}}}],
            "metadata": {"kernelspec": {"name": "in-kernel"}, "widgets": {"state": {"v": "in-widget"}}},
        });
        let pieces = pieces(notebook.to_string().as_bytes()).expect("a notebook");
        let all: String = pieces
            .iter()
            .filter(|piece| piece.text)
            .map(|piece| String::from_utf8_lossy(&piece.bytes).into_owned())
            .collect::<Vec<_>>()
            .join("\n");
        for word in [
            "source",
            "tag",
            "stream",
            "output-metadata",
            "html",
            "json",
            "traceback",
            "prose",
            "name.png",
            "kernel",
            "widget",
        ] {
            assert!(all.contains(&format!("in-{word}")), "{word}: {all}");
        }
        let pictures: Vec<_> = pieces.iter().filter(|piece| !piece.text).collect();
        assert_eq!(pictures.len(), 2);
        assert_eq!(
            (pictures[0].name.as_str(), pictures[0].bytes.as_slice()),
            ("cell 1 output 2.png", b"\x89PNG\r\n\x1a\n".as_slice())
        );
        assert!(super::pieces(b"{}").is_none() && super::pieces(b"[1").is_none());
    }

    #[test]
    fn base64_is_read_whole_or_not_at_all() {
        assert_eq!(base64("aGVsbG8="), Some(b"hello".to_vec()));
        assert_eq!(base64("aGVs\nbG8"), Some(b"hello".to_vec()));
        for bad in ["", "a", "hello there", "aGVs=bG8", "aGVsbG8\u{fc}"] {
            assert_eq!(base64(bad), None, "{bad}");
        }
    }
}
