//! How mail programs mark what is quoted: lines of theirs, by their words in the languages we meet.

/// "On Monday, Anna wrote:" and the like, as it stands over a quote.
pub fn is_attribution(line: &str) -> bool {
    const WROTE: [&str; 22] = [
        "wrote",
        "schrieb",
        "écrit",
        "escribió",
        "ha scritto",
        "schreef",
        "skrev",
        "escreveu",
        "napisał",
        "написал",
        "пишет",
        "yazdı",
        "写道",
        "写",
        "書きました",
        "kirjoitti",
        "napsal",
        "írta",
        "a scris",
        "έγραψε",
        "작성",
        "คนเขียน",
    ];
    let line = line.trim();
    if !line.ends_with([':', '：']) || line.len() > 400 {
        return false;
    }
    let has_number = line.bytes().any(|b| b.is_ascii_digit());
    let has_address = line.contains('@');
    let has_time = line.split_whitespace().any(is_time);
    let has_year = line.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() == 4 && run.starts_with("20"));
    let says_wrote = WROTE.iter().any(|word| line.contains(word));
    (says_wrote && (has_number || has_address)) || (has_time && (has_year || has_address))
}

fn is_time(word: &str) -> bool {
    let Some((hours, rest)) = word.split_once(':') else { return false };
    let is_short = |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    is_short(hours) && rest.len() >= 2 && rest.bytes().take(2).all(|b| b.is_ascii_digit())
}

/// "-----Original Message-----": all that follows is the past.
pub fn is_original_message(line: &str) -> bool {
    const WORDS: [&str; 9] = [
        "original message",
        "ursprüngliche nachricht",
        "originalnachricht",
        "original-nachricht",
        "message d'origine",
        "mensaje original",
        "messaggio originale",
        "oorspronkelijk bericht",
        "original appointment",
    ];
    let line = line.trim();
    line.starts_with("--") && line.len() < 100 && contains_any(line, &WORDS)
}

/// Somebody passes a mail on: then what looks like the past is what they want to say.
pub fn is_forward(line: &str) -> bool {
    const WORDS: [&str; 8] = [
        "forwarded message",
        "weitergeleitete nachricht",
        "message transféré",
        "mensaje reenviado",
        "messaggio inoltrato",
        "doorgestuurd bericht",
        "anfang der weitergeleiteten",
        "forwarded by",
    ];
    line.len() < 120 && contains_any(line, &WORDS)
}

/// The block of "From: … Sent: … To: … Subject: …" that Outlook puts over the past, at the start of these lines.
pub fn is_header<'a>(mut lines: impl Iterator<Item = &'a str>) -> bool {
    const FROM: [&str; 9] = ["from", "von", "de", "da", "van", "fra", "från", "od", "от"];
    const OTHERS: [&str; 32] = [
        "sent",
        "date",
        "to",
        "cc",
        "subject",
        "gesendet",
        "datum",
        "an",
        "betreff",
        "envoyé",
        "à",
        "objet",
        "enviado",
        "fecha",
        "para",
        "asunto",
        "inviato",
        "data",
        "a",
        "oggetto",
        "verzonden",
        "aan",
        "onderwerp",
        "sendt",
        "til",
        "emne",
        "skickat",
        "till",
        "ämne",
        "wysłano",
        "do",
        "temat",
    ];
    let starts_with = |line: &str, labels: &[&str]| {
        line.split_once(':').is_some_and(|(label, rest)| {
            let label = label.trim_matches(|c: char| c.is_whitespace() || c == '*').to_lowercase();
            !rest.trim().is_empty() && labels.contains(&label.as_str())
        })
    };
    lines.next().is_some_and(|line| starts_with(line, &FROM))
        && lines.take(5).filter(|line| starts_with(line, &OTHERS)).count() >= 2
}

/// What phones put under every mail.
pub fn is_phone_signature(line: &str) -> bool {
    const STARTS: [&str; 12] = [
        "sent from my ",
        "sent from mail for",
        "sent from outlook",
        "get outlook for",
        "von meinem iphone",
        "von meinem ipad",
        "von meinem samsung",
        "gesendet von mail für",
        "gesendet mit der",
        "diese nachricht wurde von meinem",
        "envoyé de mon ",
        "holen sie sich outlook für",
    ];
    let line = line.trim().to_lowercase();
    line.len() < 120 && STARTS.iter().any(|start| line.starts_with(start))
}

/// The line over a signature. Its blank is often lost on the way.
pub fn is_signature_mark(line: &str) -> bool {
    line.trim() == "--"
}

/// Whether such a line has its blank, in plain text or in HTML.
pub fn has_marked_signature(text: &str) -> bool {
    const BLANKS: [&str; 4] = ["&nbsp;", "&#160;", "\u{a0}", " "];
    const ENDS: [&str; 5] = ["\n", "\r", "<br", "</p", "</div"];
    text.match_indices("--").any(|(at, mark)| {
        let before = text.get(..at).unwrap_or_default();
        let mut rest = text.get(at + mark.len()..).unwrap_or_default();
        let all = rest.len();
        while let Some(after) = BLANKS.iter().find_map(|blank| rest.strip_prefix(blank)) {
            rest = after;
        }
        let ends = rest.is_empty() || ENDS.iter().any(|end| rest.starts_with(end));
        ends && rest.len() < all && (before.is_empty() || before.ends_with(['\n', '>']))
    })
}

/// A line that only separates.
pub fn is_separator(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 5 && line.chars().all(|c| matches!(c, '_' | '-' | '=' | '*' | '―' | '─'))
}

fn contains_any(line: &str, words: &[&str]) -> bool {
    let line = line.to_lowercase();
    words.iter().any(|word| line.contains(word))
}
