//! Files: what passes is on the list, and what is told of it is within its bounds.

use std::sync::LazyLock;

use ticketroom::files::{KINDS, Look, Rules, Spool, carried_name, check as gate, hear, is_bomb, look};
use ticketroom::text::{ending, file_name};

use crate::text;

struct Place {
    spool: Spool,
    runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

/// In memory, where there is such a folder.
static PLACE: LazyLock<Place> = LazyLock::new(|| {
    let shared = std::path::Path::new("/dev/shm");
    let folder = if shared.is_dir() { tempfile::tempdir_in(shared) } else { tempfile::tempdir() }.unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    Place { spool: Spool::open(folder.path()).unwrap(), runtime, _folder: folder }
});

pub fn check(data: &[u8]) {
    let Some((name, content)) = data.split_first() else { return };
    let endings = [
        "png", "jpg", "gif", "ogg", "m4a", "mp3", "flac", "wav", "aac", "txt", "docx", "xls", "pdf", "", "webm", "mka",
        "mkv",
    ];
    let name = format!("x.{}", endings[usize::from(*name) % endings.len()]);
    let spooled = PLACE.runtime.block_on(async {
        let mut spooling = PLACE.spool.begin(1 << 20).await.unwrap();
        spooling.write(content).await.unwrap();
        spooling.finish().await.unwrap()
    });
    let clean = file_name(&text(content));
    assert!(
        !clean.is_empty() && clean.len() <= 240 && !clean.contains(['/', '\\', '\0', '\n', '\r', '"']),
        "{clean:?}"
    );
    // A cut may leave a blank before what is the ending then; that ending stays, for by it the file is let through.
    let again = file_name(&clean);
    assert_eq!((ending(&again), file_name(&again)), (ending(&clean), again.clone()));
    let seen = look(spooled.path()).unwrap();
    let rules = Rules::default();
    let Ok(checked) = gate(seen.clone(), &name, spooled.size_bytes(), &rules) else { return };
    assert!(rules.allow(checked.kind));
    assert_eq!(seen, Look::Known(checked.kind));
    let carried = carried_name(&clean, checked.kind);
    let is_known = |ending: &str| KINDS.iter().any(|kind| kind.endings.contains(&ending.to_ascii_lowercase().as_str()));
    assert!(ending(&carried).is_some_and(is_known) && ending(&file_name(&carried)) == ending(&carried), "{carried:?}");
    let bomb = is_bomb(spooled.path(), checked.kind).unwrap();
    if let Some(sound) = hear(spooled.path(), checked.kind).unwrap() {
        assert!(
            sound.duration_ms > 0 && sound.waveform.len() <= 100 && sound.waveform.iter().all(|loud| *loud <= 1024)
        );
    }
    if bomb {
        return;
    }
    let shown = ticketroom::files::Shown::look(name, checked.kind, spooled).unwrap();
    if let Some(picture) = &shown.picture {
        assert!(u64::from(picture.width) * u64::from(picture.height) <= 100_000_000);
        if let Some(small) = &picture.thumbnail {
            assert!(small.width <= 800 && small.height <= 800 && !small.bytes.is_empty());
        }
    }
}
