//! The demonstration: a small JSON encoder in two variants, one naive, one improved.
//!
//! `json_encoder naive|improved` is a benchmark that `noisefloor run` drives in lockstep. The naive
//! one makes a text of every value and copies it into that of the value around it; the improved one
//! writes everything into one buffer. Both give the same text.

use std::fmt::Write as _;
use std::hint::black_box;
use std::process::ExitCode;

use noisefloor::harness::{self, Harness};

/// A value of the document.
enum Value {
    Number(u64),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

/// A document like the answer of a web service: records with names, texts and numbers.
fn document() -> Value {
    let record = |i: u64| {
        let text = format!("Entry {i}: a \"quoted\" word, a path C:\\temp\\{i} and a line\nend. ").repeat(3);
        Value::Object(vec![
            ("id".into(), Value::Number(i * 7919)),
            ("name".into(), Value::Text(format!("user-{i}"))),
            ("text".into(), Value::Text(text)),
            ("scores".into(), Value::List((0..4).map(|k| Value::Number(i * k * 31)).collect())),
        ])
    };
    Value::List((0..40).map(record).collect())
}

/// Writes a text with its escapes; what both variants share.
#[inline(never)]
fn escape(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            // Writing to a string cannot fail.
            c if u32::from(c) < 0x20 => drop(write!(out, "\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

mod naive {
    use super::{Value, escape};

    pub(super) fn encode(value: &Value) -> String {
        match value {
            Value::Number(number) => format_number(*number),
            Value::Text(text) => {
                let mut out = String::with_capacity(text.len() + 2);
                escape(text, &mut out);
                out
            }
            Value::List(list) => encode_list(list),
            Value::Object(fields) => encode_object(fields),
        }
    }

    #[inline(never)]
    fn format_number(number: u64) -> String {
        number.to_string()
    }

    #[inline(never)]
    fn encode_list(list: &[Value]) -> String {
        let mut out = String::from("[");
        for (i, value) in list.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            out.push_str(&encode(value));
        }
        out.push(']');
        out
    }

    #[inline(never)]
    fn encode_object(fields: &[(String, Value)]) -> String {
        let mut out = String::from("{");
        for (i, (key, value)) in fields.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            escape(key, &mut out);
            out.push(':');
            out.push_str(&encode(value));
        }
        out.push('}');
        out
    }
}

mod improved {
    use std::fmt::Write as _;

    use super::{Value, escape};

    pub(super) fn encode(value: &Value) -> String {
        let mut out = String::new();
        write_value(value, &mut out);
        out
    }

    fn write_value(value: &Value, out: &mut String) {
        match value {
            // Writing to a string cannot fail.
            Value::Number(number) => drop(write!(out, "{number}")),
            Value::Text(text) => escape(text, out),
            Value::List(list) => write_list(list, out),
            Value::Object(fields) => write_object(fields, out),
        }
    }

    #[inline(never)]
    fn write_list(list: &[Value], out: &mut String) {
        out.push('[');
        for (i, value) in list.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            write_value(value, out);
        }
        out.push(']');
    }

    #[inline(never)]
    fn write_object(fields: &[(String, Value)], out: &mut String) {
        out.push('{');
        for (i, (key, value)) in fields.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            escape(key, out);
            out.push(':');
            write_value(value, out);
        }
        out.push('}');
    }
}

fn main() -> ExitCode {
    let improved = std::env::args().any(|a| a == "improved");
    harness::main(|harness: &mut Harness<'_>| {
        harness.bench("encode", move |bench| {
            let document = document();
            let text = improved::encode(&document);
            assert_eq!(naive::encode(&document), text, "the variants differ");
            if improved {
                bench.iter(|| improved::encode(black_box(&document)));
            } else {
                bench.iter(|| naive::encode(black_box(&document)));
            }
            bench.metric("text", "B", text.len() as f64);
        });
    })
}
