//! `geo:` URIs (RFC 5870), read strictly: what becomes part of a link must be two numbers and nothing else.

/// Digits behind the point that are kept: a tenth of a metre.
const DECIMALS: usize = 6;

/// Latitude and longitude in degrees, in one spelling; `None` if it is anything but a place on Earth.
pub fn place(uri: &str) -> Option<(String, String)> {
    let scheme = uri.get(..4)?;
    let rest = uri.get(4..).filter(|_| scheme.eq_ignore_ascii_case("geo:"))?;
    let mut parts = rest.split(';');
    let mut numbers = parts.next()?.split(',');
    let (latitude, longitude) = (degrees(numbers.next()?, 90.0)?, degrees(numbers.next()?, 180.0)?);
    // A height may follow, and nothing else.
    let height = numbers.next();
    if numbers.next().is_some() || height.is_some_and(|height| number(height).is_none()) {
        return None;
    }
    // Other worlds than WGS 84 have other degrees.
    let is_foreign = |part: &str| {
        part.split_once('=')
            .is_some_and(|(name, value)| name.eq_ignore_ascii_case("crs") && !value.eq_ignore_ascii_case("wgs84"))
    };
    (!parts.any(is_foreign)).then_some((latitude, longitude))
}

fn degrees(text: &str, most: f64) -> Option<String> {
    let value = number(text).filter(|value| value.abs() <= most)?;
    let text = format!("{value:.DECIMALS$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    Some(if text == "-0" { "0".to_owned() } else { text.to_owned() })
}

/// Digits with at most one point and a minus; no exponents, infinities or spaces.
fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
        && digits.len() <= 24;
    if is_plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_two_numbers_and_anything_else_is_none() {
        for (uri, expected) in [
            ("geo:52.5163,13.3777", Some(("52.5163", "13.3777"))),
            ("GEO:52.5163,13.3777,35;u=35;crs=WGS84", Some(("52.5163", "13.3777"))),
            ("geo:-33.8568,-151.2153", Some(("-33.8568", "-151.2153"))),
            ("geo:0,-0.0000001", Some(("0", "0"))),
            ("geo:90,180", Some(("90", "180"))),
            ("geo:91,0", None),
            ("geo:1,181", None),
            ("geo:1", None),
            ("geo:1,2,3,4", None),
            ("geo:1,2,high", None),
            ("geo:1e1,2", None),
            ("geo:inf,nan", None),
            ("geo:1, 2", None),
            ("geo:1,2&zoom=3", None),
            ("geo:1,2;crs=mars", None),
            ("http:1,2", None),
            ("", None),
            ("gé:1,2", None),
        ] {
            let expected = expected.map(|(latitude, longitude)| (latitude.to_owned(), longitude.to_owned()));
            assert_eq!(place(uri), expected, "{uri}");
        }
    }
}
