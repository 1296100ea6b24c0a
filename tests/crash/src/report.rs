//! What each run prints: enough to repeat it.

/// The commit that the workspace stands on, marked where there are changes beside it.
pub fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output =
            std::process::Command::new("git").args(arguments).current_dir(ticketroom_e2e::process::project()).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
    };
    let changed = if git(&["status", "--porcelain", "--untracked-files=no"]).is_empty() { "" } else { " and changes" };
    format!("{}{changed}", git(&["rev-parse", "--short=12", "HEAD"]))
}
