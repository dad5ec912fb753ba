//! CBOR (RFC 8949), as much of it as security keys speak.

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Int(i64),
    Bytes(Vec<u8>),
    Text(String),
    Array(Vec<Value>),
    Map(Vec<(Value, Value)>),
    Bool(bool),
}

impl Value {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// What stands in a map under a number.
    pub(super) fn at(&self, key: i64) -> Option<&Self> {
        self.under(&Self::Int(key))
    }

    /// What stands in a map under a word.
    pub(super) fn named(&self, key: &str) -> Option<&Self> {
        self.under(&Self::text(key))
    }

    fn under(&self, key: &Self) -> Option<&Self> {
        let Self::Map(pairs) = self else { return None };
        pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub(super) fn bytes(&self) -> Option<&[u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    pub(super) fn int(&self) -> Option<i64> {
        if let Self::Int(int) = self { Some(*int) } else { None }
    }
}

/// A map from pairs.
pub(super) fn map<const N: usize>(pairs: [(i64, Value); N]) -> Value {
    Value::Map(pairs.into_iter().map(|(key, value)| (Value::Int(key), value)).collect())
}

pub(super) fn encode(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Int(int) if *int >= 0 => head(0, int.unsigned_abs(), out),
        Value::Int(int) => head(1, int.unsigned_abs() - 1, out),
        Value::Bytes(bytes) => {
            head(2, bytes.len() as u64, out);
            out.extend(bytes);
        }
        Value::Text(text) => {
            head(3, text.len() as u64, out);
            out.extend(text.as_bytes());
        }
        Value::Array(items) => {
            head(4, items.len() as u64, out);
            items.iter().for_each(|item| write(item, out));
        }
        Value::Map(pairs) => {
            head(5, pairs.len() as u64, out);
            for (key, value) in pairs {
                write(key, out);
                write(value, out);
            }
        }
        Value::Bool(yes) => out.push(0xf4 + u8::from(*yes)),
    }
}

fn head(major: u8, length: u64, out: &mut Vec<u8>) {
    let bytes = length.to_be_bytes();
    match length {
        0..24 => out.push(major << 5 | bytes[7]),
        24..0x100 => out.extend([major << 5 | 24, bytes[7]]),
        _ => {
            assert!(length < 0x1_0000, "no key sends as much");
            out.extend([major << 5 | 25, bytes[6], bytes[7]]);
        }
    }
}

/// Reads one value off the front; nothing if there is none that is understood.
pub(super) fn decode(input: &mut &[u8]) -> Option<Value> {
    let first = take(input, 1)?[0];
    let (major, short) = (first >> 5, first & 0x1f);
    if major == 7 {
        return Some(Value::Bool(match short {
            20 => false,
            21 => true,
            _ => return None,
        }));
    }
    let width = match short {
        0..24 => 0,
        24..=26 => 1 << (short - 24),
        _ => return None,
    };
    let long = take(input, width)?.iter().fold(0, |number, byte| number << 8 | i64::from(*byte));
    let number = if width == 0 { i64::from(short) } else { long };
    let length = usize::try_from(number).ok()?;
    Some(match major {
        0 => Value::Int(number),
        1 => Value::Int(-1 - number),
        2 => Value::Bytes(take(input, length)?.to_vec()),
        3 => Value::Text(String::from_utf8(take(input, length)?.to_vec()).ok()?),
        4 => Value::Array((0..length).map(|_| decode(input)).collect::<Option<_>>()?),
        5 => {
            let pairs = (0..length).map(|_| Some((decode(input)?, decode(input)?)));
            Value::Map(pairs.collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

fn take<'a>(input: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (front, rest) = input.split_at_checked(length)?;
    *input = rest;
    Some(front)
}
