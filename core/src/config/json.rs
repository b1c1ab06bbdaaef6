//! How the JSON document of the settings is read.

use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::time::Duration;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::config::error::ConfigError;

/// Reads one JSON object. The error names the field.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, ConfigError> {
    if !text.trim_start().starts_with('{') {
        // serde would take an array for a struct as well.
        return Err(ConfigError::new("not a JSON object"));
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let place =
            if matches!(path.as_str(), "." | "?") { String::new() } else { format!("{path}: ") };
        let mut message = error.inner().to_string();
        if ["app_headers", "proxy", "client_certificates"]
            .iter()
            .any(|secret| path.starts_with(secret))
        {
            message = without_value(&message);
        }
        ConfigError::new(format!("{place}{message}"))
    })?;
    json.end().map_err(|error| ConfigError::new(error.to_string()))?;
    Ok(value)
}

/// Removes the value from serde's message about a wrong type: it may be a password.
fn without_value(message: &str) -> String {
    let shown = message.find(['"', '`']).zip(message.rfind(", expected "));
    match shown.filter(|_| message.starts_with("invalid ")) {
        Some((value, expected)) => {
            format!("{}{}", message[..value].trim_end(), &message[expected..])
        }
        None => message.to_owned(),
    }
}

/// The buffer of hyper's HTTP/1 parser has 408 KiB, so hyper never reads a longer head.
const MAX_HEAD_BYTES: u32 = 384 << 10;

pub(super) fn head_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        bytes if bytes > MAX_HEAD_BYTES => Err(D::Error::custom("must be at most 393216")),
        bytes => Ok(bytes),
    }
}

pub(super) fn millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    at_least_1(u32::deserialize(deserializer)?)
}

pub(super) fn optional_millis<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    Option::deserialize(deserializer)?.map(at_least_1).transpose()
}

pub(super) fn optional_millis_or_zero<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    let millis: Option<u32> = Option::deserialize(deserializer)?;
    Ok(millis.map(|millis| Duration::from_millis(u64::from(millis))))
}

fn at_least_1<E: Error>(millis: u32) -> Result<Duration, E> {
    match millis {
        0 => Err(E::custom("must be at least 1")),
        millis => Ok(Duration::from_millis(u64::from(millis))),
    }
}

/// `null` means no folder. An empty path is an error: it would mean the process's current folder.
pub(super) fn folder<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<PathBuf>, D::Error> {
    let folder: Option<PathBuf> = Option::deserialize(deserializer)?;
    match folder {
        Some(folder) if folder.as_os_str().is_empty() => Err(D::Error::custom("must not be empty")),
        folder => Ok(folder),
    }
}

/// Reads a struct from an object only. serde alone would take an array as well.
pub(super) fn object<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Object<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }

    deserializer.deserialize_map(Object(PhantomData))
}
